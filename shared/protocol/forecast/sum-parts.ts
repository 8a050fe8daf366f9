import { type ForecastSeries, mergedSeries } from '../../domain/forecast/forecast.ts';
import type { CensusCount, CensusPart } from '../../ports/upkeep.ts';
import { added } from '../attention.ts';
import { isFirst, nameOf } from './census-parts.ts';

/** What the parts of a census that were read so far add up to. It does not grow with them. */
export interface CensusSum {
  readonly counts: readonly CensusCount[];
  /** Nothing if a former release wrote one of them: it would not be whole. */
  readonly forecast?: readonly ForecastSeries[];
  /** Of what the next part is expected. */
  readonly open?: string;
}

export const NOTHING_YET: CensusSum = { counts: [], forecast: [] };

/**
 * With the next parts, in order of their names. A run that died may have written more parts than the one that came after it:
 * what follows the last one counts for nothing.
 */
export function withParts(sum: CensusSum, parts: readonly CensusPart[]): CensusSum {
  let { open } = sum;
  const whole = parts.filter(({ page, more }) => {
    const name = nameOf(page);
    if (!isFirst(page) && open !== name) return false;
    open = more === true ? name : undefined;
    return true;
  });
  const isKnown = sum.forecast !== undefined && parts.every(({ at }) => at !== undefined);
  return {
    counts: added([...sum.counts, ...whole.flatMap(({ counts }) => counts)]),
    ...(isKnown && {
      forecast: mergedSeries([...(sum.forecast ?? []), ...whole.flatMap(({ forecast }) => forecast)]),
    }),
    ...(open !== undefined && { open }),
  };
}
