import { expect, test } from 'vitest';
import { holdLife } from '../../support/holds/hold-life.ts';

/** `TENURE_MODELS=all` lives 300 lives, `TENURE_SEED` others. The report of a failure has all that happened in that life. */
const LIVES = process.env['TENURE_MODELS'] === 'all' ? 300 : 12;
const FIRST = Number(process.env['TENURE_SEED'] ?? 1);
const OPERATIONS = 40;

test(
  'whatever happens in whatever order, nothing is done under a hold, and what no hold covers goes in time',
  { timeout: 1_800_000 },
  async () => {
    for (let seed = FIRST; seed < FIRST + LIVES; seed += 1) {
      const wrong = await holdLife(seed, OPERATIONS);
      expect(wrong, `seed ${seed}\n${wrong.join('\n')}`).toEqual([]);
    }
  },
);
