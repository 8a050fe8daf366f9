import { dayId, yearOf } from '../calendar/utc-time.ts';
import type { StoreAction } from '../record/actions.ts';
import type { Holding } from '../record/holding.ts';
import type { Instant } from '../record/ids.ts';

const DAY = 86_400_000;

/** From the day of the census on, this many days have a bin each. What goes later is counted by month. */
export const FORECAST_DAYS = 400;
/** From this year on there is one bin for all. */
const LATER_YEAR = 2200;

/** Bins that are no date. */
export const DUE = 'due';
export const HELD = 'held';
export const LATER = 'later';
const NO_DATE = 'no-date:';

/**
 * How many holdings of one kind go when. A bin is a UTC day (`YYYY-MM-DD`), a month (`YYYY-MM`), `later`, `due` (the date
 * was before the day of the census), `held` (it came due, and a legal hold keeps it), or `no-date:` and the reason.
 * There are at most 400 days and 2,400 months, however many holdings there are.
 */
export interface ForecastSeries {
  readonly store: string;
  /** The policy of the category; empty where no policy covers it any more. */
  readonly policy: string;
  /** The first of the holding's categories, by name. */
  readonly category: string;
  /** What is done next. Absent where there is no date. */
  readonly action?: StoreAction;
  readonly bins: Readonly<Record<string, number>>;
}

/** The bin of a holding that is not disposed of. `day`: the UTC day of the census. */
export function binOf({ state, decision, parked, kept }: Holding, day: string): string {
  if (state === 'pending') return `${NO_DATE}not-planned`;
  if (decision?.actAt === undefined)
    return `${NO_DATE}${decision?.reason ?? decision?.status ?? 'not-planned'}`;
  if (parked !== undefined) return HELD;
  // Nothing is left of it but records that are counted on their own.
  if (kept !== undefined) return `${NO_DATE}kept`;
  return dateBin(decision.actAt, Date.parse(day));
}

/** The bin of what goes then. `start`: where the day of the census begins. */
export function dateBin(actAt: Instant, start: Instant): string {
  if (actAt < start) return DUE;
  if (yearOf(actAt) >= LATER_YEAR) return LATER;
  return actAt < start + FORECAST_DAYS * DAY ? dayId(actAt) : dayId(actAt).slice(0, 'YYYY-MM'.length);
}

/** The bin of what has no date for this reason. */
export function noDateBin(reason: string): string {
  return `${NO_DATE}${reason}`;
}

/** Why the holdings of this bin have no date; nothing if it is another bin. */
export function noDateReason(bin: string): string | undefined {
  return bin.startsWith(NO_DATE) ? bin.slice(NO_DATE.length) : undefined;
}

/** One series for each store, policy, category and action, in this order, with the sums of the bins. */
export function mergedSeries(all: readonly ForecastSeries[]): ForecastSeries[] {
  const groups = Map.groupBy(all, ({ store, policy, category, action = '' }) =>
    JSON.stringify([store, policy, category, action]),
  );
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      const bins = new Map<string, number>();
      for (const one of same)
        for (const [bin, count] of Object.entries(one.bins)) bins.set(bin, (bins.get(bin) ?? 0) + count);
      return [{ ...first, bins: Object.fromEntries([...bins].toSorted(([a], [b]) => (a < b ? -1 : 1))) }];
    });
}

/** Names of a series weigh about as much as this many of its bins. */
const NAMES_WEIGH = 12;
/** About 60 kB stored. */
const MOST_IN_PART = 4000;

/** The series in parts that fit into one item each. At least one part, so that a census of nothing is a census, too. */
export function forecastParts(series: readonly ForecastSeries[]): readonly (readonly ForecastSeries[])[] {
  const parts: ForecastSeries[][] = [];
  let part: ForecastSeries[] = [];
  let weight = 0;
  for (const one of series) {
    const more = NAMES_WEIGH + Object.keys(one.bins).length;
    if (weight + more > MOST_IN_PART && part.length > 0) {
      parts.push(part);
      part = [];
      weight = 0;
    }
    part.push(one);
    weight += more;
  }
  return [...parts, part];
}
