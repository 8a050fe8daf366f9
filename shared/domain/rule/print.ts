import type { Moment, MomentOf, Rule, Stage, Suspension } from './ast.ts';
import type { RunDay } from '../calendar/units.ts';
import { printCondition } from './print-condition.ts';
import { printParts } from './print-parts.ts';
import {
  ordinal,
  printDay,
  printPeriod,
  printReference,
  printUnit,
  printWeekday,
  quoted,
} from './print-period.ts';
import { isCounted, lastPartOf } from './walk.ts';
import { WEEKDAYS } from './words.ts';

/** The one canonical wording of a rule: `parseRule(printRule(rule))` is the same rule. */
export function printRule(rule: Rule): string {
  const named = rule.stages.length > 1;
  return rule.stages.map((stage, index) => printStage(stage, named, index > 0)).join(', then ');
}

function printStage(stage: Stage, named: boolean, later: boolean): string {
  const { label, action, or, notBefore, notAfter, repeats } = stage;
  const name =
    label === undefined ? '' : `${/^\p{L}[\p{L}\p{N}_-]*$/u.test(label) ? label : quoted(label)}: `;
  const isSaid = named || action !== 'delete' || or !== undefined || label !== undefined;
  const verb = isSaid ? `${printAction(stage)} ` : '';
  if (repeats && notBefore?.kind === 'after') return `${name}${action} every ${printMoment(notBefore)}`;
  // After a comma, a hold could be about the stages before as well.
  if (later && label === undefined && notBefore?.kind === 'suspended' && notAfter === undefined)
    return verb + printMoment(notBefore);
  return name + printBounds(verb, notBefore, notAfter);
}

/** What is done, with what the text allows instead. */
export function printAction({ action, or }: Pick<Stage, 'action' | 'or'>): string {
  return or === undefined ? action : `${action} or ${or}`;
}

function printBounds(verb: string, notBefore: Moment | undefined, notAfter: Moment | undefined): string {
  if (notBefore === undefined) return notAfter === undefined ? verb.trim() : verb + printLatest(notAfter);
  if (notAfter === undefined) {
    if (notBefore.kind === 'never' && verb === '') return 'keep permanently';
    const word = opening(notBefore, verb !== '');
    return verb + word + (isTopLevel(notBefore) ? printOpen(notBefore) : printMoment(notBefore));
  }
  const wording = { moment: printMoment, operand: printApart, both: printBoth, latest: printLatest };
  const parts = printParts(notBefore, notAfter, wording) ?? printBoth(notBefore, notAfter);
  // After an action, "keep" would be a second verb, and "until" would not say whether the action begins or ends then.
  return verb === '' ? parts : verb + parts.replace(/^keep permanently/, 'never').replace(/^until /, 'upon ');
}

function printBoth(notBefore: Moment, notAfter: Moment): string {
  return notBefore.kind === 'after' && notAfter.kind === 'after' && same(notBefore.start, notAfter.start)
    ? `at least ${printPeriod(notBefore.period)} and at most ${printMoment(notAfter)}`
    : `not before ${printMoment(notBefore)} and by ${printOperand(notAfter, true)}`;
}

/** A bare event or date needs a preposition; a period or comparison needs one only after a verb. */
function opening(moment: Moment, afterVerb: boolean): string {
  switch (moment.kind) {
    case 'after':
    case 'before':
    case 'if':
      return '';
    case 'suspended':
    case 'override':
      return afterVerb ? opening(moment.of, true) : '';
    case 'event':
    case 'date':
    case 'date-in':
    case 'next-day':
    case 'weekday-of':
    case 'nth':
    case 'birthday':
    case 'never':
    case 'not-applicable':
      return afterVerb ? 'upon ' : 'until ';
    case 'end-of':
    case 'last-day-of':
    case 'run':
    case 'later':
    case 'earlier':
    case 'not-computable':
      return afterVerb ? 'upon ' : '';
  }
}

function printLatest(moment: Moment): string {
  return moment.kind === 'after' ? `within ${printMoment(moment)}` : `by ${printOperand(moment, true)}`;
}

/** Constructs that extend to the end of what contains them: inside another one they are in parentheses. */
function isTopLevel(moment: Moment): boolean {
  switch (moment.kind) {
    case 'if':
    case 'suspended':
    case 'override':
      return true;
    case 'event':
    case 'date':
    case 'date-in':
    case 'after':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'later':
    case 'earlier':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return false;
  }
}

/** One operand, in parentheses if it would extend further. */
export function printMoment(moment: Moment): string {
  return printOperand(moment, false);
}

/** In a maximum (`latest`), what a law requires has a word of its own. */
function printOperand(moment: Moment, latest: boolean): string {
  return isTopLevel(moment) ? `(${printOpen(moment, latest)})` : printOpen(moment, latest);
}

function printOpen(moment: Moment, latest = false): string {
  switch (moment.kind) {
    case 'event':
      return moment.pick === 'first' ? `first ${moment.name}` : moment.name;
    case 'date':
      return moment.date;
    case 'date-in':
      return `the date in ${printReference(moment)}`;
    case 'after':
      return `${printPeriod(moment.period)} after ${printMoment(moment.start)}`;
    case 'before':
      return `${printPeriod(moment.period)} before ${printMoment(moment.end)}`;
    case 'end-of':
      return `the end of the ${printUnit(moment.unit)} of ${printMoment(moment.of)}`;
    case 'last-day-of':
      return `the last day of the ${printUnit(moment.unit)} of ${printMoment(moment.of)}`;
    case 'next-day':
      return `the ${counted(moment.count)}${printDay(moment.day)} ${moment.orOn ? 'on or ' : ''}after ${printMoment(moment.of)}`;
    case 'weekday-of':
      return `the ${printWeekday(moment.day)} of the month of ${printMoment(moment.of)}`;
    case 'run':
      return `the next ${printRun(moment)} after ${printMoment(moment.of)}`;
    case 'nth':
      return moment.side === 'before'
        ? `the last ${moment.name} before ${printMoment(moment.of)}`
        : `the ${counted(moment.count)}${moment.name} after ${printMoment(moment.of)}`;
    case 'birthday':
      return `the ${ordinal(moment.age)} birthday of ${printMoment(moment.of)}`;
    case 'later':
    case 'earlier': {
      const operands = moment.of.map(({ moment: of, optional }) => {
        return printApart(of, latest) + (optional ? ' if any' : '');
      });
      return `the ${moment.kind} of ${operands.slice(0, -1).join(', ')} and ${operands.at(-1)}`;
    }
    case 'if': {
      const { condition, met, otherwise } = moment;
      const head = `if ${printCondition(condition, (of) => printApart(of))}, ${printOperand(met, latest)}`;
      if (otherwise.kind === 'not-applicable') return head;
      return `${head}, otherwise ${otherwise.kind === 'if' ? printOpen(otherwise, latest) : printOperand(otherwise, latest)}`;
    }
    case 'suspended': {
      const intervals = moment.intervals.map(({ from, until }) => `from ${from} until ${until}`).join(' or ');
      const [verb, end] = SUSPENDED[moment.how];
      return `${printSuspended(moment, latest)}, ${verb} ${intervals}${end}`;
    }
    case 'override': {
      const by = latest ? printLatest(moment.by) : printMoment(moment.by);
      return `${printOperand(moment.of, latest)} unless ${quoted(moment.source)} requires ${moment.lifts === true ? 'otherwise: ' : ''}${by}`;
    }
    case 'not-applicable':
      return 'does not apply';
    case 'never':
      return 'never';
    case 'not-computable': {
      const fallback =
        moment.fallback === undefined ? '' : `, fallback ${printOperand(moment.fallback, latest)}`;
      return `not computable, because ${quoted(moment.reason)}${fallback}`;
    }
  }
}

/** What the period starts from is in parentheses where a period in it could be meant as well. */
function printSuspended({ how, of }: MomentOf<'suspended'>, latest: boolean): string {
  if (how === 'held' || of.kind !== 'after' || !isCounted(of.start)) return printOperand(of, latest);
  return `${printPeriod(of.period)} after (${printOpen(of.start)})`;
}

/** The verb, and what is said of the end. */
const SUSPENDED: Readonly<Record<Suspension, readonly [verb: string, end: string]>> = {
  held: ['held', ''],
  restarted: ['held', ', then restarted'],
  paused: ['paused', ''],
};

/** An operand that is followed by a comma or an `and` of something else. */
function printApart(moment: Moment, latest = false): string {
  const text = printOperand(moment, latest);
  return endsWithList(moment) ? `(${text})` : text;
}

/** Whether an `and`, a comma or an `if any` after it would be read as part of it. */
function endsWithList(moment: Moment): boolean {
  const { kind } = lastPartOf(moment);
  return kind === 'later' || kind === 'earlier' || kind === 'not-computable';
}

function counted(count: number): string {
  return count === 1 ? 'next ' : `${ordinal(count)} `;
}

function printRun({ every, time, zone }: MomentOf<'run'>): string {
  const at = time === undefined ? '' : ` at ${time}`;
  return printRunDay(every) + at + (zone === undefined ? '' : ` in ${zone}`);
}

function printRunDay(every: RunDay): string {
  if (every === 'day') return 'daily run';
  if (every === 'quarter') return 'quarterly run';
  if ('weekday' in every) return `run on ${WEEKDAYS[every.weekday - 1]}`;
  if ('weekdayOf' in every) {
    const day = every.weekdayOf;
    return `run on the ${'month' in day ? printDay(day) : `${printWeekday(day)} of the month`}`;
  }
  if ('dayOfMonth' in every)
    return every.dayOfMonth === 1 ? 'monthly run' : `monthly run on day ${every.dayOfMonth}`;
  return `run on ${every.dayOfYear}`;
}

function same(a: Moment, b: Moment): boolean {
  return printMoment(a) === printMoment(b);
}
