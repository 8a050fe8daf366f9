import type { Moment, Operand, Rule, Stage } from '../rule/ast.ts';
import { isDuration } from '../rule/ast.ts';

/** More than any rule needs. A category with more is refused for datasets when the configuration is loaded. */
export const MOST_READINGS = 256;

/** The first day that any fact can have: nothing that is computed from it is later than from any other. */
export const FIRST_DAY = '1900-01-01';

/**
 * A rule without what depends on the order of events, or on attributes: one rule for each way in which its conditions can
 * turn out. Whatever a row says, one of them gives no later date than the rule. In each of them a later event never has
 * an earlier date, but for the hours and days that months of different lengths and changed clocks make. Nothing if there
 * are too many.
 */
export function earliestReadings(rule: Rule): readonly Rule[] | undefined {
  const stages = rule.stages.map(stageReadings);
  return combined(stages)?.map((each) => ({ stages: each }));
}

function stageReadings(stage: Stage): readonly Stage[] | undefined {
  const { notBefore, notAfter, ...rest } = stage;
  const minimum = notBefore === undefined ? [undefined] : readings(notBefore);
  const maximum = notAfter === undefined ? [undefined] : readings(notAfter);
  return combined<Moment | undefined>([minimum, maximum])?.map(([from, until]) => ({
    ...rest,
    ...(from && { notBefore: from }),
    ...(until && { notAfter: until }),
  }));
}

type Readings = readonly Moment[] | undefined;

function readings(moment: Moment): Readings {
  switch (moment.kind) {
    case 'event':
    case 'date':
    case 'never':
    case 'not-applicable':
      return [moment];
    // What an attribute holds is not known.
    case 'date-in':
      return [FIRST];
    case 'after':
      if (!isDuration(moment.period)) return readings(moment.start);
      return readings(moment.start)?.map((start) => ({ ...moment, start }));
    case 'before':
      if (!isDuration(moment.period)) return [FIRST];
      return readings(moment.end)?.map((end) => ({ ...moment, end }));
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'birthday':
      return readings(moment.of)?.map((of) => ({ ...moment, of }));
    // Whichever of its occurrences counts, it is one of them.
    case 'nth':
      return [{ kind: 'event', name: moment.name, pick: 'last' }];
    case 'later':
    case 'earlier':
      return combined(moment.of.map(operandReadings))?.map((of) => ({ ...moment, of }));
    case 'if':
      return united([readings(moment.met), readings(moment.otherwise)]);
    // It only delays.
    case 'suspended':
      return readings(moment.of);
    case 'override':
      return united([
        readings(moment.of),
        readings(moment.by),
        moment.lifts === true ? [{ kind: 'not-applicable' }] : [],
      ]);
    case 'not-computable':
      return moment.fallback === undefined ? [moment] : readings(moment.fallback);
  }
}

const FIRST: Moment = { kind: 'date', date: FIRST_DAY };

function operandReadings({ moment, optional }: Operand): readonly Operand[] | undefined {
  return readings(moment)?.map((each) => ({ moment: each, optional }));
}

function united(all: readonly Readings[]): Readings {
  const found: Moment[] = [];
  for (const each of all) {
    if (each === undefined) return undefined;
    found.push(...each);
  }
  return found.length > MOST_READINGS ? undefined : found;
}

/** One of each list, in every combination. */
export function combined<Item>(
  lists: readonly (readonly Item[] | undefined)[],
): readonly (readonly Item[])[] | undefined {
  let all: readonly (readonly Item[])[] = [[]];
  for (const list of lists) {
    if (list === undefined || all.length * list.length > MOST_READINGS) return undefined;
    all = all.flatMap((known) => list.map((item) => [...known, item]));
  }
  return all;
}
