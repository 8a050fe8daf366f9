import { describe, test } from 'vitest';
import { holdMix } from '../../support/holds/hold-mix.ts';
import { SCOPES, type ScopeName } from '../../support/holds/hold-world.ts';
import { expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';

/**
 * `TENURE_MODELS=all` tries 10,000 schedules, 2,000 of each scope. `TENURE_SEED` tries others. The report of a failure
 * names its seed, with which the same schedules come again, and has the shortest schedule that is wrong, step by step.
 */
const IS_ALL = process.env['TENURE_MODELS'] === 'all';
const SCHEDULES = IS_ALL ? 2000 : 200;
const SEED = process.env['TENURE_SEED'];

describe('workers, sweeps, holds, releases, an extension, a registration and a withdrawal at the same time', () => {
  test.each(Object.keys(SCOPES) as ScopeName[])(
    'nothing is acted on under a hold, and nothing is forgotten: %s',
    { timeout: IS_ALL ? 1_800_000 : 300_000 },
    async (scope) => {
      const options = {
        schedules: SCHEDULES,
        enough: 100,
        ...(SEED !== undefined && { seed: Number(SEED) }),
      };
      expectNothingWrong(`all at once, ${scope}`, await exploreSample(() => holdMix(scope), options));
    },
  );
});
