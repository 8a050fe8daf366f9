import * as z from 'zod';
import {
  keyVariables,
  logVariables,
  queueVariables,
  registryVariables,
  timerVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...keyVariables,
  ...logVariables,
  ...timerVariables,
  ...queueVariables.seal,
  /** The store's name. */
  LANE: z.string().min(1),
  /** `none`, `iam` for an RDS token, or the ARN of a secret. */
  DATABASE_LOGIN: z.union([z.enum(['none', 'iam']), z.templateLiteral(['arn:', z.string()])]),
});
