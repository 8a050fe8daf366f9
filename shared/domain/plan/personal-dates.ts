import { roundDownToMinute, roundUpToMinute } from '../calendar/calendar.ts';
import { dayId } from '../calendar/utc-time.ts';
import type { EventDeclaration, Policy } from '../configuration/policy.ts';
import type { EntityState, Occurrence } from '../facts/facts.ts';
import { present } from '../present.ts';
import type { EntityRef, Instant, Occurred } from '../record/ids.ts';
import type { PlannedStage, Window, WinningFact } from '../record/window.ts';

/*
 * The deletion log says when a record was disposed of. If that follows from a birth, the time tells the birthday. Where a
 * policy asks for it, the time of the act is chosen from a period of the birth's date alone: it is the same for all dates
 * of the period, and so is everything else that the log says.
 */

const DAY = 86_400_000;

/**
 * Days of a month on which a period begins, the longest periods first. Each lies within one of the former: dates for
 * which that one leaves no room would otherwise be left alone in theirs.
 */
const PERIODS = {
  month: [1],
  'half of a month': [1, 15],
  'quarter of a month': [1, 8, 15, 22],
} as const;
type Period = keyof typeof PERIODS;

type States = ReadonlyMap<EntityRef, EntityState>;

/** What the plan would be for the first and for the last date of the period. */
interface Bounds {
  readonly period: Period;
  readonly first: readonly PlannedStage[];
  readonly last: readonly PlannedStage[];
}

/**
 * The stages with the times at which they are carried out, where an event that is personal by month has a date. `stagesFor` plans with
 * other dates of personal events. Bounds that leave no room for any of the periods keep the exact time.
 */
export function actingByPeriod(
  exact: readonly PlannedStage[],
  { states, policies }: { readonly states: States; readonly policies: readonly Policy[] },
  stagesFor: (states: States) => readonly PlannedStage[],
): readonly PlannedStage[] {
  const asked = new Set(policies.flatMap(typesByMonth));
  if (asked.size === 0) return exact;
  if (!exact.some(({ status }) => status === 'due') || !hasAny(states, asked)) return exact;
  const types = typesOf(policies, ({ personal }) => personal);
  const leadSeconds = Math.max(...policies.map((policy) => policy.leadSeconds));
  const lazily = new Map<Period, Bounds>();
  const boundsOf = (period: Period): Bounds => {
    const known = lazily.get(period) ?? {
      period,
      first: stagesFor(withDates(states, types, (occurred) => endsOf(occurred, PERIODS[period]).first)),
      last: stagesFor(withDates(states, types, (occurred) => endsOf(occurred, PERIODS[period]).last)),
    };
    lazily.set(period, known);
    return known;
  };
  return exact.map((stage) => {
    if (stage.status !== 'due') return stage;
    for (const period of Object.keys(PERIODS) as Period[]) {
      const acting = byPeriod(stage, boundsOf(period), leadSeconds);
      if (acting !== undefined) return acting;
    }
    return stage;
  });
}

const byMonth = new WeakMap<Policy, readonly string[]>();

/** Policies live as long as the process, and every plan asks. */
function typesByMonth(policy: Policy): readonly string[] {
  const types = byMonth.get(policy) ?? [...typesOf([policy], ({ actByMonth }) => actByMonth === true)];
  byMonth.set(policy, types);
  return types;
}

function typesOf(policies: readonly Policy[], is: (event: EventDeclaration) => boolean): ReadonlySet<string> {
  return new Set(
    policies.flatMap(({ events }) =>
      Object.entries(events).flatMap(([name, event]) => (is(event) ? [name] : [])),
    ),
  );
}

function hasAny(states: States, types: ReadonlySet<string>): boolean {
  for (const { occurrences } of states.values())
    for (const [type, list] of Object.entries(occurrences))
      if (list.length > 0 && types.has(type)) return true;
  return false;
}

function withDates(
  states: States,
  types: ReadonlySet<string>,
  dateOf: (occurred: Occurred) => Occurred,
): States {
  const moved = (list: readonly Occurrence[]) =>
    list.map((one) => ({ ...one, occurred: dateOf(one.occurred) }));
  return new Map(
    [...states].map(([ref, state]) => {
      const occurrences = Object.entries(state.occurrences).map(
        ([type, list]) => [type, types.has(type) ? moved(list) : list] as const,
      );
      return [ref, { ...state, occurrences: Object.fromEntries(occurrences) }];
    }),
  );
}

/**
 * Dates that bound the period of an occurrence. An occurrence with a time has its period in UTC; it may be another date
 * in the zone of the rule, so its bounds are wider.
 */
function endsOf(
  occurred: Occurred,
  starts: readonly number[],
): { readonly first: Occurred; readonly last: Occurred } {
  const isDate = occurred.length === 10;
  const [year = 0, month = 0, day = 0] = dayId(Date.parse(occurred)).split('-').map(Number);
  const start = starts.findLast((one) => one <= day) ?? 1;
  const next = starts.find((one) => one > day);
  const end = next === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, next);
  return {
    first: dateId(Date.UTC(year, month - 1, start) - (isDate ? 0 : 2 * DAY)),
    last: dateId(end - DAY + (isDate ? 0 : DAY)),
  };
}

function dateId(instant: Instant): Occurred {
  return dayId(instant) as Occurred;
}

/**
 * Not before the bounds of the period's last date, and not after those of its first one. Which rule decides is taken
 * from the last date, too: which of two held longer could tell the date.
 */
function byPeriod(exact: PlannedStage, bounds: Bounds, leadSeconds: number): PlannedStage | undefined {
  const isSame = ({ action, part }: PlannedStage): boolean => action === exact.action && part === exact.part;
  const first = bounds.first.find(isSame);
  const last = bounds.last.find(isSame);
  if (!isDue(exact) || !isDue(first) || !isDue(last)) return undefined;
  if (isSameWindow(first.window, last.window)) return exact;
  const from = earliestOf(last.window);
  const until = latestOf(first.window, leadSeconds);
  const actAt = last.window.notBefore === undefined && until !== undefined ? Math.max(from, until) : from;
  if (!isWithin(actAt, first.window, leadSeconds) || !isWithin(actAt, exact.window, leadSeconds))
    return undefined;
  const { notBefore, floor, basis } = last.window;
  const { notAfter } = first.window;
  const { heldByRule: _heldByRule, floorIsPersonal: _floorIsPersonal, ...rest } = last;
  return {
    ...rest,
    window: exact.window,
    actAt,
    deadline: exact.window.notAfter ?? actAt + (exact.deadline - exact.actAt),
    ...present({ heldByRule: exact.heldByRule }),
    reasons: exact.reasons,
    facts: last.facts.map((fact) => asHappened(fact, exact.facts)),
    shown: { window: { ...present({ notBefore, notAfter }), floor, basis }, period: bounds.period },
  };
}

type Due = PlannedStage & { readonly window: Window; readonly actAt: Instant; readonly deadline: Instant };

function isDue(stage: PlannedStage | undefined): stage is Due {
  return stage?.status === 'due' && stage.window !== undefined && stage.deadline !== undefined;
}

/** No rule that has a say asks for the personal event. */
function isSameWindow(a: Window, b: Window): boolean {
  return a.notBefore === b.notBefore && a.notAfter === b.notAfter && a.floor === b.floor;
}

function earliestOf({ notBefore, floor }: Window): Instant {
  return notBefore === undefined ? floor : Math.max(roundUpToMinute(notBefore), floor);
}

function latestOf({ notAfter }: Window, leadSeconds: number): Instant | undefined {
  return notAfter === undefined ? undefined : roundDownToMinute(notAfter) - leadSeconds * 1000;
}

function isWithin(actAt: Instant, window: Window, leadSeconds: number): boolean {
  return actAt >= earliestOf(window) && actAt <= (latestOf(window, leadSeconds) ?? Infinity);
}

/** Personal dates stay out of the log; explanations have them as they are. */
function asHappened(fact: WinningFact, facts: readonly WinningFact[]): WinningFact {
  return fact.personal ? (facts.find(({ type }) => type === fact.type) ?? fact) : fact;
}
