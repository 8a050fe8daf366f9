import type { Tokens } from '../../ports/tokens.ts';

/** Numbered tokens: a repeated run gives the same ones. */
export function memoryTokens(prefix = 'token'): Tokens {
  let given = 0;
  return {
    next() {
      given += 1;
      return `${prefix}-${String(given).padStart(6, '0')}`;
    },
  };
}
