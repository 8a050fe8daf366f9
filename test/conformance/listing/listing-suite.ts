import { expect, test } from 'vitest';
import { type Locator, MOST_LISTED, type Place, type Store } from '../../../shared/ports/store.ts';
import { MARKER, PERSON, type StoreTraits } from '../store/store-bench.ts';
import { gone, looked, MASKS, outcomesOf, PAIR, statesOf, type StoreRig, TEXT } from '../store/store-rig.ts';

/** Ids that are easily taken for others, for SQL, for patterns or for paths; none has a slash. */
export const IDS = [
  'a',
  'A',
  'a ',
  ' a',
  '1',
  '10',
  '01',
  "O'Brien",
  '"quoted"',
  "'; DROP TABLE people; --",
  "x') OR ('1'='1",
  '%',
  'a%',
  '_',
  '\\',
  '{id}',
  '$&',
  '$1',
  ':by',
  '#by',
  'null',
  '__proto__',
  'é',
  'e\u0301',
  'ß',
  'ss',
  '日本語',
  '🇦🇶',
  'line\nbreak',
  'a.b',
  '...',
  '+',
  '%2F',
  MARKER,
  'x'.repeat(900),
];

/** All records that carry an id, page by page, whatever keeps them. */
export function listing({ using, unreachable, withoutTable }: StoreRig, traits: StoreTraits): void {
  const place = (value: string): Place => ({ by: traits.byFirst('tenant'), value });

  test('lists the records of an id and of no other one, each once, in order, in pages of any size', () =>
    using(PAIR, async ({ put }, store) => {
      const all = numbers(30);
      for (const number of all.toReversed()) await put(['a', number], PERSON);
      for (const other of ['b', 'aa', 'A']) await put([other, 1], PERSON);
      const first = await allOf(store, place('a'), MOST_LISTED);
      expect(first.map(([, number]) => number).toSorted(byNumber)).toEqual(all);
      expect(first.every(([tenant]) => tenant === 'a')).toBe(true);
      for (const limit of [1, 7, 29, 30, 31]) expect(await allOf(store, place('a'), limit)).toEqual(first);
      expect(await store.list(place('nowhere'), 10)).toEqual({ state: 'listed', locators: [] });
    }));

  test('takes an id exactly as it is, whatever is in it', () =>
    using(PAIR, async ({ put }, store) => {
      for (const id of IDS) await put([id, 1], PERSON);
      for (const id of IDS) expect([id, await allOf(store, place(id), 1)]).toEqual([id, [[id, 1]]]);
    }));

  test('finds nothing for an id that no record can carry', () =>
    using(PAIR, async ({ put }, store) => {
      await put(['a', 1], PERSON);
      for (const id of [...traits.impossibleTexts, '\uD800', 'x'.repeat(5000)])
        expect(await store.list(place(id), 10)).toEqual({ state: 'listed', locators: [] });
    }));

  test('lists every record that stays exactly once, whatever comes and goes between the pages', () =>
    using(PAIR, async ({ put, remove }, store) => {
      const all = numbers(40);
      for (const number of all) await put(['a', number * 10], PERSON);
      const found: Locator[] = [];
      let after: string | undefined;
      let page = 0;
      do {
        const listed = await listedOf(store, place('a'), 7, after);
        expect(listed.locators.length).toBeLessThanOrEqual(7);
        found.push(...listed.locators);
        after = listed.next;
        page += 1;
        // The last one of the page, where the next begins, and one that is still to come.
        const last = listed.locators.at(-1);
        if (last) await remove(last);
        const [coming] = all.filter((number) => !found.some((one) => one[1] === number * 10));
        if (page % 2 === 0 && coming !== undefined) await remove(['a', coming * 10]);
        await put(['a', page * 10 + 5], PERSON);
      } while (after !== undefined);
      const texts = found.map((one) => JSON.stringify(one));
      expect(new Set(texts).size).toBe(texts.length);
      const left = await allOf(store, place('a'), MOST_LISTED);
      const stayed = left.filter(([, number]) => Number(number) % 10 === 0);
      expect(stayed.length).toBeGreaterThan(10);
      expect(stayed.filter((one) => !texts.includes(JSON.stringify(one)))).toEqual([]);
    }));

  test('what it lists can be deleted page by page, until nothing is left', () =>
    using(PAIR, async ({ put, count }, store) => {
      for (const number of numbers(25)) await put(['a', number], PERSON);
      await put(['b', 1], PERSON);
      let after: string | undefined;
      do {
        const { locators, next } = await listedOf(store, place('a'), 10, after);
        const acted = await store.delete(await looked(store, locators));
        expect(outcomesOf(acted)).toEqual(locators.map(() => 'deleted'));
        expect(statesOf(await store.readBack(locators.map(gone)))).toEqual(locators.map(() => 'kept'));
        after = next;
      } while (after !== undefined);
      expect(await allOf(store, place('a'), 10)).toEqual([]);
      expect(await count()).toBe(1);
    }));

  test('what it says of its records is what `look` and `idsOf` say, and a record that is written afterwards is another one', () =>
    using(PAIR, async ({ put, count }, store) => {
      for (const number of numbers(6)) await put(['a', number], PERSON);
      expect(store.batch).toBeLessThanOrEqual(MOST_LISTED);
      for (const limit of [2, 6, 7, MOST_LISTED]) {
        const { locators, seen } = await listedOf(store, place('a'), limit);
        if (seen === undefined) continue;
        expect(seen).toEqual(await store.look(locators));
        const members = await store.idsOf(locators, { by: place('a').by });
        expect(members).toEqual(locators.map(() => ({ state: 'in', id: 'a' })));
      }
      const { locators, seen = await store.look(locators) } = await listedOf(store, place('a'), MOST_LISTED);
      await put(['a', 3], { ...PERSON, note: 'written since' });
      const targets = locators.map((locator, index) => {
        const one = seen[index];
        return one?.state === 'present' && one.version !== undefined
          ? { locator, version: one.version }
          : { locator };
      });
      const outcomes = outcomesOf(await store.delete(targets));
      const stays = traits.versions ? 'changed' : 'deleted';
      expect(outcomes).toEqual(locators.map(([, number]) => (Number(number) === 3 ? stays : 'deleted')));
      expect(await count()).toBe(traits.versions ? 1 : 0);
    }));

  test('what it lists can be read, for a person’s copy', () =>
    using(PAIR, async ({ put }, store) => {
      for (const number of numbers(12)) await put(['a', number], PERSON);
      await put(['b', 1], PERSON);
      const locators = await allOf(store, place('a'), 5);
      const toRead = locators.map((locator, n) => ({ locator, into: `pieces/listed/${n}` }));
      const states = (await store.read(toRead)).map(({ state }) => state);
      expect(states).toEqual(locators.map(() => expect.stringMatching(/^(document|file)$/)));
      expect(states).toHaveLength(12);
    }));

  test('lists restricted and masked records, too, and changes nothing', () =>
    using(PAIR, async ({ put, isRestricted, read }, store) => {
      for (const number of [1, 2, 3]) await put(['a', number], PERSON);
      await store.restrict(await looked(store, [['a', 1]]), true);
      await store.anonymise(await looked(store, [['a', 2]]), MASKS);
      const before = [await read(['a', 2]), await store.look([['a', 1]])];
      expect(await allOf(store, place('a'), 10)).toEqual([
        ['a', 1],
        ['a', 2],
        ['a', 3],
      ]);
      expect([await read(['a', 2]), await store.look([['a', 1]])]).toEqual(before);
      expect(await isRestricted(['a', 1])).toBe(true);
    }));

  test('refuses a position that no page ended at, and a page that is too large', () =>
    using(PAIR, async ({ put }, store) => {
      await put(['a', 1], PERSON);
      for (const after of ['', 'a', '[]', '{}', '[null,true]', '[7,false]', `["${MARKER}"]`])
        expect(await store.list(place('a'), 10, after)).toEqual({ state: 'unknown', code: 'STORE_SCHEMA' });
      for (const limit of [0, -1, 1.5, MOST_LISTED + 1, Number.NaN])
        await expect(store.list(place('a'), limit)).rejects.toBeInstanceOf(RangeError);
    }));

  test('answers with a code when the engine or its table cannot be read', async () => {
    for (const [open, code] of [
      [unreachable, 'STORE_UNREACHABLE'],
      [withoutTable, 'STORE_SCHEMA'],
    ] as const) {
      const store = await open();
      const [key] = TEXT;
      const by = traits.byFirst(key?.name ?? '');
      expect(await store.list({ by, value: MARKER }, 10)).toEqual({ state: 'unknown', code });
      await store.close();
    }
  });
}

export async function listedOf(store: Store, place: Place, limit: number, after?: string) {
  const listed = await store.list(place, limit, after);
  if (listed.state !== 'listed') throw new Error(`expected a list, not ${listed.code}`);
  return listed;
}

export async function allOf(store: Store, place: Place, limit: number): Promise<Locator[]> {
  const all: Locator[] = [];
  let after: string | undefined;
  do {
    const { locators, next } = await listedOf(store, place, limit, after);
    expect(locators.length).toBeLessThanOrEqual(limit);
    all.push(...locators);
    after = next;
  } while (after !== undefined);
  return all;
}

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const byNumber = (one: string | number | undefined, other: string | number | undefined): number =>
  Number(one) - Number(other);
