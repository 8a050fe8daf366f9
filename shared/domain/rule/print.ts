import { isSetting, UNITS } from './ast.ts';
import type { CalendarUnit, Moment, Period, Rule, Stage, Unit } from './ast.ts';

/** The one canonical wording of a rule: `parseRule(printRule(rule))` is the same rule. */
export function printRule(rule: Rule): string {
  return rule.stages.map((stage) => printStage(stage, rule.stages.length > 1)).join(', then ');
}

function printStage(stage: Stage, named: boolean): string {
  const { action, notBefore, notAfter } = stage;
  const verb = named || action !== 'delete' ? `${action} ` : '';
  if (notBefore === undefined) return notAfter === undefined ? verb.trim() : verb + printLatest(notAfter);
  if (notAfter === undefined) {
    if (notBefore.kind === 'never' && verb === '') return 'keep permanently';
    return verb + opening(notBefore, verb !== '') + printMoment(notBefore);
  }
  if (notBefore.kind === 'after' && notAfter.kind === 'after' && same(notBefore.start, notAfter.start)) {
    return `${verb}at least ${printPeriod(notBefore.period)} and at most ${printMoment(notAfter)}`;
  }
  return `${verb}not before ${printMoment(notBefore)} and by ${printMoment(notAfter)}`;
}

/** A bare event or date wants a preposition; a period or comparison reads well without, unless a verb comes before it. */
function opening(moment: Moment, behindVerb: boolean): string {
  if (startsWithPeriod(moment)) return '';
  if (behindVerb) return 'upon ';
  return moment.kind === 'event' || moment.kind === 'date' || moment.kind === 'never' ? 'until ' : '';
}

function printLatest(moment: Moment): string {
  return (startsWithPeriod(moment) ? 'within ' : 'by ') + printMoment(moment);
}

function startsWithPeriod(moment: Moment): boolean {
  return moment.kind === 'after';
}

export function printMoment(moment: Moment): string {
  switch (moment.kind) {
    case 'event':
      return moment.pick === 'first' ? `first ${moment.name}` : moment.name;
    case 'date':
      return moment.date;
    case 'after':
      return `${printPeriod(moment.period)} after ${printMoment(moment.start)}`;
    case 'end-of':
      return `the end of the ${printUnit(moment.unit)} of ${printMoment(moment.of)}`;
    case 'later':
    case 'earlier': {
      const operands = moment.of.map(({ moment: of, optional }) => {
        const text = endsWithList(of) ? `(${printMoment(of)})` : printMoment(of);
        return optional ? `${text} if any` : text;
      });
      return `the ${moment.kind} of ${operands.slice(0, -1).join(', ')} and ${operands.at(-1)}`;
    }
    case 'never':
      return 'never';
    case 'not-computable':
      return `not computable, because "${moment.reason.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  }
}

/** Whether an `and` behind it would be taken for its own. */
function endsWithList(moment: Moment): boolean {
  if (moment.kind === 'after') return endsWithList(moment.start);
  if (moment.kind === 'end-of') return endsWithList(moment.of);
  return moment.kind === 'later' || moment.kind === 'earlier';
}

function printUnit(unit: CalendarUnit): string {
  if (typeof unit === 'object') return `year ending ${unit.yearEnding}`;
  return unit.replace('-', ' ');
}

/** `7 years and 6 months`, largest unit first. */
export function printPeriod(period: Period): string {
  if (isSetting(period)) return `{${period.setting}}`;
  const parts = UNITS.flatMap((unit) => {
    const amount = period[unit];
    return amount === undefined ? [] : [`${amount} ${named(unit, amount)}`];
  });
  return parts.join(' and ');
}

function named(unit: Unit, amount: number): string {
  return amount === 1 ? unit.slice(0, -1) : unit;
}

function same(a: Moment, b: Moment): boolean {
  return printMoment(a) === printMoment(b);
}
