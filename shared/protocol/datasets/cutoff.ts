import { localDate, roundUpToMinute, startOf } from '../../domain/calendar/calendar.ts';
import { dayId, isoUtc } from '../../domain/calendar/utc-time.ts';
import { permissiveWays, type PermissiveWay } from '../../domain/datasets/permissive-policies.ts';
import { type DefinedDataset, rowHolding, stateOfRow } from '../../domain/datasets/row-holding.ts';
import type { EntityRef, HoldingRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { NO_FLOOR } from '../../domain/record/window.ts';
import type { PlannedStage } from '../../domain/record/window.ts';
import type { Core } from '../core.ts';
import { planOf } from '../plan-of.ts';

/** No row with a later clock can be due. A row that is not later may be: it is planned before it goes. */
export interface Cutoff {
  readonly at: Instant;
  /** Of a clock that is a date: `YYYY-MM-DD`. */
  readonly date: string;
}

type Configured = Pick<Core, 'configuration'>;

const DAY = 86_400_000;
/** What clocks that were moved can put in another order. */
const CLOCK_CHANGE = 2 * 3_600_000;
/** What months of different lengths, and working days, can put in another order. */
const DAYS_OUT_OF_ORDER = 31;
const FIRST = DAY;

/**
 * The latest clock with which a row of the dataset may be due at `now`; nothing if none can be. Found by asking `planOf`
 * itself about rows whose other columns keep nothing: there is no second calendar.
 */
export function cutoffOf(core: Configured, dataset: DefinedDataset, now: Instant): Cutoff | undefined {
  const ways = permissiveWays(dataset, core.configuration.policies, now);
  const everything = { at: now, date: dayId(now + DAY) };
  // It is refused when the configuration is loaded. Every row is read then.
  if (ways === undefined) return everything;
  let [at, day]: [Instant | undefined, number | undefined] = [undefined, undefined];
  for (const way of ways) {
    const opening = openingOf(core, dataset, { way, now });
    const isDue: IsDue = (clock) => opening(clock) <= now;
    if (!way.counts) {
      if (isDue(undefined)) return everything;
      continue;
    }
    at = latest(at, latestInstant(isDue, zoneOf(way), now));
    day = latest(day, latestDay(isDue, now));
  }
  if (at === undefined && day === undefined) return undefined;
  return {
    at: Math.min((at ?? 0) + CLOCK_CHANGE, now),
    date: dayId((day ?? 0) * DAY),
  };
}

const FRESH = 60_000;
const lately = new WeakMap<
  object,
  Map<string, { readonly at: Instant; readonly cutoff: Cutoff | undefined }>
>();

/**
 * The same, remembered for a minute: attempts on one dataset follow each other, and it takes hundreds of plans. An earlier
 * cutoff only leaves out rows that became due since, and every row is planned before it goes.
 */
export function recentCutoffOf(core: Configured, dataset: DefinedDataset, now: Instant): Cutoff | undefined {
  const ofConfiguration = lately.get(core.configuration) ?? new Map();
  lately.set(core.configuration, ofConfiguration);
  const name = JSON.stringify([dataset.store, dataset.category]);
  const known = ofConfiguration.get(name);
  if (known !== undefined && known.at <= now && now < known.at + FRESH) return known.cutoff;
  const cutoff = cutoffOf(core, dataset, now);
  ofConfiguration.set(name, { at: now, cutoff });
  return cutoff;
}

type IsDue = (clock: Occurred | undefined) => boolean;

/** From when on a row may be due that says nothing but this clock, as far as the way allows; infinite if never. */
export function openingOf(
  { configuration }: Configured,
  dataset: DefinedDataset,
  { way, now }: { readonly way: PermissiveWay; readonly now: Instant },
): (clock: Occurred | undefined) => Instant {
  const { policies, jurisdiction, types, others } = way;
  const asked = { configuration: { ...configuration, policies } };
  const entities = types.map((type) => ({ type, ref: `tenure.any.${type}` as EntityRef }));
  const row = { ref: '' as HoldingRef, clocks: {}, attributes: { jurisdiction }, entities };
  const holding = rowHolding({ ...dataset, type: 'tenure.none' }, row, now);
  const refs = holding.variants.flatMap((variant) => variant.entities.map(({ ref }) => ref));
  return (clock) => {
    const clocks = { ...others, ...(clock !== undefined && { [dataset.by]: clock }) };
    const state = stateOfRow(clocks, configuration.foldProfile);
    const states = new Map(refs.map((ref) => [ref, { ...state, version: 0 }]));
    return Math.min(...planOf(asked, holding, states, now).stages.map(openFrom));
  };
}

/** A conflict keeps the row, and it may be gone for a row with other clocks. */
function openFrom({ window, actAt }: PlannedStage): Instant {
  if (window === undefined) return Infinity;
  const { notBefore, floor } = window;
  // Without a floor, a maximum alone would have all rows read from the first day on.
  if (notBefore === undefined && floor === NO_FLOOR && actAt !== undefined) return actAt;
  const from = notBefore === undefined ? floor : Math.max(roundUpToMinute(notBefore), floor);
  return Math.min(actAt ?? Infinity, from);
}

function zoneOf({ policies: { policies } }: PermissiveWay): string {
  return policies[0]?.zone ?? 'UTC';
}

function latestInstant(isDue: IsDue, zone: string, now: Instant): Instant | undefined {
  const at = (instant: Instant): boolean => isDue(isoUtc(instant) as Occurred);
  let found = lastOf(at, FIRST, now);
  if (found === undefined) return undefined;
  // Within a local day, a later clock never has an earlier date: the first instant of each of the next days decides.
  let date = localDate({ kind: 'instant', at: found }, zone);
  for (let days = 0; days < DAYS_OUT_OF_ORDER && found < now; days += 1) {
    date = date.add({ days: 1 });
    const begins = startOf({ kind: 'midnight', date: date.toString() }, zone);
    const ends = startOf({ kind: 'midnight', date: date.add({ days: 1 }).toString() }, zone) - 1;
    if (begins <= now) found = latest(found, lastOf(at, begins, Math.min(ends, now))) ?? found;
  }
  return found;
}

/** Days since 1970. */
function latestDay(isDue: IsDue, now: Instant): number | undefined {
  const on = (day: number): boolean => isDue(dayId(day * DAY) as Occurred);
  const last = Math.floor(now / DAY) + 1;
  let found = lastOf(on, 1, last);
  if (found === undefined) return undefined;
  for (let day = found + 1; day <= Math.min(found + DAYS_OUT_OF_ORDER, last); day += 1)
    if (on(day)) found = day;
  return found;
}

/** The last number from `first` to `last` for which it is true, where it is true up to some number. */
function lastOf(isTrue: (at: number) => boolean, first: number, last: number): number | undefined {
  if (!isTrue(first)) return undefined;
  if (isTrue(last)) return last;
  let [low, high] = [first, last];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
