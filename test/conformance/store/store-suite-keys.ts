import { expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Locator } from '../../../shared/ports/store.ts';
import { MARKER, PERSON, type StoreTraits } from './store-bench.ts';
import {
  gone,
  INTEGER,
  looked,
  MASKS,
  outcomesOf,
  PAIR,
  statesOf,
  type StoreRig,
  TEXT,
} from './store-rig.ts';

const UUID: readonly KeyColumn[] = [{ name: 'id', type: 'uuid' }];
const BINARY: readonly KeyColumn[] = [{ name: 'id', type: 'binary' }];

const STRANGE_TEXTS = [
  ' ',
  "O'Brien",
  '"quoted" `ticked` [bracketed]',
  "'; DROP TABLE people; --",
  "x') OR ('1'='1",
  '{a,b}',
  '{"NULL"}',
  'NULL',
  'null',
  '$1',
  ':v0',
  '#key',
  '%_\\',
  '\\x41',
  'a\\',
  'line\nbreak\ttab\u0001',
  'é',
  'e\u0301',
  'ß',
  'SS',
  '日本語 مرحبا',
  '🇦🇶 👩‍👩‍👧',
  '\u{10FFFD}',
  '\uFFFD',
  '__proto__',
  'constructor',
  'a ',
  'a',
  'A',
  '0',
  '00',
  'x'.repeat(1000),
];

/** Every key that a record can have finds that record and no other. */
export function keyCases({ using }: StoreRig, traits: StoreTraits): void {
  /** Puts all records, deletes them one by one, and never loses another one. */
  async function eachAlone(keys: readonly KeyColumn[], locators: readonly Locator[]): Promise<void> {
    await using(keys, async ({ put, read, count }, store) => {
      for (const locator of locators) await put(locator, PERSON);
      expect(await count()).toBe(locators.length);
      expect(statesOf(await store.look(locators))).toEqual(locators.map(() => 'present'));
      expect(outcomesOf(await store.anonymise(await looked(store, locators), MASKS))).toEqual(
        locators.map(() => 'anonymised'),
      );
      for (const [index, locator] of locators.entries()) {
        expect(outcomesOf(await store.delete(await looked(store, [locator])))).toEqual(['deleted']);
        expect(await read(locator)).toBeUndefined();
        expect(await count()).toBe(locators.length - index - 1);
      }
      expect(statesOf(await store.readBack(locators.map(gone)))).toEqual(locators.map(() => 'kept'));
    });
  }

  test('finds texts exactly as they are, whatever is in them', () =>
    eachAlone(
      TEXT,
      [...STRANGE_TEXTS, MARKER].map((text) => [text]),
    ));

  test('finds integers beyond what JavaScript can hold', () =>
    eachAlone(
      INTEGER,
      [
        0,
        1,
        -1,
        2 ** 53 - 1,
        '9007199254740992',
        '9007199254740993',
        '9223372036854775807',
        '-9223372036854775808',
      ].map((integer) => [integer]),
    ));

  test('finds uuids', () =>
    eachAlone(UUID, [['00000000-0000-0000-0000-000000000000'], ['0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a']]));

  test('finds binary keys, with zero bytes and bytes that are not text', () =>
    eachAlone(
      BINARY,
      [
        Buffer.from([0]),
        Buffer.from([0, 0]),
        Buffer.from([0xff, 0xfe, 0x00]),
        Buffer.from(MARKER),
        Buffer.alloc(700, 7),
      ].map((bytes) => [bytes.toString('base64url')]),
    ));

  test('finds records by two key columns', () =>
    eachAlone(PAIR, [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['a","2', 3],
    ]));

  test('calls gone what no record can be called, and serves the others of the batch', () =>
    using(TEXT, async ({ put }, store) => {
      await put(['there'], PERSON);
      for (const text of traits.impossibleTexts) {
        expect(statesOf(await store.look([[text], ['there']]))).toEqual(['gone', 'present']);
        const [there] = await looked(store, [['there']]);
        const batch = [{ locator: [text] }, ...(there ? [there] : [])];
        expect(outcomesOf(await store.delete(batch))).toEqual(['already-so', 'deleted']);
        expect(statesOf(await store.readBack([gone([text]), gone(['there'])]))).toEqual(['kept', 'kept']);
        await put(['there'], PERSON);
      }
      expect(statesOf(await store.look([['there']]))).toEqual(['present']);
    }));

  test('takes a number that no key can hold as gone', () =>
    using(INTEGER, async ({ put }, store) => {
      await put([1], PERSON);
      const huge = '9'.repeat(40);
      expect(statesOf(await store.look([[huge], [1], [`-${huge}`]]))).toEqual(['gone', 'present', 'gone']);
      expect(statesOf(await store.readBack([gone([huge]), gone([1])]))).toEqual(['kept', 'broken']);
    }));

  test('refuses a locator of another shape, and serves the others of the batch', () =>
    using(INTEGER, async ({ put, count }, store) => {
      await put([1], PERSON);
      for (const wrong of [[], [1, 2], ['one'], [1.5]]) {
        expect(await store.look([wrong, [1]])).toMatchObject([
          { state: 'unknown', code: 'STORE_SCHEMA' },
          { state: 'present' },
        ]);
        expect(await store.delete([{ locator: wrong }])).toEqual([
          { outcome: 'refused', code: 'STORE_SCHEMA' },
        ]);
        expect(await store.anonymise([{ locator: wrong }], MASKS)).toEqual([
          { outcome: 'refused', code: 'STORE_SCHEMA' },
        ]);
        expect(await store.readBack([gone(wrong)])).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }]);
      }
      expect(await count()).toBe(1);
    }));
}
