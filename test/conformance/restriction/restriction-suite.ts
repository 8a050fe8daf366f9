import { expect, test } from 'vitest';
import type { Locator, Promised, Store } from '../../../shared/ports/store.ts';
import { MARKER, PERSON, type StoreTraits } from '../store/store-bench.ts';
import {
  gone,
  INTEGER,
  looked,
  masked,
  MASKS,
  outcomesOf,
  statesOf,
  type StoreRig,
  TEXT,
} from '../store/store-rig.ts';

export const restricted = (locator: Locator): Promised => ({ locator, expect: 'restricted' });
export const unrestricted = (locator: Locator): Promised => ({ locator, expect: 'unrestricted' });

/** What the store shows of both promises, for each locator. */
export async function marksOf(store: Store, locators: readonly Locator[]): Promise<string[]> {
  const read = statesOf(
    await store.readBack(locators.flatMap((locator) => [restricted(locator), unrestricted(locator)])),
  );
  return locators.map((_, index) => `${read[2 * index]} ${read[2 * index + 1]}`);
}
export const RESTRICTED = 'kept broken';
export const FREE = 'broken kept';
export const GONE = 'kept kept';

/** Marks records as blocked, and takes the mark away. */
export function restriction(rig: StoreRig, traits: StoreTraits): void {
  marking(rig);
  withOthers(rig, traits);
  inTrouble(rig);
}

function marking({ using }: StoreRig): void {
  test('restricts a record, changes nothing else in it, and leaves its neighbours', () =>
    using(TEXT, async ({ put, read, count, isRestricted }, store) => {
      await put(['one'], PERSON);
      await put(['two'], PERSON);
      const before = await read(['one']);
      expect(await marksOf(store, [['one'], ['two']])).toEqual([FREE, FREE]);
      expect(outcomesOf(await store.restrict(await looked(store, [['one']]), true))).toEqual(['restricted']);
      expect(await marksOf(store, [['one'], ['two']])).toEqual([RESTRICTED, FREE]);
      expect([await isRestricted(['one']), await isRestricted(['two'])]).toEqual([true, false]);
      expect(await read(['one'])).toEqual(before);
      expect(await count()).toBe(2);
    }));

  test('lifts a restriction, and can restrict again', () =>
    using(TEXT, async ({ put, read, isRestricted }, store) => {
      await put(['one'], PERSON);
      const before = await read(['one']);
      const turn = async (on: boolean) =>
        outcomesOf(await store.restrict(await looked(store, [['one']]), on));
      expect(await turn(false)).toEqual(['already-so']);
      for (const _ of [1, 2]) {
        expect(await turn(true)).toEqual(['restricted']);
        expect(await turn(true)).toEqual(['already-so']);
        expect(await isRestricted(['one'])).toBe(true);
        expect(await turn(false)).toEqual(['lifted']);
        expect(await turn(false)).toEqual(['already-so']);
        expect(await isRestricted(['one'])).toBe(false);
        expect(await marksOf(store, [['one']])).toEqual([FREE]);
      }
      expect(await read(['one'])).toEqual(before);
    }));

  test('goes on after half of a batch was restricted', () =>
    using(INTEGER, async ({ put }, store) => {
      const all = Array.from({ length: 20 }, (_, id) => [id] as const);
      for (const locator of all) await put(locator, PERSON);
      await store.restrict(await looked(store, all.slice(0, 10)), true);
      expect(outcomesOf(await store.restrict(await looked(store, all), true))).toEqual(
        all.map((_, index) => (index < 10 ? 'already-so' : 'restricted')),
      );
      expect(await marksOf(store, all)).toEqual(all.map(() => RESTRICTED));
    }));

  test('restricts a hundred records in one batch, and gives a record that is named twice one answer', () =>
    using(INTEGER, async ({ put, isRestricted }, store) => {
      const all = Array.from({ length: 99 }, (_, id) => [id] as const);
      for (const locator of all) await put(locator, PERSON);
      const targets = await looked(store, all);
      const acted = await store.restrict([...targets, ...targets.slice(0, 1)], true);
      expect(outcomesOf(acted)).toEqual(Array(100).fill('restricted'));
      expect(await marksOf(store, all)).toEqual(all.map(() => RESTRICTED));
      expect(await isRestricted([98])).toBe(true);
    }));
}

function withOthers({ using }: StoreRig, { versions }: StoreTraits): void {
  test('never touches a record that is gone: nothing appears', () =>
    using(TEXT, async ({ put, remove, count }, store) => {
      await put(['there'], PERSON);
      const targets = await looked(store, [['there']]);
      await remove(['there']);
      const both = [...targets, { locator: ['never'] }];
      for (const on of [true, false])
        expect(outcomesOf(await store.restrict(both, on))).toEqual(['already-so', 'already-so']);
      expect(await count()).toBe(0);
      expect(statesOf(await store.look([['there'], ['never']]))).toEqual(['gone', 'gone']);
      expect(await marksOf(store, [['there'], ['never']])).toEqual([GONE, GONE]);
    }));

  if (versions)
    test('leaves a record that was rewritten after the look', () =>
      using(TEXT, async ({ put, isRestricted }, store) => {
        await put(['kept'], PERSON);
        await put(['goes'], PERSON);
        const targets = await looked(store, [['kept'], ['goes']]);
        await put(['kept'], { ...PERSON, score: 43 });
        expect(outcomesOf(await store.restrict(targets, true))).toEqual(['changed', 'restricted']);
        expect([await isRestricted(['kept']), await isRestricted(['goes'])]).toEqual([false, true]);
        expect(outcomesOf(await store.restrict(await looked(store, [['kept']]), true))).toEqual([
          'restricted',
        ]);
      }));

  test('a restricted record can be masked, and stays restricted; the restriction of a masked one is lifted', () =>
    using(TEXT, async ({ put, read, isRestricted }, store) => {
      await put(['one'], PERSON);
      await store.restrict(await looked(store, [['one']]), true);
      expect(outcomesOf(await store.anonymise(await looked(store, [['one']]), MASKS))).toEqual([
        'anonymised',
      ]);
      expect(statesOf(await store.readBack([masked(['one']), restricted(['one'])]))).toEqual([
        'kept',
        'kept',
      ]);
      expect(await isRestricted(['one'])).toBe(true);
      expect(outcomesOf(await store.restrict(await looked(store, [['one']]), false))).toEqual(['lifted']);
      expect(statesOf(await store.readBack([masked(['one']), unrestricted(['one'])]))).toEqual([
        'kept',
        'kept',
      ]);
      expect((await read(['one']))?.mail).not.toBe(PERSON.mail);
    }));

  test('a masked record can be restricted, and stays masked', () =>
    using(TEXT, async ({ put }, store) => {
      await put(['one'], PERSON);
      await store.anonymise(await looked(store, [['one']]), MASKS);
      expect(outcomesOf(await store.restrict(await looked(store, [['one']]), true))).toEqual(['restricted']);
      expect(outcomesOf(await store.anonymise(await looked(store, [['one']]), MASKS))).toEqual([
        'already-so',
      ]);
      const both = [masked(['one']), restricted(['one'])];
      expect(statesOf(await store.readBack(both))).toEqual(['kept', 'kept']);
    }));

  test('a restricted record can be deleted', () =>
    using(TEXT, async ({ put, count }, store) => {
      await put(['one'], PERSON);
      await store.restrict(await looked(store, [['one']]), true);
      expect(outcomesOf(await store.delete(await looked(store, [['one']])))).toEqual(['deleted']);
      expect(await count()).toBe(0);
      expect(statesOf(await store.readBack([gone(['one']), restricted(['one'])]))).toEqual(['kept', 'kept']);
    }));
}

function inTrouble({ using, unreachable, withoutTable }: StoreRig): void {
  test('answers an empty batch with nothing', () =>
    using(TEXT, async (_, store) => {
      expect(await store.restrict([], true)).toEqual([]);
    }));

  test('says for every item that it could not be restricted or read', async () => {
    const troubles = [
      [await unreachable(), 'STORE_UNREACHABLE', 'failed'],
      [await withoutTable(), 'STORE_SCHEMA', 'refused'],
    ] as const;
    for (const [store, code, outcome] of troubles) {
      const targets = [{ locator: [MARKER], version: '=1' }, { locator: ['b'] }];
      for (const on of [true, false])
        expect(await store.restrict(targets, on)).toEqual(targets.map(() => ({ outcome, code })));
      const promised = [restricted([MARKER]), unrestricted(['b'])];
      expect(await store.readBack(promised)).toEqual(promised.map(() => ({ state: 'unknown', code })));
      await store.close();
    }
  });
}
