import { dayId } from '../../domain/calendar/utc-time.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import { dependsOnJurisdiction } from '../../domain/configuration/precedence.ts';
import type { Policy } from '../../domain/configuration/policy.ts';
import type { ClockEdge } from '../../domain/coverage/survey.ts';
import { permissiveWays } from '../../domain/datasets/permissive-policies.ts';
import { type DefinedDataset, rowHolding, rowStates } from '../../domain/datasets/row-holding.ts';
import { dateBin, noDateBin } from '../../domain/forecast/forecast.ts';
import { weekBin } from '../../domain/forecast/forecast-spans.ts';
import { own } from '../../domain/own.ts';
import type { HoldingRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { attributesOf, eventsOf } from '../../domain/rule/walk.ts';
import type { Core } from '../core.ts';
import { openingOf } from '../datasets/cutoff.ts';
import { planOf } from '../plan-of.ts';

type Configured = Pick<Core, 'configuration'>;

const DAY = 86_400_000;

/** When rows go, by the day of their clock. */
export interface ClockBins {
  /** Empty where no policy covers the category. */
  readonly policy: string;
  /** In order: the first day of each bin but the first. */
  readonly edges: readonly ClockEdge[];
  /** One more than there are edges. */
  readonly bins: readonly string[];
  /** Other columns or other entities decide, too: the dates are the earliest that are possible. */
  readonly depends: boolean;
}

export interface Days {
  /** Of clocks. */
  readonly first: Instant;
  readonly last: Instant;
  readonly now: Instant;
  /** Of the dates on which rows go. */
  readonly by: 'day' | 'week';
}

/**
 * The bin of each day that a clock can have, from the first to the last. A row of the day is planned as it is before it
 * goes: there is no second calendar. Where a later clock never has an earlier date, the days between two of one bin are of
 * that bin, so that few of them have to be planned.
 */
export function clockBins(
  core: Configured,
  dataset: DefinedDataset,
  { first, last, now, by }: Days,
): ClockBins {
  const policy = policyOf(dataset.category, effectivePolicies(core.configuration.policies, now));
  const depends = policy !== undefined && isDecidedElsewhere(policy, dataset);
  const binAt = depends ? earliestBin(core, dataset, now) : plannedBin(core, dataset, now);
  const known = new Map<number, string>();
  const binOn = (day: number): string => {
    const bin =
      known.get(day) ?? (by === 'week' ? weekBin(binAt(isoNoon(day)), dayId(now)) : binAt(isoNoon(day)));
    known.set(day, bin);
    return bin;
  };
  const begin = Math.floor(first / DAY);
  const end = Math.max(begin, Math.floor(last / DAY));
  const days = changes(binOn, begin, end);
  return {
    policy: policy?.name ?? '',
    edges: days.map((day) => ({ at: day * DAY, date: dayId(day * DAY) })),
    bins: [begin, ...days].map(binOn),
    depends,
  };
}

function isoNoon(day: number): Occurred {
  return `${dayId(day * DAY)}T12:00:00Z` as Occurred;
}

/** The days on which another bin begins. */
function changes(binOn: (day: number) => string, low: number, high: number): readonly number[] {
  if (binOn(low) === binOn(high)) return [];
  if (high - low === 1) return [high];
  const middle = Math.floor((low + high) / 2);
  return [...changes(binOn, low, middle), ...changes(binOn, middle, high)];
}

/** Whether a rule asks for what a row may say besides this clock, or for what may happen to somebody whom it names. */
function isDecidedElsewhere(
  policy: Policy,
  { category, by, clock, attributes = {}, entities = {} }: DefinedDataset,
) {
  const covered = own(policy.categories, category);
  const rules = covered?.rules.map(({ rule }) => rule) ?? [];
  const asked = rules.flatMap((rule) => [...eventsOf(rule)]);
  const undoing = asked.flatMap((event) => own(policy.events, event)?.undoneBy ?? []);
  const events = new Set([...asked, ...undoing]);
  events.delete(by);
  const happens = (event: string): boolean =>
    own(clock, event) !== undefined || own(entities, own(policy.events, event)?.entity ?? '') !== undefined;
  const needed = rules.flatMap((rule) => attributesOf(rule).map(({ name }) => name));
  if (covered !== undefined && dependsOnJurisdiction(covered)) needed.push('jurisdiction');
  return (
    [...events].some(happens) ||
    needed.some((name) => own(attributes, name) !== undefined) ||
    (needed.includes('jurisdiction') && Object.keys(entities).length > 0)
  );
}

type BinAt = (clock: Occurred) => string;

/** The plan of a row that says nothing else. */
function plannedBin(core: Configured, dataset: DefinedDataset, now: Instant): BinAt {
  const profile = core.configuration.foldProfile;
  return (clock) => {
    const clocks = { [dataset.by]: clock };
    const row = { ref: '' as HoldingRef, clocks, entities: [] };
    const states = rowStates(clocks, new Map(), profile);
    const plan = planOf(core, rowHolding(dataset, row, now), states, now);
    const at = plan.next?.actAt;
    if (at === undefined) return noDateBin(plan.status);
    return dateBin(Math.max(at, plan.next?.window?.notBefore ?? at), startOfDay(now));
  };
}

/** The earliest date that a row of the day can have. Without one that depends on its clock, it has none. */
function earliestBin(core: Configured, dataset: DefinedDataset, now: Instant): BinAt {
  const ways = permissiveWays(dataset, core.configuration.policies, now) ?? [];
  const openings = ways.map((way) => openingOf(core, dataset, { way, now }));
  const isOpenAnyway =
    ways.length === 0 ||
    ways.some((way, index) => !way.counts && (openings[index]?.(undefined) ?? Infinity) < Infinity) ||
    openings.some((opening) => opening(isoNoon(Math.floor(now / DAY))) <= now);
  if (isOpenAnyway) return () => noDateBin('depends');
  return (clock) => {
    const at = Math.min(...openings.map((opening) => opening(clock)));
    return at === Infinity ? noDateBin('depends') : dateBin(at, startOfDay(now));
  };
}

function startOfDay(now: Instant): Instant {
  return Math.floor(now / DAY) * DAY;
}
