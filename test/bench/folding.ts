import { emptyState, refold } from '../../shared/domain/facts/fold.ts';
import { FACT_SHAPES } from '../support/rules/fact-shapes.ts';
import { PROFILE } from '../support/rules/arbitrary-facts.ts';
import type { CountedLimit } from './counted-limits.ts';

const FACTS = 16_000;

/** CPU time of folding the whole history of an entity, forwards and backwards, in the shape that takes longest. */
export function foldingLimits(): CountedLimit[] {
  const slowest = Object.entries(FACT_SHAPES)
    .flatMap(([shape, facts]) =>
      [facts(FACTS), facts(FACTS).toReversed()].map((history) => {
        const before = process.cpuUsage();
        refold(emptyState(PROFILE), history, PROFILE);
        const { user, system } = process.cpuUsage(before);
        return { shape, measured: Math.round((user + system) / 1000) };
      }),
    )
    .toSorted((a, b) => b.measured - a.measured)[0];
  if (slowest === undefined) throw new Error('nothing to fold');
  return [
    {
      what: `folding ${FACTS.toLocaleString('en')} facts (${slowest.shape}): ms of CPU`,
      measured: slowest.measured,
      limit: 1000,
    },
  ];
}
