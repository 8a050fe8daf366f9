import { randomBytes } from 'node:crypto';
import type { Tokens } from '../ports/tokens.ts';

/** 128 bits from the system's generator. */
export function randomTokens(): Tokens {
  return { next: () => randomBytes(16).toString('base64url') };
}
