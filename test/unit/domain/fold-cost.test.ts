import { Session } from 'node:inspector/promises';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { emptyState, refold } from '../../../shared/domain/facts/fold.ts';
import { PROFILE } from '../../support/rules/arbitrary-facts.ts';
import { FACT_SHAPES } from '../../support/rules/fact-shapes.ts';

/** How often any piece of code of the fold ran, as the engine counts it: the same number on every machine. */
async function stepsOf(history: readonly Fact[]): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    refold(emptyState(PROFILE), history, PROFILE);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ranges = result
      .filter(({ url }) => url.includes('/shared/domain/facts/'))
      .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  } finally {
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

describe('folding a history of sixteen times the length takes hardly more steps for each fact:', () => {
  test.for(Object.entries(FACT_SHAPES))('%s', async ([, facts]) => {
    for (const order of [(list: readonly Fact[]) => list, (list: readonly Fact[]) => list.toReversed()]) {
      const few = await stepsOf(order(facts(500)));
      const many = await stepsOf(order(facts(8000)));
      expect(few).toBeGreaterThan(500);
      // Sorting takes n log n.
      expect(many / few).toBeLessThan(16 * 1.5);
    }
  });
});
