import { isDuration } from './ast.ts';
import type { Condition, Moment, MomentOf, Period, Rule } from './ast.ts';
import { UNITS } from '../calendar/units.ts';
import type { Unit } from '../calendar/units.ts';
import { printCondition } from './print-condition.ts';
import { printMoment } from './print.ts';
import { countedBy, momentsOfRule } from './walk.ts';

/** What is wrong with a rule whatever happens: sentences that say what it is and what to do. */
export function contradictionsOf(rule: Rule): string[] {
  const found: string[] = [];
  for (const moment of momentsOfRule(rule)) found.push(...contradictionsIn(moment));
  for (const [index, { action, label, notBefore, notAfter }] of rule.stages.entries()) {
    for (const [least, most] of notBefore && notAfter ? branchesOf(notBefore, notAfter) : []) {
      if (orderOf(most, least) !== 'before') continue;
      found.push(`the maximum “${printMoment(most)}” is shorter than the minimum “${printMoment(least)}”`);
    }
    if (label !== undefined || action === 'delete') continue;
    for (const later of rule.stages.slice(index + 1)) {
      const here = notBefore ?? notAfter;
      const there = later.notAfter ?? later.notBefore;
      if (later.action !== 'delete' || later.label !== undefined || !here || !there) continue;
      const relation = orderOf(there, here);
      if (relation === 'before' || relation === 'same')
        found.push(
          `“${action}” can never happen: “${printMoment(there)}” deletes before “${printMoment(here)}”`,
        );
    }
  }
  return [...new Set(found)];
}

/** Both bounds in each branch that they share. */
function branchesOf(least: Moment, most: Moment): readonly (readonly [least: Moment, most: Moment])[] {
  const isShared =
    least.kind === 'if' &&
    most.kind === 'if' &&
    printCondition(least.condition, printMoment) === printCondition(most.condition, printMoment);
  if (!isShared) return [[least, most]];
  return [...branchesOf(least.met, most.met), ...branchesOf(least.otherwise, most.otherwise)];
}

function contradictionsIn(moment: Moment): string[] {
  switch (moment.kind) {
    case 'later':
    case 'earlier':
      return idleOperands(moment);
    case 'if':
      return printMoment(moment.met) === printMoment(moment.otherwise)
        ? ['both branches of a condition are the same; remove the condition']
        : [...idleConditions(moment.condition), ...decidedTooEarly(moment)];
    case 'nth':
      if (moment.side !== 'after' || !isNotBeforeLast(moment.of, moment.name)) return [];
      return [
        `“${printMoment(moment)}” can never come, because nothing comes after the last ${moment.name}; count from the first one, or from an event of the record itself, such as this.created`,
      ];
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
    case 'birthday':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return [];
  }
}

/** Parts of an `or` that nothing can make true: they can only be known once another part is true anyway. */
function idleConditions(condition: Condition): string[] {
  switch (condition.kind) {
    case 'not':
      return idleConditions(condition.of);
    case 'all':
      return [...excluded(condition.of), ...condition.of.flatMap(idleConditions)];
    case 'any': {
      const happened = new Set(
        condition.of.flatMap((part) =>
          part.kind === 'occurred' && part.when === undefined ? part.name : [],
        ),
      );
      const idle = condition.of.filter((part) => {
        if (part.kind === 'age') return part.at.kind === 'event' && happened.has(part.at.name);
        return part.kind === 'attribute' && part.event !== undefined && happened.has(part.event);
      });
      const print = (part: Condition): string => printCondition(part, printMoment);
      return [
        ...idle.map(
          (part) =>
            `“${print(part)}” adds nothing after “or”: it is known only once the other part is true; write “and”`,
        ),
        ...condition.of.flatMap(idleConditions),
      ];
    }
    case 'occurred': {
      const { name, when } = condition;
      const isLate = when?.kind === 'after' || (when?.kind === 'within' && when.side === 'after');
      if (!isLate || !isNotBeforeLast(when.of, name)) return [];
      return [
        `“${printCondition(condition, printMoment)}” is never true, because nothing comes after the last ${name}`,
      ];
    }
    case 'attribute':
    case 'age':
      return [];
  }
}

/** `if a.a has occurred within 6 weeks after b.b, X, otherwise 2 weeks after b.b`: it may still come after the two weeks. */
function decidedTooEarly({ condition, met, otherwise }: MomentOf<'if'>): string[] {
  return spansOf(condition, false).flatMap(({ end, text, isDenied }) => {
    const without = isDenied ? met : otherwise;
    if (orderOf(without, end) !== 'before') return [];
    return [
      `“${printMoment(without)}” is over before it is known whether ${text}; write a period that is at least as long`,
    ];
  });
}

interface ConditionSpan {
  readonly end: Moment;
  readonly text: string;
  readonly isDenied: boolean;
}

function spansOf(condition: Condition, isDenied: boolean): ConditionSpan[] {
  switch (condition.kind) {
    case 'not':
      return spansOf(condition.of, !isDenied);
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => spansOf(part, isDenied));
    case 'occurred': {
      const { when } = condition;
      if (when?.kind !== 'within' || when.side !== 'after') return [];
      const text = printCondition(condition, printMoment);
      return [{ end: { kind: 'after', period: when.period, start: when.of }, text, isDenied }];
    }
    case 'attribute':
    case 'age':
      return [];
  }
}

/** Whether the moment is the last occurrence itself, or counted from it. */
function isNotBeforeLast(moment: Moment, name: string): boolean {
  switch (moment.kind) {
    case 'event':
      return moment.name === name && moment.pick === 'last';
    case 'after':
      return isNotBeforeLast(moment.start, name);
    case 'end-of':
    case 'next-day':
    case 'run':
      return isNotBeforeLast(moment.of, name);
    case 'nth':
      return moment.side === 'after' && isNotBeforeLast(moment.of, name);
    case 'later':
      return moment.of.some((operand) => !operand.optional && isNotBeforeLast(operand.moment, name));
    case 'earlier':
    case 'date':
    case 'date-in':
    case 'before':
    case 'last-day-of':
    case 'weekday-of':
    case 'birthday':
    case 'if':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return false;
  }
}

/** `kind is "a" and kind is "b"`. */
function excluded(parts: readonly Condition[]): string[] {
  return parts.flatMap((part, index) => {
    if (part.kind !== 'attribute' || part.test.kind !== 'is') return [];
    const { name, event, test } = part;
    const other = parts
      .slice(0, index)
      .find((one) => one.kind === 'attribute' && one.name === name && one.event === event);
    if (other?.kind !== 'attribute' || other.test.kind !== 'is') return [];
    if (other.test.values.some((value) => test.values.includes(value))) return [];
    return [`“${name}” cannot be two values at once; write “or”, or “${name} is one of …”`];
  });
}

/** Operands that can never decide, because another one always does. */
function idleOperands({ kind, of }: MomentOf<'later' | 'earlier'>): string[] {
  return of.flatMap(({ moment, optional }, index) => {
    if (moment.kind === 'never')
      return [
        kind === 'later'
          ? '“the later of” with “never” never happens; write “keep permanently”'
          : '“the earlier of” ignores “never”; remove it',
      ];
    const beaten = of.some((other, at) => {
      if (at === index || (other.optional && !optional)) return false;
      const relation = orderOf(moment, other.moment);
      if (relation === 'same') return at < index;
      return relation === (kind === 'later' ? 'before' : 'after');
    });
    if (!beaten) return [];
    return [`“${printMoment(moment)}” can never be the ${kind} one; remove it`];
  });
}

/** The order of two moments, if it is always the same: both are dates, or counted from the same start. */
export function orderOf(a: Moment, b: Moment): 'before' | 'same' | 'after' | undefined {
  if (printMoment(a) === printMoment(b)) return 'same';
  if (a.kind === 'date' && b.kind === 'date') return a.date < b.date ? 'before' : 'after';
  const [left, right] = [counted(a), counted(b)];
  if (left === undefined || right === undefined || printMoment(left.start) !== printMoment(right.start))
    return undefined;
  if (left.most < right.least) return 'before';
  return left.least > right.most ? 'after' : undefined;
}

interface Span {
  readonly least: number;
  readonly most: number;
}

/** How many seconds a moment lies after its start, at least and at most. */
function counted(moment: Moment): (Span & { readonly start: Moment }) | undefined {
  const found = countedBy(moment);
  if (found === 'not counted') return { start: moment, least: 0, most: 0 };
  const [length, inner] = [lengthOf(found.period), counted(found.start)];
  if (length === undefined || inner === undefined) return undefined;
  return { start: inner.start, least: inner.least + length.least, most: inner.most + length.most };
}

const DAY = 24 * 3600;

/** Seconds of each unit, or calendar months; how long working days take depends on the calendar. */
const LENGTHS: Readonly<Record<Unit, number | { readonly months: number } | 'unknown'>> = {
  years: { months: 12 },
  months: { months: 1 },
  weeks: 7 * DAY,
  days: DAY,
  workingDays: 'unknown',
  hours: 3600,
  minutes: 60,
  seconds: 1,
};

function lengthOf(period: Period): Span | undefined {
  if (!isDuration(period)) return undefined;
  let [months, seconds] = [0, 0];
  for (const unit of UNITS) {
    const [amount, length] = [period[unit], LENGTHS[unit]];
    if (amount === undefined) continue;
    if (length === 'unknown') return undefined;
    if (typeof length === 'number') seconds += amount * length;
    else months += amount * length.months;
  }
  // Twelve months are 365 or 366 days; any fewer are bounded by the shortest and longest month.
  const [years, part] = [Math.floor(months / 12), months % 12];
  return {
    least: (years * 365 + part * 28) * DAY + seconds,
    most: (years * 366 + part * 31) * DAY + seconds,
  };
}
