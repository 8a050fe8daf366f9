import { isZone, localDate } from '../calendar/calendar.ts';
import type { DatasetConfiguration } from '../configuration/configuration.ts';
import type { Policy } from '../configuration/policy.ts';
import { own } from '../own.ts';
import type { Instant, Occurred } from '../record/ids.ts';
import type { Condition, Moment } from '../rule/ast.ts';
import { isDuration } from '../rule/ast.ts';

/*
 * A date counts to its end. So by most rules, a row of which only the dates of its clocks are known never goes before the
 * same row with their times, and all rows of one day have one plan.
 */

type Swept = Pick<DatasetConfiguration, 'category' | 'clock'>;

const known = new WeakMap<Policy, Map<string, boolean>>();

/** Whether a row that may go by the dates of its clocks may go by their times, too. Remembered: policies live as long as the process. */
export function goesByDates(dataset: Swept, policy: Policy): boolean {
  const ofPolicy = known.get(policy) ?? new Map<string, boolean>();
  known.set(policy, ofPolicy);
  const key = JSON.stringify([dataset.category, Object.keys(dataset.clock)]);
  const goes = ofPolicy.get(key) ?? (isByTimes(dataset, policy) && areLater(dataset, policy));
  ofPolicy.set(key, goes);
  return goes;
}

/** Its clocks are nothing but starts of periods: no order of events, and no other part of a plan, depends on their times. */
function isByTimes({ clock }: Swept, policy: Policy): boolean {
  const { children, jurisdictionFrom, events, zone } = policy;
  const others = [children?.born, children?.found, jurisdictionFrom?.event];
  return (
    isZone(zone) &&
    Object.keys(clock).every((event) => {
      const declared = own(events, event);
      const isPlain = declared === undefined || (declared.undoneBy.length === 0 && !declared.personal);
      return isPlain && !others.includes(event);
    })
  );
}

/** A minimum and a maximum together can contradict each other by the times, and not by the dates. */
function areLater({ category }: Swept, policy: Policy): boolean {
  const rules = own(policy.categories, category);
  if (rules === undefined || rules.cap !== undefined) return false;
  const stages = rules.rules.flatMap(({ rule }) => rule.stages);
  const minima = stages.flatMap(({ notBefore }) => notBefore ?? []);
  const maxima = stages.flatMap(({ notAfter }) => notAfter ?? []);
  return (minima.length === 0 || maxima.length === 0) && [...minima, ...maxima].every(isLater);
}

/** Whether it is never earlier for what begins later. What is left out here is planned by the times of each row. */
function isLater(moment: Moment): boolean {
  switch (moment.kind) {
    case 'event':
    case 'date':
    case 'never':
      return true;
    case 'after':
      // After hours, the working days may be those of another year, whose holidays are known or not.
      return isDuration(moment.period) && !moment.period.workingDays && isLater(moment.start);
    case 'end-of':
    case 'last-day-of':
      return isLater(moment.of);
    case 'later':
    case 'earlier':
      return moment.of.every((operand) => isLater(operand.moment));
    case 'if':
      return asksRecord(moment.condition) && isLater(moment.met) && isLater(moment.otherwise);
    case 'date-in':
    case 'before':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'not-computable':
      return false;
  }
}

/** Only what the record's own columns say, and not when. */
function asksRecord(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.every(asksRecord);
    case 'not':
      return asksRecord(condition.of);
    case 'attribute':
      return condition.event === undefined;
    case 'occurred':
    case 'age':
      return false;
  }
}

const QUARTER = 900_000;
const DATE = 'YYYY-MM-DD'.length;
/** Of one zone at a time: those of a slice are few. */
const MOST_DATES = 20_000;
const dates = new Map<string, Map<number, Occurred>>();

/** The date of a clock in a zone; the later one of a quarter of an hour of UTC in which it changes. */
export function dateOf(occurred: Occurred, zone: string): Occurred {
  if (occurred.length === DATE) return occurred;
  const quarter = Math.floor(Date.parse(occurred) / QUARTER);
  const ofZone = dates.get(zone) ?? new Map<number, Occurred>();
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  const date = lastDateOf(quarter, zone);
  if (ofZone.size >= MOST_DATES) ofZone.clear();
  ofZone.set(quarter, date);
  dates.set(zone, ofZone);
  return date;
}

/**
 * A later date keeps longer. It is that of the beginning where clocks went back a minute after midnight, as those of Canada's
 * east coast did until 2011: then the day before comes again.
 */
function lastDateOf(quarter: number, zone: string): Occurred {
  const ends: readonly Instant[] = [quarter * QUARTER, (quarter + 1) * QUARTER - 1];
  const [first = '', last = ''] = ends.map((at) => localDate({ kind: 'instant', at }, zone).toString());
  return (first > last ? first : last) as Occurred;
}
