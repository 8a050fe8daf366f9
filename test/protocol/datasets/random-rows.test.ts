import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aStep, livedRows, type Seen } from '../../support/datasets/dataset-lives.ts';

const LIVES = Number(process.env.TENURE_DATASET_LIVES ?? 8);

test(
  'in random lives of rows with clocks, none goes early, none is lost, and each is told once',
  { timeout: 600_000 },
  async () => {
    const seen: Seen = { deletions: 0, logs: 0, interrupted: 0, held: 0, kept: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 10, maxLength: 40 }), async (steps) => {
        expect(await livedRows(steps, seen)).toEqual([]);
      }),
      { numRuns: LIVES },
    );
    expect(seen.deletions).toBeGreaterThan(LIVES * 10);
    expect(seen.logs).toBeGreaterThan(LIVES);
    expect(seen.interrupted).toBeGreaterThan(0);
  },
);
