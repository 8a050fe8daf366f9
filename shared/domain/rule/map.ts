import type {
  AttributeReference,
  Condition,
  Latest,
  Moment,
  Period,
  SettingReference,
  Stage,
  StageReference,
  When,
} from './ast.ts';
import type { CalendarUnit, Duration } from '../calendar/units.ts';

/** How the parts of a moment change; its shape stays the same. `UNCHANGED` changes nothing. */
export interface Mapping<Open> {
  event(name: string): string;
  period(period: Duration | SettingReference): Period;
  unit(unit: CalendarUnit): CalendarUnit;
  /** What takes its place: the result has no placeholders. */
  placeholder(open: Open): Moment;
  /** The one moment that replaces all equal ones. */
  same?(moment: Moment): Moment;
}

export const UNCHANGED: Mapping<never> = {
  event: (name) => name,
  period: (period) => period,
  unit: (unit) => unit,
  placeholder: (none) => none,
};

export function mapStage<Open extends StageReference | Latest<Open>>(
  stage: Stage<Open>,
  mapping: Mapping<Open>,
): Stage {
  const { notBefore, notAfter, ...rest } = stage;
  return {
    ...rest,
    ...(notBefore && { notBefore: mapMoment(notBefore, mapping) }),
    ...(notAfter && { notAfter: mapMoment(notAfter, mapping) }),
  };
}

export function mapMoment<Open extends StageReference | Latest<Open>>(
  moment: Moment<Open>,
  mapping: Mapping<Open>,
): Moment {
  const mapped = mapKind(moment, mapping);
  return mapping.same === undefined ? mapped : mapping.same(mapped);
}

function mapKind<Open extends StageReference | Latest<Open>>(
  moment: Moment<Open>,
  mapping: Mapping<Open>,
): Moment {
  const map = (inner: Moment<Open>): Moment => mapMoment(inner, mapping);
  switch (moment.kind) {
    case 'stage':
    case 'latest':
      return mapping.placeholder(moment);
    case 'event':
      return { ...moment, name: mapping.event(moment.name) };
    case 'after':
      return { ...moment, period: mapPeriod(moment.period, mapping), start: map(moment.start) };
    case 'before':
      return { ...moment, period: mapPeriod(moment.period, mapping), end: map(moment.end) };
    case 'end-of':
    case 'last-day-of':
      return { ...moment, unit: mapping.unit(moment.unit), of: map(moment.of) };
    case 'next-day':
      return { ...moment, of: map(moment.of) };
    case 'weekday-of':
      return { ...moment, of: map(moment.of) };
    case 'run':
      return { ...moment, of: map(moment.of) };
    case 'birthday':
      return { ...moment, of: map(moment.of) };
    case 'nth':
      return { ...moment, name: mapping.event(moment.name), of: map(moment.of) };
    case 'later':
    case 'earlier':
      return { ...moment, of: moment.of.map((operand) => ({ ...operand, moment: map(operand.moment) })) };
    case 'if':
      return {
        kind: 'if',
        condition: mapCondition(moment.condition, mapping),
        met: map(moment.met),
        otherwise: map(moment.otherwise),
      };
    case 'suspended': {
      const intervals = moment.intervals.map(({ from, until }) => ({
        from: mapping.event(from),
        until: mapping.event(until),
      }));
      return { ...moment, of: map(moment.of), intervals };
    }
    case 'override':
      return { ...moment, of: map(moment.of), by: map(moment.by) };
    case 'not-computable': {
      const { kind, reason, fallback } = moment;
      return fallback === undefined ? { kind, reason } : { kind, reason, fallback: map(fallback) };
    }
    case 'date-in':
      return mapReference(moment, mapping);
    case 'date':
    case 'never':
    case 'not-applicable':
      return moment;
  }
}

function mapPeriod<Open>(period: Period, mapping: Mapping<Open>): Period {
  return 'attribute' in period ? mapReference(period, mapping) : mapping.period(period);
}

function mapReference<Reference extends AttributeReference, Open>(
  reference: Reference,
  mapping: Mapping<Open>,
): Reference {
  return reference.event === undefined ? reference : { ...reference, event: mapping.event(reference.event) };
}

function mapCondition<Open extends StageReference | Latest<Open>>(
  condition: Condition<Open>,
  mapping: Mapping<Open>,
): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map((inner) => mapCondition(inner, mapping)) };
    case 'not':
      return { ...condition, of: mapCondition(condition.of, mapping) };
    case 'attribute':
      return condition.event === undefined
        ? condition
        : { ...condition, event: mapping.event(condition.event) };
    case 'occurred': {
      const { kind, when } = condition;
      const name = mapping.event(condition.name);
      return when === undefined ? { kind, name } : { kind, name, when: mapWhen(when, mapping) };
    }
    case 'age':
      return {
        ...condition,
        birth: mapping.event(condition.birth),
        at: mapMoment(condition.at, mapping),
      };
  }
}

function mapWhen<Open extends StageReference | Latest<Open>>(when: When<Open>, mapping: Mapping<Open>): When {
  const of = mapMoment(when.of, mapping);
  switch (when.kind) {
    case 'before':
    case 'after':
    case 'by':
    case 'from':
      return { kind: when.kind, of };
    case 'within':
      return { ...when, period: mapPeriod(when.period, mapping), of };
  }
}
