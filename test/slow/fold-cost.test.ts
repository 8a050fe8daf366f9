import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../shared/domain/facts/facts.ts';
import { emptyState, refold } from '../../shared/domain/facts/fold.ts';
import { PROFILE } from '../support/rules/arbitrary-facts.ts';
import { FACT_SHAPES } from '../support/rules/fact-shapes.ts';

// Optimised code does not count its calls. Each test file runs in its own process, so no other is slowed down.
for (const flag of ['--no-opt', '--no-maglev']) setFlagsFromString(flag);

/** How often any piece of code in these files ran, as the engine counts it: the same number on every machine. */
async function stepsOf(files: string, work: () => void): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ranges = result
      .filter(({ url }) => url.includes(files))
      .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  } finally {
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

const folding = (history: readonly Fact[]): Promise<number> =>
  stepsOf('/shared/domain/facts/', () => void refold(emptyState(PROFILE), history, PROFILE));

describe('folding a history of sixteen times the length takes hardly more steps for each fact:', () => {
  test.for(Object.entries(FACT_SHAPES))('%s', async ([, facts]) => {
    for (const order of [(list: readonly Fact[]) => list, (list: readonly Fact[]) => list.toReversed()]) {
      const few = await folding(order(facts(500)));
      const many = await folding(order(facts(8000)));
      expect(few).toBeGreaterThan(500);
      // Sorting takes n log n.
      expect(many / few).toBeLessThan(16 * 1.5);
    }
  });
});

test('the counter counts every call, so that work for each pair of facts would be seen', async () => {
  const pairs = (count: number): Promise<number> =>
    stepsOf('/fold-cost.test.ts', () => {
      const list = Array.from({ length: count }, (_, n) => n);
      for (const one of list) list.some((other) => other > one + count);
    });
  expect((await pairs(4000)) / (await pairs(250))).toBeGreaterThan(16 * 10);
});
