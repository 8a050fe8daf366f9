import type {
  AttributeReference,
  Condition,
  Latest,
  Moment,
  Period,
  Rule,
  StageReference,
  When,
} from './ast.ts';
import { isPolicyYear } from '../calendar/units.ts';
import type { CalendarUnit, PolicyYear } from '../calendar/units.ts';
import { isDuration } from './ast.ts';

/** What a moment asks of the facts by itself, without what is inside it. */
export interface Asked {
  readonly event: string;
  /** `all`: more than the first and the last occurrence can decide. */
  readonly need: 'ends' | 'all';
}

/** What a moment or a condition contains, at its own level. Each kind lists what it has. */
interface Parts<Open> {
  /** Directly inside, those in its condition included. */
  readonly moments?: readonly Moment<Open>[];
  readonly asked?: readonly Asked[];
  readonly periods?: readonly Period[];
  readonly units?: readonly CalendarUnit[];
  readonly attributes?: readonly { readonly name: string; readonly event?: string }[];
}

/** The one place that knows the parts of every kind of moment. */
function partsOf<Open extends StageReference | Latest<Open>>(moment: Moment<Open>): Parts<Open> {
  switch (moment.kind) {
    case 'event':
      return { asked: ask('ends', moment.name) };
    case 'date':
    case 'never':
    case 'not-applicable':
    case 'stage':
      return {};
    case 'date-in':
      return partsOfReference(moment);
    case 'latest':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'birthday':
      return { moments: [moment.of] };
    case 'nth':
      return { moments: [moment.of], asked: ask('all', moment.name) };
    case 'after':
      return { ...partsOfPeriod(moment.period), moments: [moment.start] };
    case 'before':
      return { ...partsOfPeriod(moment.period), moments: [moment.end] };
    case 'end-of':
    case 'last-day-of':
      return { moments: [moment.of], units: [moment.unit] };
    case 'later':
    case 'earlier':
      return { moments: moment.of.map((operand) => operand.moment) };
    case 'if': {
      const { moments = [], ...rest } = partsOfCondition(moment.condition);
      return { ...rest, moments: [...moments, moment.met, moment.otherwise] };
    }
    case 'suspended': {
      const events = moment.intervals.flatMap(({ from, until }) => [from, until]);
      return { moments: [moment.of], asked: ask('all', ...events) };
    }
    case 'override':
      return { moments: [moment.of, moment.by] };
    case 'not-computable':
      return { moments: moment.fallback === undefined ? [] : [moment.fallback] };
  }
}

function partsOfCondition<Open extends StageReference | Latest<Open>>(
  condition: Condition<Open>,
): Parts<Open> {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const inner = condition.of.map((each) => partsOfCondition(each));
      return {
        moments: inner.flatMap(({ moments = [] }) => moments),
        asked: inner.flatMap(({ asked = [] }) => asked),
        periods: inner.flatMap(({ periods = [] }) => periods),
        units: inner.flatMap(({ units = [] }) => units),
        attributes: inner.flatMap(({ attributes = [] }) => attributes),
      };
    }
    case 'not':
      return partsOfCondition(condition.of);
    case 'attribute': {
      const { event } = condition;
      return { attributes: [condition], asked: event === undefined ? [] : ask('ends', event) };
    }
    case 'occurred': {
      const { name, when } = condition;
      if (when === undefined) return { asked: ask('ends', name) };
      const { asked = [], ...rest } = partsOfSpan(when);
      return { ...rest, asked: [...ask('all', name), ...asked] };
    }
    case 'age':
      return { moments: [condition.at], asked: ask('ends', condition.birth) };
  }
}

function partsOfSpan<Open extends StageReference | Latest<Open>>(when: When<Open>): Parts<Open> {
  switch (when.kind) {
    case 'before':
    case 'after':
    case 'by':
    case 'from':
      return { moments: [when.of] };
    case 'within':
      return { ...partsOfPeriod(when.period), moments: [when.of] };
  }
}

function partsOfPeriod(period: Period): Parts<never> {
  return { ...('attribute' in period && partsOfReference(period)), periods: [period] };
}

function partsOfReference({ attribute: name, event }: AttributeReference): Parts<never> {
  if (event === undefined) return { attributes: [{ name }] };
  return { attributes: [{ name, event }], asked: ask('ends', event) };
}

function ask(need: Asked['need'], ...events: string[]): Asked[] {
  return events.map((event) => ({ event, need }));
}

/** The moments directly inside a moment, those in its condition included. */
export function childrenOf(moment: Moment): readonly Moment[] {
  return partsOf(moment).moments ?? [];
}

export function askedBy(moment: Moment): readonly Asked[] {
  return partsOf(moment).asked ?? [];
}

/** Everything inside a moment, itself included. */
export function* momentsOf<Open extends StageReference | Latest<Open>>(
  moment: Moment<Open>,
): Generator<Moment<Open>> {
  yield moment;
  for (const child of partsOf(moment).moments ?? []) yield* momentsOf(child);
}

/** Whether any moment inside it is such a one. Remembered for each moment: policies live as long as the process. */
export function containing(isMeant: (moment: Moment) => boolean): (moment: Moment) => boolean {
  const known = new WeakMap<Moment, boolean>();
  return (moment) => {
    const found = known.get(moment) ?? [...momentsOf(moment)].some(isMeant);
    known.set(moment, found);
    return found;
  };
}

export function* momentsOfRule(rule: Rule): Generator<Moment> {
  for (const { notBefore, notAfter } of rule.stages) {
    if (notBefore) yield* momentsOf(notBefore);
    if (notAfter) yield* momentsOf(notAfter);
  }
}

/** Every event that is named anywhere inside the moment. */
export function eventsIn(moment: Moment): ReadonlySet<string> {
  const names = new Set<string>();
  for (const inner of momentsOf(moment)) for (const { event } of askedBy(inner)) names.add(event);
  return names;
}

/** Every event that the rule names, resolved or not. */
export function eventsOf(rule: Rule): ReadonlySet<string> {
  const names = new Set<string>();
  for (const moment of momentsOfRule(rule)) for (const { event } of askedBy(moment)) names.add(event);
  return names;
}

/** A bound that counts only in some branches of its stage, or until a law asks for another one. */
export function mayNotApply(bound: Moment): boolean {
  return [...momentsOf(bound)].some(
    (moment) => moment.kind === 'not-applicable' || (moment.kind === 'override' && moment.lifts === true),
  );
}

/** The most working days that one of its periods counts; 0 if none does. */
export function workingDaysOf(rule: Rule): number {
  const periods = [...momentsOfRule(rule)].flatMap((moment) => partsOf(moment).periods ?? []);
  return Math.max(0, ...periods.map((period) => (isDuration(period) ? (period.workingDays ?? 0) : 0)));
}

/** The years of the policy that the rule counts from. */
export function policyYearsOf(rule: Rule): ReadonlySet<PolicyYear> {
  const units = [...momentsOfRule(rule)].flatMap((moment) => partsOf(moment).units ?? []);
  return new Set(units.filter(isPolicyYear));
}

export function attributesOf(rule: Rule): readonly { readonly name: string; readonly event?: string }[] {
  return [...momentsOfRule(rule)].flatMap((moment) => partsOf(moment).attributes ?? []);
}

/** The period that a moment is counted by and what it is counted from: such a period can begin again. */
export function countedBy<Open extends StageReference | Latest<Open>>(
  moment: Moment<Open>,
): { readonly period: Period; readonly start: Moment<Open> } | 'not counted' {
  switch (moment.kind) {
    case 'after':
      return moment;
    case 'before':
    case 'event':
    case 'date':
    case 'date-in':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'later':
    case 'earlier':
    case 'if':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
    case 'stage':
    case 'latest':
      return 'not counted';
  }
}

/** Whether the time of a period is in it: it is counted itself, or from something that is. Not if that says how it can stop. */
export function isCounted<Open extends StageReference | Latest<Open>>(moment: Moment<Open>): boolean {
  const parts = [...momentsOf(moment)];
  return parts.some(({ kind }) => kind === 'after') && !parts.some(({ kind }) => kind === 'suspended');
}

/** What the wording of a moment ends with, where only its own words or parentheses end that: of `3 years after X`, it is `X`. */
export function lastPartOf<Open extends StageReference | Latest<Open>>(moment: Moment<Open>): Moment<Open> {
  switch (moment.kind) {
    case 'after':
      return lastPartOf(moment.start);
    case 'before':
      return lastPartOf(moment.end);
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
      return lastPartOf(moment.of);
    case 'event':
    case 'date':
    case 'date-in':
    case 'later':
    case 'earlier':
    case 'if':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
    case 'stage':
    case 'latest':
      return moment;
  }
}
