import fc from 'fast-check';
import { expect, test } from 'vitest';
import { masksOf } from '../../../shared/domain/configuration/masks-of.ts';
import { columnMasks, maskPath, maskTree, mayBeAbsent } from '../../../shared/domain/record/mask-tree.ts';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import { aPolicy } from '../../support/rules/rule-world.ts';

const CLEAR = { kind: 'null' } as const satisfies Mask;
const REMOVED = { kind: 'constant', value: 'removed' } as const satisfies Mask;
const field = (name: string) => ({ kind: 'field', name }) as const;
const elements = { kind: 'elements' } as const;

test.each([
  ['email', [field('email')]],
  ['profile.email', [field('profile'), field('email')]],
  ['addresses[].street', [field('addresses'), elements, field('street')]],
  ['phones[]', [field('phones'), elements]],
  ['rows[][].x', [field('rows'), elements, elements, field('x')]],
  [String.raw`full\.name`, [field('full.name')]],
  [String.raw`a\[].b`, [field('a[]'), field('b')]],
  [String.raw`back\\slash`, [field('back\\slash')]],
  ['a]', [field('a]')]],
  ['__proto__.constructor', [field('__proto__'), field('constructor')]],
  [' ', [field(' ')]],
  ['two\nlines', [field('two\nlines')]],
])('%j is a path', (text, expected) => {
  expect(maskPath(text)).toEqual(expected);
});

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  '[]',
  '[].a',
  'a[0]',
  'a[',
  'a[b',
  'a[]b',
  'a.[]',
  '\\',
  'a\\',
  String.raw`a\b`,
])('%j is not a path', (text) => {
  expect(maskPath(text)).toBeUndefined();
  expect(maskTree({ email: CLEAR, [text]: CLEAR })).toBeUndefined();
});

test('every name can be written, alone or inside another', () => {
  const written = (name: string) => name.replaceAll(/[.[\\]/g, String.raw`\$&`);
  const name = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom('.', '[', ']', '\\', 'a'), minLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.nat(2)), { minLength: 1, maxLength: 4 }), (steps) => {
      const text = steps.map(([step, lists]) => written(step) + '[]'.repeat(lists)).join('.');
      const expected = steps.flatMap(([step, lists]) => [
        field(step),
        ...Array.from({ length: lists }, () => elements),
      ]);
      expect(maskPath(text)).toEqual(expected);
    }),
  );
});

test('a mask of a whole field replaces the masks inside it, in whatever order they come', () => {
  const masks: [string, Mask][] = [
    ['profile.email', CLEAR],
    ['profile', REMOVED],
    ['profile.phones[]', CLEAR],
  ];
  const expected = maskTree({ profile: REMOVED });
  expect(expected).toBeDefined();
  expect(maskTree(Object.fromEntries(masks))).toEqual(expected);
  expect(maskTree(Object.fromEntries(masks.toReversed()))).toEqual(expected);
});

test('one field cannot be a map and a list', () => {
  expect(maskTree({ 'a.b': CLEAR, 'a[].b': CLEAR })).toBeUndefined();
  expect(maskTree({ 'a[].b': CLEAR, 'a.b': CLEAR })).toBeUndefined();
});

test('what is around masks may be absent if all of them say so', () => {
  const optional = { ...CLEAR, ifPresent: true } as const;
  const one = maskTree({ 'a.b': optional, 'a.c[].d': optional });
  const two = maskTree({ 'a.b': optional, 'a.c[].d': CLEAR });
  expect(one && mayBeAbsent(one)).toBe(true);
  expect(two && mayBeAbsent(two)).toBe(false);
});

test('columns have no fields inside', () => {
  const columns = columnMasks({ email: CLEAR, [String.raw`full\.name`]: REMOVED });
  expect([...(columns ?? [])]).toEqual([
    ['email', CLEAR],
    ['full.name', REMOVED],
  ]);
  expect(columnMasks({ email: CLEAR, 'full.name': REMOVED })).toBeUndefined();
  expect(columnMasks({ 'phones[]': CLEAR })).toBeUndefined();
});

test('of two categories, the stronger mask counts, and a field may be absent only for both', () => {
  const masked = (one: Mask, other: Mask): Masks => {
    const categories = { one: { rules: [], masks: { f: one } }, other: { rules: [], masks: { f: other } } };
    return masksOf({ policies: [aPolicy({}, { categories })] }, ['one', 'other'], Number.MAX_SAFE_INTEGER);
  };
  const optional = { ...CLEAR, ifPresent: true } as const;
  for (const [one, other] of [
    [optional, REMOVED],
    [REMOVED, optional],
    [optional, CLEAR],
  ] as const) {
    const { f } = masked(one, other);
    expect([f?.kind, f?.ifPresent ?? false]).toEqual(['null', false]);
  }
  expect(masked(optional, { ...REMOVED, ifPresent: true })).toEqual({ f: optional });
});

test('dates are cut in the zone of their policy, and to the coarsest of two', () => {
  const cut = (to: 'year' | 'month' | 'day') => ({ kind: 'truncate-date', to }) as const;
  const policies = ['Asia/Almaty', 'Europe/Berlin'].map((zone, index) =>
    aPolicy(
      {},
      {
        name: zone,
        zone,
        categories: {
          [`c${index}`]: {
            rules: [],
            masks: { f: cut(index === 0 ? 'month' : 'year'), [`g${index}`]: cut('day') },
          },
        },
      },
    ),
  );
  const masks = (categories: readonly string[]) => masksOf({ policies }, categories, Number.MAX_SAFE_INTEGER);
  for (const categories of [
    ['c0', 'c1'],
    ['c1', 'c0'],
  ])
    expect(masks(categories)).toEqual({
      f: { ...cut('year'), zone: 'Europe/Berlin' },
      g0: { ...cut('day'), zone: 'Asia/Almaty' },
      g1: { ...cut('day'), zone: 'Europe/Berlin' },
    });
});

test('of two forms of a pseudonym the shorter one counts, in whatever order the categories are', () => {
  const short = { kind: 'pseudonym', form: { kind: 'digits', length: 25 } } as const;
  for (const [one, other] of [
    [short, { kind: 'pseudonym' }],
    [{ kind: 'pseudonym' }, short],
  ] as const) {
    const categories = { one: { rules: [], masks: { f: one } }, other: { rules: [], masks: { f: other } } };
    const policies = [aPolicy({}, { categories })];
    expect(masksOf({ policies }, ['one', 'other'], Number.MAX_SAFE_INTEGER)).toEqual({ f: short });
  }
});

test('a field of any name is masked', () => {
  const masks = JSON.parse('{"__proto__":{"kind":"null"}}') as Masks;
  const policies = [aPolicy({}, { categories: { one: { rules: [], masks } } })];
  expect(Object.keys(masksOf({ policies }, ['one'], Number.MAX_SAFE_INTEGER))).toEqual(['__proto__']);
});

test.each([
  [{ kind: 'constant', value: 'a' } as const, { kind: 'constant', value: 'b' } as const],
  [{ kind: 'truncate-date', to: 'year' } as const, { kind: 'truncate-date', to: 'year' } as const],
  [
    { kind: 'pseudonym', form: { kind: 'digits', length: 30 } } as const,
    { kind: 'pseudonym', form: { kind: 'characters', length: 30 } } as const,
  ],
])('of two masks that are equally strong always the same counts: %j, %j', (one, other) => {
  const policies = [
    aPolicy({}, { name: 'a', zone: 'Asia/Almaty', categories: { c0: { rules: [], masks: { f: one } } } }),
    aPolicy({}, { name: 'b', zone: 'Europe/Berlin', categories: { c1: { rules: [], masks: { f: other } } } }),
  ];
  const masks = (categories: readonly string[]) => masksOf({ policies }, categories, Number.MAX_SAFE_INTEGER);
  expect(masks(['c1', 'c0'])).toEqual(masks(['c0', 'c1']));
  expect(Object.keys(masks(['c1', 'c0']))).toEqual(['f']);
});
