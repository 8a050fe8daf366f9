import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aStep, lived, type Seen } from '../../support/pages/row-lives.ts';

const LIVES = Number(process.env.TENURE_ROW_LIVES ?? 40);

test(
  'in random lives of rows, registered or not, none goes early, none is lost, and each is told once',
  { timeout: 600_000 },
  async () => {
    const seen: Seen = { deletions: 0, pages: 0, interrupted: 0, kept: 0, singles: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 10, maxLength: 40 }), async (steps) => {
        expect(await lived(steps, seen)).toEqual([]);
      }),
      { numRuns: LIVES },
    );
    expect(seen.deletions).toBeGreaterThan(LIVES * 10);
    expect(seen.pages).toBeGreaterThan(LIVES);
    expect(Math.min(seen.interrupted, seen.kept, seen.singles)).toBeGreaterThan(0);
  },
);
