import {
  addPeriod,
  endOf,
  formatDistance,
  formatInstant,
  localDate,
  pointOf,
  startOf,
  subtractPeriod,
} from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { clockChange, clockChangeOf } from './clock-change.ts';
import { printMoment } from '../rule/print.ts';
import { printPeriod, printUnit } from '../rule/print-period.ts';
import type { Instant } from '../record/ids.ts';
import type { OrderResult, Step } from '../evaluate/step.ts';

/** A step for programs and for people: its kind, its sentence, and the instant that it reached, if any. */
export interface ExplainedStep {
  readonly kind: Step['kind'];
  readonly text: string;
  readonly at?: string;
}

export function explainedStep(step: Step, zone: string): ExplainedStep {
  const reached = reachedBy(step, zone);
  const at = reached !== undefined && { at: formatInstant(reached, zone) };
  return { kind: step.kind, text: explainStep(step, zone), ...at };
}

function reachedBy(step: Step, zone: string): Instant | undefined {
  if (step.kind === 'won') return step.at;
  if ('to' in step) return step.to && endOf(step.to, zone);
  return step.kind === 'fact' ? endOf(pointOf(step.occurred), zone) : undefined;
}

/** One step of a calculation as one sentence. */
export function explainStep(step: Step, zone: string): string {
  switch (step.kind) {
    case 'fact':
      return step.of === 1
        ? `${step.type} happened on ${step.occurred}.`
        : `${step.type} happened on ${step.occurred}, the ${step.pick} of ${step.of} that count.`;
    case 'passed-over':
      return `${step.type} of ${step.occurred} is not used: it is not the ${step.pick} one.`;
    case 'undone':
      return `${step.type} of ${step.occurred} does not count: ${step.by} of ${step.on} undid it.`;
    case 'missing':
      return step.since === undefined
        ? `No ${step.type} counts so far.`
        : `No ${step.type} counts: ${step.since.by} of ${step.since.on} undid the earlier ones.`;
    case 'date':
      return `The rule names the date ${step.date}.`;
    case 'read':
      return `${capital(step.what)} is ${step.value}.`;
    case 'added':
      return `${printPeriod(step.period)} after ${place(step.from, zone)} is ${place(step.to, zone)}.${shortMonth(step, zone)}${skippedDays(step)}${clockChangeOf(step, zone)}`;
    case 'subtracted':
      return `${printPeriod(step.period)} before ${place(step.from, zone)} is ${place(step.to, zone)}.${shortMonth(step, zone)}${skippedDays(step)}${clockChangeOf(step, zone)}`;
    case 'span':
      return `${explainSpan(step, zone)}.${skippedDays(step)}`;
    case 'rounded':
      return step.to.kind === 'date'
        ? `The last day of the ${printUnit(step.unit)} of ${place(step.from, zone)} is ${place(step.to, zone)}.`
        : `The ${printUnit(step.unit)} of ${place(step.from, zone)} ends at ${place(step.to, zone)}.`;
    case 'found':
      return `${capital(printMoment(step.moment))}, counted from ${place(step.from, zone)}, is ${place(step.to, zone)}.${clockOfRun(step, zone)}`;
    case 'age':
      return `The age of ${step.years} is reached on ${step.birthday}; on ${place(step.at, zone)} it was ${step.reached ? 'reached' : 'not reached yet'}.`;
    case 'condition':
      return step.holds === 'unknown'
        ? `It is not known whether ${step.text}.`
        : `It is ${step.holds ? 'true' : 'not true'} that ${step.text}.`;
    case 'known-from':
      return `Until ${place(step.to, zone)}, an event that has not happened may still change this. So the date is ${place(step.to, zone)}.`;
    case 'suspended':
      return explainSuspension(step, zone);
    case 'override':
      return step.applies
        ? `“${step.source}” requires another date, which replaces the date of the rule.`
        : `“${step.source}” requires nothing yet: what it counts from has not happened.`;
    case 'fallback':
      return `No date can be computed from the text, because “${step.reason}”; the fallback is used.`;
    case 'won':
      return step.at === step.other
        ? `“${printMoment(step.winner)}” and “${printMoment(step.over)}” are at the same time.`
        : `“${printMoment(step.winner)}” is ${step.how} than “${printMoment(step.over)}” by ${formatDistance(step.at, step.other)}.`;
    case 'either-order':
      return explainOrders(step.orders, zone);
    case 'left-out':
      return `“${printMoment(step.operand)}” is left out: its date is not known.`;
    case 'entity':
      return `The ${step.across} of ${step.of} results counts: the holding is about several entities.`;
  }
}

function skippedDays({ skipped = [] }: { readonly skipped?: readonly string[] }): string {
  return skipped.length === 0 ? '' : ` Holidays that do not count: ${skipped.join(', ')}.`;
}

/** A day that the month does not have becomes its last one, before weeks and days are added. */
function shortMonth(
  { kind, period, from }: Extract<Step, { kind: 'added' | 'subtracted' }>,
  zone: string,
): string {
  const { years = 0, months = 0 } = period;
  if (years + months === 0) return '';
  const move = kind === 'added' ? addPeriod : subtractPeriod;
  const moved = move(from, { years, months }, zone);
  if (moved.kind !== 'reached') return '';
  const [wanted, reached] = [localDate(from, zone), localDate(moved.point, zone)];
  if (reached.day === reached.daysInMonth && wanted.day > reached.day)
    return ` That month has no day ${wanted.day}, so its last day counts: ${reached.toString()}.`;
  return '';
}

function place(point: Point, zone: string): string {
  if (point.kind === 'date') return `${point.date} (until the end of that day)`;
  const begin = formatInstant(startOf(point, zone), zone);
  // A day that begins later is still meant from its beginning, whatever is added to it.
  return point.kind === 'midnight' && !begin.includes('T00:00:00')
    ? `${begin} (the clock skips midnight)`
    : begin;
}

/** The day or the instant itself, where its end is not what counts. */
function dated(point: Point, zone: string): string {
  return point.kind === 'date' ? point.date : place(point, zone);
}

function explainSpan({ side, period, from, limit }: Extract<Step, { kind: 'span' }>, zone: string): string {
  const span = `The span of ${printPeriod(period)} ${side} ${dated(from, zone)}`;
  const at = limit.kind === 'date' ? `the end of ${limit.date}` : place(limit, zone);
  return side === 'after' ? `${span} lasts until ${at}` : `${span} begins at ${at}`;
}

function clockOfRun({ moment, to }: Extract<Step, { kind: 'found' }>, zone: string): string {
  if (moment.kind !== 'run' || moment.time === undefined || to.kind !== 'instant') return '';
  return clockChange(`${moment.time}:00`, to.at, moment.zone ?? zone);
}

function explainSuspension(step: Extract<Step, { kind: 'suspended' }>, zone: string): string {
  const { how, event, from, until, to } = step;
  const begin = `${event} of ${dated(from, zone)}`;
  if (how === 'no-effect')
    return `${begin} changes nothing: ${until ? 'it ended before' : 'it began after'} the date.`;
  if (until === undefined || to === undefined)
    return `${begin} has not ended; there is no date until it does.`;
  switch (how) {
    case 'held':
      return `${begin} delays the date until ${place(until, zone)}.`;
    case 'restarted':
      return `${begin} lasted until ${place(until, zone)}, and the period started again then. The date is now ${place(to, zone)}.${skippedDays(step)}`;
    case 'paused':
      return `${begin} paused the period until ${place(until, zone)}. The date is now ${place(to, zone)}.`;
  }
}

function explainOrders(orders: readonly OrderResult[], zone: string): string {
  const results = orders.map(({ assumed, point, reasons }) => {
    const result = point === undefined ? `no date, because ${reasons.join(' and ')}` : place(point, zone);
    return `If ${assumed.join(' and ')}: ${result}.`;
  });
  return `Some events happened on one day, and which of them came first is not known, because not all have a time. Every order was evaluated. ${results.join(' ')} The first of these keeps longer, and counts.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
