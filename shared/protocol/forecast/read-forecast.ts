import { coversRecord, type WideHold } from '../../domain/record/hold.ts';
import { pages } from '../../domain/each.ts';
import type { ForecastSeries } from '../../domain/forecast/forecast.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { SEGMENTS } from '../walk.ts';
import { forecastRun, segmentOf } from './census-parts.ts';
import { NOTHING_YET, withParts } from './sum-parts.ts';

export interface Forecast {
  readonly census: string;
  /** When the last segment ended. */
  readonly ended: Instant;
  /** In the order of store, policy, category and action; each once. */
  readonly series: readonly ForecastSeries[];
}

/** What the newest census that has ended, or the named one, says of what goes when. Nothing if it has no forecast. */
export async function readForecast(
  { registry }: Pick<Core, 'registry'>,
  named?: string,
): Promise<Forecast | undefined> {
  const census = named ?? (await registry.newestCensus());
  if (census === undefined) return undefined;
  let sum = NOTHING_YET;
  let ended = 0;
  const segments = new Set<string>();
  for await (const { items } of pages((after) => registry.census(forecastRun(census), after))) {
    sum = withParts(sum, items);
    for (const { page, at = 0 } of items) {
      segments.add(segmentOf(page));
      ended = Math.max(ended, at);
    }
  }
  // A former release writes none.
  if (segments.size < SEGMENTS || sum.forecast === undefined) return undefined;
  return { census, ended, series: sum.forecast };
}

/**
 * Whether a legal hold on more than one entity keeps what this series says now. A hold on an entity is seen when its
 * records come due. Of a record of several categories, the first one counts.
 */
export function isKept(
  { store, policy, category, action }: ForecastSeries,
  holds: readonly WideHold[],
): boolean {
  if (action === undefined || action === 'lift') return false;
  const record = { store, categories: [category], policies: [policy] };
  return holds.some(
    (hold) =>
      hold.kind === 'hold' &&
      hold.state === 'placed' &&
      (action !== 'restrict' || hold.freeze === true) &&
      coversRecord(hold, record),
  );
}
