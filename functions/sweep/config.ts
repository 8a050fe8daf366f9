import * as z from 'zod';
import { queueVariables, registryVariables, timerVariables } from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  /** Heartbeats go the way that events go. */
  BUS_NAME: z.string().min(1),
  ...timerVariables,
  ...queueVariables.sweep,
  ...queueVariables.seal,
  /** `crm=<queue> shop=<queue>`: names, because the URLs of forty queues do not fit into a function's environment. */
  LANE_QUEUE_NAMES: z
    .string()
    .regex(/^([a-z][a-z0-9-]*=[\w.-]+( |$))*$/)
    .transform((text) =>
      Object.fromEntries(
        text
          .split(' ')
          .filter((pair) => pair !== '')
          .map((pair): [string, string] => {
            const [store = '', queue = ''] = pair.split('=');
            return [store, queue];
          }),
      ),
    ),
});

/** Queue URLs of one account and region differ only in the last part. */
export function laneUrls(
  sweepQueueUrl: string,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const place = sweepQueueUrl.slice(0, sweepQueueUrl.lastIndexOf('/') + 1);
  return Object.fromEntries(Object.entries(names).map(([store, queue]) => [store, `${place}${queue}`]));
}
