import type { WideHold } from '../../domain/record/hold.ts';
import { forecastParts, type ForecastSeries, mergedSeries } from '../../domain/forecast/forecast.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { CensusPage, CensusPart } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { SEGMENTS } from '../walk.ts';

/** The series of all segments of a census lie together. */
export function forecastRun(census: string): string {
  return `${census}/forecast`;
}

/** In order within their segment. */
export function forecastPage(segment: number, part: number): string {
  return `${segment}/${String(part).padStart(6, '0')}`;
}

/**
 * The forecast of a segment as it is stored, of the pages that its walk has left. None if a former release wrote one of
 * them: it would not be whole.
 */
export function partsOfSegment(
  census: string,
  segment: number,
  pages: readonly CensusPart[],
): readonly Omit<CensusPage, 'at'>[] {
  if (pages.some(({ at }) => at === undefined)) return [];
  const parts = forecastParts(mergedSeries(pages.flatMap(({ forecast }) => forecast)));
  return parts.map((forecast, index) => ({
    run: forecastRun(census),
    page: forecastPage(segment, index),
    counts: [],
    listed: new Map(),
    forecast,
    ...(index < parts.length - 1 && { more: true as const }),
  }));
}

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
  const stored = await registry.census(forecastRun(census));
  const bySegment = Array.from({ length: SEGMENTS }, (_, segment) =>
    upToLast(stored.filter(({ page }) => page.startsWith(`${segment}/`))),
  );
  // A former release writes none.
  if (bySegment.some((parts) => parts.length === 0)) return undefined;
  const parts = bySegment.flat();
  return {
    census,
    ended: Math.max(...parts.map(({ at = 0 }) => at)),
    series: mergedSeries(parts.flatMap(({ forecast }) => forecast)),
  };
}

/** A run that died may have written more parts than the one that came after it: these count for nothing. */
function upToLast(parts: readonly CensusPart[]): readonly CensusPart[] {
  const inOrder = parts.toSorted((a, b) => (a.page < b.page ? -1 : 1));
  const last = inOrder.findIndex(({ more }) => more !== true);
  return inOrder.slice(0, last + 1);
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
  return holds.some(({ kind, state, scope, freeze, categories = [] }) => {
    if (kind !== 'hold' || state !== 'placed' || (action === 'restrict' && freeze !== true)) return false;
    if ('everything' in scope) return true;
    if ('store' in scope) return scope.store === store;
    if ('category' in scope) return scope.category === category;
    return scope.policy === policy || categories.includes(category);
  });
}
