import { dayId } from '../calendar/utc-time.ts';
import { DUE, FORECAST_DAYS, HELD, LATER, noDateReason, type ForecastSeries } from './forecast.ts';

const DAY = 86_400_000;

/** Holdings that go from the first of these UTC days to the last. */
export interface ForecastSpan {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface ForecastTotals {
  /** In order, without those that are empty. */
  readonly spans: readonly ForecastSpan[];
  readonly due: number;
  readonly held: number;
  /** After the last span. */
  readonly later: number;
  readonly noDate: Readonly<Record<string, number>>;
}

export interface ForecastView {
  /** The UTC day of the census. */
  readonly day: string;
  readonly by: 'day' | 'week';
  /** What goes after this UTC day is counted in `later`. A month is not cut: it is shown if it begins before. */
  readonly until?: string;
}

/** A series as it is shown: each holding in one number. Weeks begin on Monday, the first one on the day of the census. */
export function totalsOf({ bins }: Pick<ForecastSeries, 'bins'>, view: ForecastView): ForecastTotals {
  const counts = { [DUE]: 0, [HELD]: 0, [LATER]: 0 };
  const spans = new Map<string, ForecastSpan>();
  const noDate: Record<string, number> = {};
  for (const [bin, count] of Object.entries(bins)) {
    const reason = noDateReason(bin);
    if (reason !== undefined) noDate[reason] = count;
    else if (bin === DUE || bin === HELD || bin === LATER) counts[bin] += count;
    else {
      const span = spanOf(bin, view);
      if (span === undefined) counts[LATER] += count;
      else spans.set(span.from, { ...span, count: count + (spans.get(span.from)?.count ?? 0) });
    }
  }
  const inOrder = [...spans.values()].toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return { spans: inOrder, due: counts[DUE], held: counts[HELD], later: counts[LATER], noDate };
}

/** All spans up to the last one that has holdings, with the empty ones between. */
export function withEmpty(spans: readonly ForecastSpan[], view: ForecastView): readonly ForecastSpan[] {
  const known = new Map(spans.map((span) => [span.from, span]));
  const last = spans.at(-1)?.from ?? '';
  const all: ForecastSpan[] = [];
  let next = view.day;
  while (next <= last) {
    const bin = next < horizonOf(view.day) ? next : next.slice(0, 'YYYY-MM'.length);
    const span = spanOf(bin, { day: view.day, by: view.by });
    if (span === undefined) break;
    all.push(known.get(span.from) ?? { ...span, count: 0 });
    next = dayAfter(span.to);
  }
  return all;
}

/** The bins of another day as a forecast of this day has them: what was to go before it is due. */
export function asOfDay(bins: ForecastSeries['bins'], day: string): ForecastSeries['bins'] {
  const horizon = horizonOf(day);
  const month = (of: string): string => of.slice(0, 'YYYY-MM'.length);
  const moved = new Map<string, number>();
  for (const [bin, count] of Object.entries(bins)) {
    let name = bin;
    if (isDay(bin)) name = bin < day ? DUE : bin < horizon ? bin : month(bin);
    else if (isMonth(bin) && bin < month(horizon)) name = month(horizon);
    moved.set(name, (moved.get(name) ?? 0) + count);
  }
  return Object.fromEntries(moved);
}

/** The bin of the week instead of the day: its Monday, but not before the first day. Other bins stay as they are. */
export function weekBin(bin: string, day: string): string {
  return isDay(bin) ? later(mondayOf(bin), day) : bin;
}

function isDay(bin: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(bin);
}

function isMonth(bin: string): boolean {
  return /^\d{4}-\d\d$/.test(bin);
}

/** The first day that has no bin of its own. */
function horizonOf(day: string): string {
  return dayId(Date.parse(day) + FORECAST_DAYS * DAY);
}

function spanOf(
  bin: string,
  { day, by, until }: ForecastView,
): Pick<ForecastSpan, 'from' | 'to'> | undefined {
  const horizon = horizonOf(day);
  if (bin.length === 'YYYY-MM'.length) {
    const from = later(`${bin}-01`, horizon);
    return until !== undefined && from > until ? undefined : { from, to: endOfMonth(bin) };
  }
  if (until !== undefined && bin > until) return undefined;
  if (by === 'day') return { from: bin, to: bin };
  const monday = mondayOf(bin);
  const sunday = dayId(Date.parse(monday) + 6 * DAY);
  const ends = [sunday, dayId(Date.parse(horizon) - DAY), ...(until === undefined ? [] : [until])];
  return { from: later(monday, day), to: ends.toSorted()[0] ?? sunday };
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function dayAfter(day: string): string {
  return dayId(Date.parse(day) + DAY);
}

function mondayOf(day: string): string {
  const at = Date.parse(day);
  // Day 0 was a Thursday.
  const sinceMonday = (at / DAY + 3) % 7;
  return dayId(at - sinceMonday * DAY);
}

function endOfMonth(month: string): string {
  return dayId(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0));
}
