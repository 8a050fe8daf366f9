import * as z from 'zod';
import {
  keyVariables,
  queueVariables,
  registryVariables,
  timerVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...keyVariables,
  ...timerVariables,
  ...queueVariables.ingest,
});
