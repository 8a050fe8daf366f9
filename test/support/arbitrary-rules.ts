import fc from 'fast-check';
import { ACTIONS } from '../../shared/domain/actions.ts';
import type { Duration, Moment, Period, Rule, Stage, Unit } from '../../shared/domain/rule/ast.ts';
import { UNITS } from '../../shared/domain/rule/ast.ts';
import { isKeyword } from '../../shared/domain/rule/words.ts';

/** Every rule that the language can say, in the shape that parsing gives. */
export function arbitraryRule(): fc.Arbitrary<Rule> {
  return fc
    .subarray([...ACTIONS], { minLength: 1 })
    .chain((actions) => fc.tuple(...actions.map((action) => arbitraryStage(action))))
    .map((stages) => ({ stages }));
}

function arbitraryStage(action: Stage['action']): fc.Arbitrary<Stage> {
  return fc
    .record({ notBefore: arbitraryMoment(), notAfter: arbitraryMoment() }, { requiredKeys: [] })
    .filter(({ notBefore, notAfter }) => notBefore !== undefined || notAfter !== undefined)
    .map((bounds) => ({ action, ...bounds }));
}

const amounts: Readonly<Record<Unit, number>> = {
  years: 1000,
  months: 12_000,
  weeks: 53_000,
  days: 366_000,
  workingDays: 2000,
  hours: 8_784_000,
  minutes: 527_040_000,
};

export function arbitraryDuration(
  largest: Readonly<Partial<Record<Unit, number>>> = amounts,
): fc.Arbitrary<Duration> {
  const units = UNITS.filter((unit) => largest[unit] !== undefined);
  return fc
    .subarray(units, { minLength: 1 })
    .chain((some) => fc.record(Object.fromEntries(some.map((unit) => [unit, fc.nat(largest[unit])]))))
    .map((duration): Duration => duration);
}

const word = fc
  .stringMatching(/^[a-zA-Zéß][a-zA-Z0-9_-]{0,8}$/)
  .filter((text) => !isKeyword(text.toLowerCase()));
const noun = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
/** Number words in front of unit words would be a period. */
const name = fc.oneof(
  noun.filter(
    (text) => !/^(an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) /i.test(text),
  ),
  fc.tuple(word, word).map(([first, second]) => `${first}.${second}`),
);
const date = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2200-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const monthDay = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2024-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(5, 10));
const period: fc.Arbitrary<Period> = fc.oneof(
  { weight: 4, arbitrary: arbitraryDuration() },
  noun.map((setting) => ({ setting })),
);
const reason = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !text.includes('\n'));

export function arbitraryMoment(): fc.Arbitrary<Moment> {
  return fc.letrec<{ moment: Moment }>((tie) => ({
    moment: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({
        kind: fc.constant('event' as const),
        name,
        pick: fc.constantFrom('first' as const, 'last' as const),
      }),
      fc.record({ kind: fc.constant('date' as const), date }),
      fc.constant<Moment>({ kind: 'never' }),
      fc.record({ kind: fc.constant('not-computable' as const), reason }),
      fc.record({ kind: fc.constant('after' as const), period, start: tie('moment') }),
      fc.record({
        kind: fc.constant('end-of' as const),
        unit: fc.oneof(
          fc.constantFrom('month' as const, 'calendar-year' as const, 'fiscal-year' as const),
          monthDay.map((yearEnding) => ({ yearEnding })),
        ),
        of: tie('moment'),
      }),
      fc.record({ kind: fc.constant('earlier' as const), of: operands(tie('moment'), fc.constant(false)) }),
      fc.record({ kind: fc.constant('later' as const), of: operands(tie('moment'), fc.boolean()) }),
    ),
  })).moment;
}

function operands(
  moment: fc.Arbitrary<Moment>,
  optional: fc.Arbitrary<boolean>,
): fc.Arbitrary<{ moment: Moment; optional: boolean }[]> {
  return fc.array(fc.record({ moment, optional }), { minLength: 2, maxLength: 3 });
}
