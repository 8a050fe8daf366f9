import { expect, test } from 'vitest';
import type { Locator, Read, ToRead } from '../../../shared/ports/store.ts';
import { MARKER, PERSON } from '../store/store-bench.ts';
import { INTEGER, looked, MASKS, PAIR, statesOf, type StoreRig, TEXT } from '../store/store-rig.ts';

/** What a person's copy says of each record, whatever keeps it. */
export function reading({ using, unreachable, withoutTable }: StoreRig): void {
  test('reads what is there, in the order asked, and says what is gone', () =>
    using(TEXT, async ({ put, remove, exported }, store) => {
      await put(['one'], PERSON);
      await put(['two'], { ...PERSON, note: null });
      await put(['left'], PERSON);
      await remove(['left']);
      const batch = toRead([['nowhere'], ['two'], ['left'], ['one']]);
      const read = await store.read(batch);
      expect(statesOf(read).map((state) => state === 'gone')).toEqual([true, false, true, false]);
      expect(await exported(read[3], batch[3])).toMatchObject({
        mail: PERSON.mail,
        score: '42',
        note: PERSON.note,
      });
      const two = await exported(read[1], batch[1]);
      expect(two).toMatchObject({ mail: PERSON.mail, note: null });
      expect(Date.parse(two?.born ?? '')).toBe(Date.parse(PERSON.born));
    }));

  test('reads the newest version, and the same again when nothing changed', () =>
    using(TEXT, async ({ put, exported }, store) => {
      const batch = toRead([['one']]);
      await put(['one'], PERSON);
      const first = await store.read(batch);
      expect(await store.read(batch)).toEqual(first);
      await put(['one'], { ...PERSON, score: 43 });
      const [newest] = await store.read(batch);
      expect(newest).not.toEqual(first[0]);
      expect(await exported(newest, batch[0])).toMatchObject({ score: '43' });
    }));

  test('reads a restricted record and a masked one, as they are', () =>
    using(TEXT, async ({ put, exported }, store) => {
      const batch = toRead([['restricted'], ['masked']]);
      for (const { locator } of batch) await put(locator, PERSON);
      await store.restrict(await looked(store, [['restricted']]), true);
      await store.anonymise(await looked(store, [['masked']]), MASKS);
      const [restricted, masked] = await store.read(batch);
      expect(await exported(restricted, batch[0])).toMatchObject({ mail: PERSON.mail, score: '42' });
      expect(await exported(masked, batch[1])).toMatchObject({ score: '0', note: null });
    }));

  test('changes nothing', () =>
    using(TEXT, async ({ put, read, count, isRestricted }, store) => {
      await put(['one'], PERSON);
      const [before, look] = [await read(['one']), await store.look([['one']])];
      await store.read(toRead([['one'], ['two']]));
      expect(await read(['one'])).toEqual(before);
      expect(await store.look([['one']])).toEqual(look);
      expect(await isRestricted(['one'])).toBe(false);
      expect(await count()).toBe(1);
    }));

  test('reads a thousand records in one batch, each answer in its place', () =>
    using(PAIR, async ({ put, exported }, store) => {
      const all = Array.from({ length: 1000 }, (_, number): Locator => [`${MARKER} ${number % 3}`, number]);
      for (const locator of all.filter((_, number) => number % 50 === 0))
        await put(locator, { ...PERSON, score: Number(locator[1]) });
      const batch = toRead(all);
      const read = await store.read(batch);
      expect(statesOf(read).map((state) => state === 'gone')).toEqual(all.map((_, n) => n % 50 !== 0));
      for (const number of [0, 50, 950])
        expect(await exported(read[number], batch[number])).toMatchObject({ score: String(number) });
    }));

  test('gives a record that a batch names twice the same answer', () =>
    using(INTEGER, async ({ put, exported }, store) => {
      await put([7], PERSON);
      const batch = toRead([[7], [8], ['7']]);
      const read = await store.read(batch);
      expect(read[2]).toEqual(read[0]);
      expect(read[1]).toEqual({ state: 'gone' });
      for (const place of [0, 2])
        expect(await exported(read[place], batch[place])).toMatchObject({ mail: PERSON.mail });
      expect(await store.read([])).toEqual([]);
    }));

  test('refuses a locator of another shape, calls impossible ones gone, and reads the others', () =>
    using(INTEGER, async ({ put, exported }, store) => {
      await put([1], PERSON);
      for (const wrong of [[], [1, 2], ['one'], [1.5]]) {
        const batch = toRead([wrong, [1], ['9'.repeat(40)]]);
        const read = await store.read(batch);
        expect(read[0]).toEqual({ state: 'unknown', code: 'STORE_SCHEMA' });
        expect(await exported(read[1], batch[1])).toMatchObject({ mail: PERSON.mail });
        expect(read[2]).toEqual({ state: 'gone' });
      }
    }));

  test('answers for every item when the engine or its table cannot be read', async () => {
    const batch = toRead([[MARKER], ['b'], ['c']]);
    for (const [open, code] of [
      [unreachable, 'STORE_UNREACHABLE'],
      [withoutTable, 'STORE_SCHEMA'],
    ] as const) {
      const store = await open();
      expect(await store.read(batch)).toEqual(batch.map((): Read => ({ state: 'unknown', code })));
      await store.close();
    }
  });
}

export function toRead(locators: readonly Locator[]): ToRead[] {
  return locators.map((locator, index) => ({ locator, into: `pieces/people/export-1/${index}` }));
}
