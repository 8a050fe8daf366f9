import * as z from 'zod';
import { queueVariables, registryVariables, timerVariables } from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...timerVariables,
  ...queueVariables.sweep,
  ...queueVariables.seal,
  /** URLs of the lanes' queues by store, as JSON. */
  LANE_QUEUE_URLS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.url())),
});
