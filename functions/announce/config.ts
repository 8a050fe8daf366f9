import * as z from 'zod';
import { queueVariables } from '../../shared/runtime/environment-parts.ts';

export const Environment = z.object({ ...queueVariables.sweep });
