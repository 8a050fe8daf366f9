import * as z from 'zod';
import {
  exportVariables,
  keyVariables,
  logVariables,
  queueVariables,
  registryVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...keyVariables,
  ...queueVariables.ingest,
  ...queueVariables.sweep,
  BUS_NAME: z.string().min(1),
  ...exportVariables,
  ...logVariables,
});
