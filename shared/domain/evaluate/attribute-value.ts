import { parseOccurred, pointOf, startOf } from '../calendar/calendar.ts';
import type { Placed } from './counting.ts';
import { UNITS } from '../calendar/units.ts';
import type { Duration, Unit } from '../calendar/units.ts';
import { own } from '../own.ts';
import type { AttributeValue } from '../record/about.ts';
import { NO_FLOOR } from '../record/window.ts';
import type { WinningFact } from '../record/window.ts';
import type { AttributeReference, MomentOf, Period } from '../rule/ast.ts';
import { isDuration, isSetting } from '../rule/ast.ts';
import { parsePeriod } from '../rule/parse.ts';
import { printPeriod, printReference } from '../rule/print-period.ts';
import { lookUpEvent } from './evaluate-event.ts';
import { determined, undetermined } from './evaluated.ts';
import type { Evaluated, Facts } from './evaluated.ts';
import type { Step } from './step.ts';

/** What an attribute holds, or why that is not known. No reason quotes a value: it may be personal. */
export type LookedUp = KnownValue | { readonly kind: 'missing' | 'no-event'; readonly reason: string };
interface KnownValue {
  readonly kind: 'known';
  readonly value: AttributeValue;
  readonly facts: readonly WinningFact[];
}

export function lookUpAttribute({ attribute, event }: AttributeReference, facts: Facts): LookedUp {
  if (event === undefined) {
    const value = own(facts.attributes, attribute) ?? own(facts.policy.attributes, attribute)?.default;
    return known(value, attribute, 'the holding', []);
  }
  const lookup = lookUpEvent(event, 'last', facts);
  if (lookup.kind !== 'known') return { kind: 'no-event', reason: lookup.reason };
  const { counting, personal } = lookup;
  const picked = lastOf(counting, { attribute, event }, facts);
  if (picked === undefined) return { kind: 'no-event', reason: `${event} has not happened` };
  const fact = { type: event, occurred: picked.occurrence.occurred, personal };
  return known(valueIn(picked, attribute), attribute, event, [fact]);
}

/** The last occurrence. Of several of one day that may be the last, those with other values count in an order of their own. */
function lastOf(
  counting: readonly Placed[],
  { attribute, event }: { readonly attribute: string; readonly event: string },
  { zone, orders }: Facts,
): Placed | undefined {
  const latest = counting.at(-1);
  if (latest === undefined || orders === undefined || counting.length === 1) return latest;
  const begins = startOf(latest.point, zone);
  const isDate = ({ point }: Placed): boolean => point.kind === 'date';
  const candidates = new Map<AttributeValue | undefined, Placed>([[valueIn(latest, attribute), latest]]);
  for (const placed of counting) {
    const mayBeLast = (isDate(placed) || isDate(latest)) && placed.at > begins;
    const value = valueIn(placed, attribute);
    if (mayBeLast && !candidates.has(value)) candidates.set(value, placed);
  }
  const options = [...candidates.values()];
  if (options.length === 1) return latest;
  // No sentence quotes a value: it may be personal.
  const day = latest.occurrence.occurred.slice(0, 'YYYY-MM-DD'.length);
  const clauses = options.map(
    (_, index) =>
      `the last ${event} of ${day} has the ${index + 1}. of ${options.length} values of ${attribute}`,
  );
  return options[orders.choose(`last ${event} ${attribute}`, clauses)];
}

function valueIn({ occurrence }: Placed, attribute: string): AttributeValue | undefined {
  return own(occurrence.attributes ?? {}, attribute);
}

function known(
  value: AttributeValue | undefined,
  attribute: string,
  of: string,
  facts: readonly WinningFact[],
): LookedUp {
  if (value === undefined) return { kind: 'missing', reason: `${of} has no attribute ${attribute}` };
  return { kind: 'known', value, facts };
}

/** A period that can be added, and what it was read from. */
export interface ReadPeriod {
  readonly kind: 'read';
  readonly period: Duration;
  readonly steps: readonly Step[];
  readonly facts: readonly WinningFact[];
}

/** The period itself, or the one that the attribute holds. */
export function readPeriod(period: Period, facts: Facts): ReadPeriod | { kind: 'not-read'; reason: string } {
  if (isDuration(period)) return { kind: 'read', period, steps: [], facts: [] };
  if (isSetting(period))
    return { kind: 'not-read', reason: `the required setting "${period.setting}" has no value` };
  const found = lookUpAttribute(period, facts);
  if (found.kind !== 'known') return { kind: 'not-read', reason: found.reason };
  const read = periodFrom(found.value);
  if (read === undefined) {
    const reason = `the attribute ${printReference(period)} holds no period such as P3Y or "3 years"`;
    return { kind: 'not-read', reason };
  }
  const step: Step = { kind: 'read', what: printPeriod(period), value: printPeriod(read) };
  return { kind: 'read', period: read, steps: [step], facts: found.facts };
}

const ISO_UNITS = [
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
] as const satisfies readonly Unit[];
const ISO_DURATION =
  /^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** `P3Y6M`, or a period as a rule writes it, within the limits of one. Which days are working days is up to a rule. */
function periodFrom(value: AttributeValue): Duration | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = ISO_DURATION.exec(value)?.slice(1);
  const amounts = parts?.flatMap((amount, index) =>
    amount === undefined ? [] : [`${amount} ${ISO_UNITS[index] ?? ''}`],
  );
  const parsed = parsePeriod(amounts?.join(' and ') ?? value);
  if (!parsed.ok || parsed.period.workingDays !== undefined) return undefined;
  const { period } = parsed;
  return UNITS.some((unit) => (period[unit] ?? 0) > 0) ? period : undefined;
}

export function evaluateDateIn(moment: MomentOf<'date-in'>, facts: Facts): Evaluated {
  const found = lookUpAttribute(moment, facts);
  // An operand with `if any` is left out only as long as the event has not happened.
  if (found.kind !== 'known')
    return undetermined(found.reason, [], found.kind === 'missing' ? 'waits' : undefined);
  const parsed = typeof found.value === 'string' ? parseOccurred(found.value) : undefined;
  if (!parsed?.ok) {
    const what = printReference(moment);
    const reason = `the attribute ${what} holds no date such as 2030-12-31, and no date-time with its offset`;
    return undetermined(reason, [], 'waits');
  }
  const { occurred } = parsed;
  const step: Step = { kind: 'read', what: `the date in ${printReference(moment)}`, value: occurred };
  return determined(pointOf(occurred), facts, { facts: found.facts, steps: [step], floor: NO_FLOOR });
}
