import * as z from 'zod';
import {
  keepingVariables,
  logVariables,
  registryVariables,
  signingVariables,
} from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({
  ...registryVariables,
  ...logVariables,
  ...keepingVariables,
  ...signingVariables,
});
