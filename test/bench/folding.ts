import { emptyState, refold } from '../../shared/domain/facts/fold.ts';
import type { Fact } from '../../shared/domain/facts/facts.ts';
import { FACT_SHAPES } from '../support/rules/fact-shapes.ts';
import { PROFILE } from '../support/rules/arbitrary-facts.ts';
import type { Row } from './row.ts';

const FACTS = 16_000;
const CHAINED = 25;

/** CPU time of folding the whole history of an entity. */
export function foldingRows(): Row[] {
  const chain = FACT_SHAPES['a chain of corrections'];
  if (chain === undefined) throw new Error('there is no chain of corrections to fold');
  const slowest = Object.entries(FACT_SHAPES)
    .map(([shape, facts]) => ({ shape, milliseconds: eitherWay(facts(FACTS)) }))
    .toSorted((a, b) => b.milliseconds - a.milliseconds)[0];
  if (slowest === undefined) throw new Error('nothing to fold');
  return [
    {
      what: `folding ${FACTS.toLocaleString('en')} facts (${slowest.shape}): ms of CPU`,
      measured: slowest.milliseconds,
      limit: 1000,
    },
    {
      what: `folding ${CHAINED} corrections in a chain: ms of CPU`,
      measured: eitherWay(chain(CHAINED + 1)),
      limit: 10,
    },
  ];
}

/** In the order in which they were sent or the other way round, whichever takes longer. */
function eitherWay(history: readonly Fact[]): number {
  const taken = [history, history.toReversed()].map((facts) => {
    const before = process.cpuUsage();
    refold(emptyState(PROFILE), facts, PROFILE);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.max(...taken);
}
