import { forecastParts, type ForecastSeries } from '../../domain/forecast/forecast.ts';
import type { CensusPage } from '../../ports/upkeep.ts';

/** Between the name of what was stored in parts and the number of a part. */
const PART = '/';

/** The series of all segments of a census lie together. */
export function forecastRun(census: string): string {
  return `${census}/forecast`;
}

/** In order within their segment. */
export function forecastPage(segment: number, part: number): string {
  return partName(String(segment), part);
}

export function segmentOf(page: string): string {
  return page.slice(0, page.indexOf(PART));
}

/** What one page of the walk says, in items that do not grow too large. All but the series is in the first one. */
export function partsOfPage({ forecast = [], ...rest }: CensusPage): readonly CensusPage[] {
  return numbered(forecast).map(({ forecast: own, index, more }) => ({
    ...(index === 0 ? rest : { ...rest, page: partName(rest.page, index), counts: [], listed: new Map() }),
    forecast: own,
    ...more,
  }));
}

/** The forecast of a segment, in items that do not grow too large. */
export function partsOfSegment(
  census: string,
  segment: number,
  series: readonly ForecastSeries[],
): readonly Omit<CensusPage, 'at'>[] {
  return numbered(series).map(({ forecast, index, more }) => ({
    run: forecastRun(census),
    page: forecastPage(segment, index),
    counts: [],
    listed: new Map(),
    forecast,
    ...more,
  }));
}

function numbered(series: readonly ForecastSeries[]) {
  return forecastParts(series).map((forecast, index, all) => ({
    forecast,
    index,
    more: index < all.length - 1 ? { more: true as const } : {},
  }));
}

function partName(name: string, part: number): string {
  return `${name}${PART}${String(part).padStart(6, '0')}`;
}

/** Whether this is the first part of what was stored in parts, or all of it. */
export function isFirst(page: string): boolean {
  return !page.includes(PART) || page.endsWith(partName('', 0));
}

/** What a part belongs to. */
export function nameOf(page: string): string {
  return page.split(PART)[0] ?? page;
}
