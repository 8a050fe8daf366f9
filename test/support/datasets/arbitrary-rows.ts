import fc from 'fast-check';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { DefinedDataset } from '../../../shared/domain/datasets/row-holding.ts';
import type { Condition, Moment, Stage } from '../../../shared/domain/rule/ast.ts';
import { attributes, moment, unit } from '../explanation/arbitrary-referenced.ts';
import { arbitraryDuration } from '../rules/arbitrary-words.ts';
import { occurred } from '../rules/evaluations.ts';
import { aPolicy, anEvent, aRule } from '../rules/rule-world.ts';
import type { Told } from './dataset-world.ts';

/** Rules of a dataset with two clocks, and rows. */

export const DATASET: DefinedDataset = {
  store: 'logs',
  type: 'record',
  category: 'records',
  producer: 'crm',
  clock: { 'a.a': { column: 'a' }, 'b.b': { column: 'b' } },
  by: 'a.a',
};
export const EVENTS = {
  'a.a': anEvent({ entity: 'record' }),
  'b.b': anEvent({ entity: 'record' }),
  'c.c': anEvent({ entity: 'account' }),
};
export const YEARS = { fiscalYearEnd: '12-31', taxYearEnd: '04-05', academicYearEnd: '08-31' } as const;

const period = fc.record({ months: fc.integer({ min: 0, max: 30 }), days: fc.integer({ min: 1, max: 40 }) });
const bound: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 5, arbitrary: moment },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('suspended' as const),
      how: fc.constantFrom('held', 'restarted', 'paused'),
      of: fc.record({ kind: fc.constant('after' as const), period, start: moment }),
      intervals: fc.constant([{ from: 'b.b', until: 'c.c' }]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('after' as const),
      period,
      start: fc.record({
        kind: fc.constant('nth' as const),
        name: fc.constantFrom('a.a', 'b.b', 'c.c'),
        count: fc.constant(1),
        side: fc.constantFrom('after', 'before'),
        of: moment,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('override' as const),
      of: moment,
      by: moment,
      source: fc.constant('a law'),
    }),
  },
) as fc.Arbitrary<Moment>;
export const stage: fc.Arbitrary<Stage> = fc
  .record({ notBefore: fc.option(bound, { nil: undefined }), notAfter: fc.option(bound, { nil: undefined }) })
  .filter(({ notBefore, notAfter }) => notBefore !== undefined || notAfter !== undefined)
  .map(({ notBefore, notAfter }) => ({
    action: 'delete',
    ...(notBefore && { notBefore }),
    ...(notAfter && { notAfter }),
  }));
export const told: fc.Arbitrary<Told> = fc.record({
  clocks: fc.record({ 'a.a': occurred, 'b.b': occurred }, { requiredKeys: ['a.a'] }),
  attributes: fc.tuple(attributes, fc.constantFrom('DE', 'FR', 'US')).map(([flags, jurisdiction]) => ({
    ...flags,
    jurisdiction,
  })),
  account: fc.record({ 'c.c': fc.array(occurred, { maxLength: 2 }) }),
});
const lasting = arbitraryDuration({ years: 4, months: 20, weeks: 9, days: 80, hours: 100, minutes: 90 });
const asked: fc.Arbitrary<Condition> = fc.constantFrom('p', 'q').map((name) => ({
  kind: 'attribute',
  name,
  test: { kind: 'is', values: [true] },
}));
const plain = fc.letrec<{ moment: Moment }>((tie) => {
  const of = tie('moment');
  const operands = (optional: fc.Arbitrary<boolean>) =>
    fc.array(fc.record({ moment: of, optional }), { minLength: 2, maxLength: 3 });
  return {
    moment: fc.oneof(
      { depthSize: 'small' },
      fc.record({
        kind: fc.constant('event' as const),
        name: fc.constantFrom('a.a', 'a.a', 'b.b', 'c.c'),
        pick: fc.constantFrom('first', 'last'),
      }),
      fc.record({ kind: fc.constant('after' as const), period: lasting, start: of }),
      fc.record({ kind: fc.constant('after' as const), period: lasting, start: of }),
      fc.record({ kind: fc.constantFrom('end-of' as const, 'last-day-of' as const), unit, of }),
      fc.record({ kind: fc.constant('later' as const), of: operands(fc.boolean()) }),
      fc.record({ kind: fc.constant('earlier' as const), of: operands(fc.constant(false)) }),
      fc.record({ kind: fc.constant('if' as const), condition: asked, met: of, otherwise: of }),
    ) as fc.Arbitrary<Moment>,
  };
}).moment;
/** By these the dates of clocks say enough. */
export const plainStage: fc.Arbitrary<Stage> = fc.tuple(plain, fc.boolean()).map(([bound, isMaximum]) => ({
  action: 'delete',
  ...(isMaximum ? { notAfter: bound } : { notBefore: bound }),
}));

const UNDOING: readonly (readonly string[])[] = [[], [], ['b.b'], ['c.c']];
export const undoneBy = fc.constantFrom(...UNDOING);

/** `a.a` is undone by `undo`; the second rule is of one jurisdiction. */
export function policyOf(rules: readonly Stage[], at: string, undo: readonly string[]): Policy {
  const [first, second] = rules.map((one) => ({ stages: [one] }));
  const texts = [{ ...aRule('delete after 1 day from a.a'), ...(first && { rule: first }) }];
  const other = second && { ...aRule('delete after 2 days from a.a'), rule: second };
  const here = other && { ...other, level: 'jurisdiction' as const, jurisdiction: 'FR' };
  const events = { ...EVENTS, 'a.a': anEvent({ entity: 'record', undoneBy: undo }) };
  return aPolicy({ records: [...texts, ...(here ? [here] : [])] }, { zone: at, events, ...YEARS });
}
