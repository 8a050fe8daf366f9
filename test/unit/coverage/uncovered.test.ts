import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UncoveredPlace } from '../../../shared/domain/coverage/survey.ts';
import { mergedPlaces, prefixState, uncoveredTables } from '../../../shared/domain/coverage/uncovered.ts';

const table = (schema: string, name: string) => ({ schema, table: name, personal: [] });

test('a covered table of a tenant leaves the others uncovered, under one name', () => {
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'public'].map((schema) => table(schema, 'orders'));
  expect(uncoveredTables(all, ['c.orders'])).toEqual([
    { kind: 'table', name: '*.orders', places: 5, personal: [] },
    { kind: 'table', name: 'public.orders', places: 1, personal: [] },
  ]);
  expect(uncoveredTables(all.slice(0, 3), ['orders', '*.orders', 'A.orders'])).toHaveLength(3);
});

test('tables of one schema that have the same columns are named together if they are one of each tenant', () => {
  const people = ['ada', 'bob', 'carla', 'dora', 'emil', 'frida', 'gus'];
  const of = (columns: readonly string[]) =>
    people.map((name) => ({ ...table('public', `${name}_messages`), columns }));
  expect(uncoveredTables(of(['id', 'text']), ['public.ada_messages'])).toEqual([
    { kind: 'table', name: 'public.*_messages', places: 6, personal: [] },
  ]);
  // Other columns: they only have names that look alike.
  const other = people.map((name) => ({ ...table('public', `shop_${name}`), columns: ['id', name] }));
  expect(uncoveredTables(other, [])).toHaveLength(7);
  // DynamoDB has no columns.
  expect(
    uncoveredTables(
      people.map((name) => ({ table: `messages-${name}`, personal: [] })),
      [],
    ),
  ).toEqual([{ kind: 'table', name: 'messages-*', places: 7, personal: [] }]);
});

test.each([
  ['users/', ['users/'], 'covered'],
  ['users/', ['us'], 'covered'],
  ['users/', [''], 'covered'],
  ['users/', ['users/avatars/'], 'part'],
  ['', ['users/'], 'part'],
  ['users/', ['users2/', 'Users/'], 'uncovered'],
  ['users/', [], 'uncovered'],
] as const)('the prefix %j beside %j is %s', (prefix, covered, state) => {
  expect(prefixState(prefix, covered)).toBe(state);
});

const place = fc.record({
  kind: fc.constantFrom('table' as const, 'prefix' as const),
  name: fc.constantFrom('a', 'b', '*'),
  places: fc.integer({ min: 1, max: 9 }),
  personal: fc.constant([]),
});

test('merged places are the same whatever their order, and none is lost', () => {
  fc.assert(
    fc.property(fc.array(place), fc.infiniteStream(fc.nat()), (places, order) => {
      const merged = mergedPlaces(places);
      const shuffled = places
        .map((one) => ({ one, at: order.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
      expect(mergedPlaces(shuffled)).toEqual(merged);
      const sum = (all: readonly Pick<UncoveredPlace, 'places'>[]) =>
        all.reduce((all, one) => all + one.places, 0);
      expect(sum(merged)).toBe(sum(places));
      expect(mergedPlaces(merged)).toEqual(merged);
    }),
  );
});

test('a sum says how it was counted', () => {
  const one = { kind: 'table', name: 'a', places: 1, personal: [] } as const;
  const exact = { ...one, records: { count: 2, counted: 'exact' } } as const;
  const estimate = { ...one, records: { count: 3, counted: 'estimate' } } as const;
  const sum = (...all: UncoveredPlace[]) => mergedPlaces(all)[0]?.records;
  expect(sum(exact, exact)).toEqual({ count: 4, counted: 'exact' });
  expect(sum(exact, estimate)).toEqual({ count: 5, counted: 'estimate' });
  expect(sum(exact, one)).toEqual({ count: 2, counted: 'at-least' });
  expect(sum(one)).toBeUndefined();
  expect(mergedPlaces([{ ...one, oldest: 5 }, { ...one, oldest: 3 }, one])[0]?.oldest).toBe(3);
});
