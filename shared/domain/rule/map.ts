import type { Condition, Moment, Period, Stage } from './ast.ts';

/** What becomes of the names and periods of a moment; its shape stays. */
export interface Renaming {
  event(name: string): string;
  period(period: Period): Period;
  /** The one that stands for all that say the same. */
  same?(moment: Moment): Moment;
}

export function mapStage(stage: Stage, renaming: Renaming): Stage {
  const { notBefore, notAfter } = stage;
  return {
    ...stage,
    ...(notBefore && { notBefore: mapMoment(notBefore, renaming) }),
    ...(notAfter && { notAfter: mapMoment(notAfter, renaming) }),
  };
}

function mapMoment(moment: Moment, renaming: Renaming): Moment {
  const mapped = mapKind(moment, renaming);
  return renaming.same === undefined ? mapped : renaming.same(mapped);
}

function mapKind(moment: Moment, renaming: Renaming): Moment {
  const map = (inner: Moment): Moment => mapMoment(inner, renaming);
  switch (moment.kind) {
    case 'event':
      return { ...moment, name: renaming.event(moment.name) };
    case 'after':
      return { ...moment, period: renaming.period(moment.period), start: map(moment.start) };
    case 'before':
      return { ...moment, period: renaming.period(moment.period), end: map(moment.end) };
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'run':
    case 'birthday':
      return { ...moment, of: map(moment.of) };
    case 'nth':
      return { ...moment, name: renaming.event(moment.name), of: map(moment.of) };
    case 'later':
    case 'earlier':
      return { ...moment, of: moment.of.map((operand) => ({ ...operand, moment: map(operand.moment) })) };
    case 'if':
      return {
        kind: 'if',
        condition: mapCondition(moment.condition, renaming),
        met: map(moment.met),
        otherwise: map(moment.otherwise),
      };
    case 'suspended': {
      const intervals = moment.intervals.map(({ from, until }) => ({
        from: renaming.event(from),
        until: renaming.event(until),
      }));
      return { ...moment, of: map(moment.of), intervals };
    }
    case 'override':
      return { ...moment, of: map(moment.of), by: map(moment.by) };
    case 'not-computable':
      return moment.fallback === undefined ? moment : { ...moment, fallback: map(moment.fallback) };
    case 'date':
    case 'never':
    case 'not-applicable':
      return moment;
  }
}

function mapCondition(condition: Condition, renaming: Renaming): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map((inner) => mapCondition(inner, renaming)) };
    case 'not':
      return { ...condition, of: mapCondition(condition.of, renaming) };
    case 'attribute':
      return condition.event === undefined
        ? condition
        : { ...condition, event: renaming.event(condition.event) };
    case 'occurred': {
      const { when } = condition;
      const name = renaming.event(condition.name);
      if (when === undefined) return { ...condition, name };
      const of = mapMoment(when.of, renaming);
      if (when.kind !== 'within') return { ...condition, name, when: { ...when, of } };
      return { ...condition, name, when: { ...when, of, period: renaming.period(when.period) } };
    }
    case 'age':
      return {
        ...condition,
        birth: renaming.event(condition.birth),
        at: mapMoment(condition.at, renaming),
      };
  }
}
