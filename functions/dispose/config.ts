import * as z from 'zod';
import {
  exportVariables,
  keyVariables,
  queueVariables,
  registryVariables,
  timerVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...keyVariables,
  ...timerVariables,
  /** Copies of the lane's records go there. */
  ...exportVariables,
  ...queueVariables.seal,
  /** The lane's own queue: a chunk with something left is rung again. */
  LANE_QUEUE_URL: z.url(),
  /** The store's name. */
  LANE: z.string().min(1),
  /** `none`, `iam` for an RDS token, or the ARN of a secret. */
  DATABASE_LOGIN: z.union([z.enum(['none', 'iam']), z.templateLiteral(['arn:', z.string()])]),
});
