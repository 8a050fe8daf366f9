import type { Condition, Moment, Period, Rule } from './ast.ts';
import type { Duration } from '../calendar/units.ts';
import { isSetting } from './ast.ts';

/** The moments directly inside a moment, those in its condition included. */
export function childrenOf(moment: Moment): readonly Moment[] {
  switch (moment.kind) {
    case 'event':
    case 'date':
    case 'never':
    case 'not-applicable':
      return [];
    case 'not-computable':
      return moment.fallback === undefined ? [] : [moment.fallback];
    case 'after':
      return [moment.start];
    case 'before':
      return [moment.end];
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'suspended':
      return [moment.of];
    case 'later':
    case 'earlier':
      return moment.of.map((operand) => operand.moment);
    case 'if':
      return [...atoms(moment.condition).flatMap(momentsIn), moment.met, moment.otherwise];
    case 'override':
      return [moment.of, moment.by];
  }
}

/** The conditions without `and`, `or` and `not`. */
function atoms(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(atoms);
    case 'not':
      return atoms(condition.of);
    case 'attribute':
    case 'occurred':
    case 'age':
      return [condition];
  }
}

function momentsIn(atom: Condition): Moment[] {
  if (atom.kind === 'occurred') return atom.when === undefined ? [] : [atom.when.of];
  return atom.kind === 'age' ? [atom.at] : [];
}

/** Everything inside a moment, itself included. */
function* momentsOf(moment: Moment): Generator<Moment> {
  yield moment;
  for (const child of childrenOf(moment)) yield* momentsOf(child);
}

export function* momentsOfRule(rule: Rule): Generator<Moment> {
  for (const { notBefore, notAfter } of rule.stages) {
    if (notBefore) yield* momentsOf(notBefore);
    if (notAfter) yield* momentsOf(notAfter);
  }
}

/** What a moment asks of the facts by itself, without what is inside it. */
export interface Asked {
  readonly event: string;
  /** `all`: more than the first and the last occurrence can decide. */
  readonly need: 'ends' | 'all';
}

export function askedBy(moment: Moment): readonly Asked[] {
  const of = (need: Asked['need'], ...events: string[]): Asked[] => events.map((event) => ({ event, need }));
  if (moment.kind === 'event') return of('ends', moment.name);
  if (moment.kind === 'nth') return of('all', moment.name);
  if (moment.kind === 'suspended')
    return of('all', ...moment.intervals.flatMap(({ from, until }) => [from, until]));
  return moment.kind === 'if' ? atoms(moment.condition).flatMap(askedByAtom) : [];
}

function askedByAtom(atom: Condition): readonly Asked[] {
  switch (atom.kind) {
    case 'occurred':
      return [{ event: atom.name, need: atom.when === undefined ? 'ends' : 'all' }];
    case 'age':
      return [{ event: atom.birth, need: 'ends' }];
    case 'attribute':
      return atom.event === undefined ? [] : [{ event: atom.event, need: 'ends' }];
    case 'all':
    case 'any':
    case 'not':
      return [];
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

/** The periods of the moment itself. */
function periodsOf(moment: Moment): readonly Period[] {
  if (moment.kind === 'after' || moment.kind === 'before') return [moment.period];
  if (moment.kind !== 'if') return [];
  return atoms(moment.condition).flatMap((atom) =>
    atom.kind === 'occurred' && atom.when?.kind === 'within' ? [atom.when.period] : [],
  );
}

export function countsWorkingDays(rule: Rule): boolean {
  const counts = (period: Period): period is Duration =>
    !isSetting(period) && period.workingDays !== undefined;
  return [...momentsOfRule(rule)].some((moment) => periodsOf(moment).some(counts));
}

export function usesFiscalYear(rule: Rule): boolean {
  return [...momentsOfRule(rule)].some(
    (moment) => (moment.kind === 'end-of' || moment.kind === 'last-day-of') && moment.unit === 'fiscal-year',
  );
}

export function attributesOf(rule: Rule): readonly { readonly name: string; readonly event?: string }[] {
  return [...momentsOfRule(rule)].flatMap((moment) =>
    moment.kind === 'if' ? atoms(moment.condition).filter((atom) => atom.kind === 'attribute') : [],
  );
}
