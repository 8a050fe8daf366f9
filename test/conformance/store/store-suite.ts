import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { MARKER, PERSON, type StoreBench, type StoreTraits } from './store-bench.ts';
import {
  gone,
  INTEGER,
  looked,
  masked,
  MASKS,
  outcomesOf,
  statesOf,
  type StoreRig,
  storeRig,
  TEXT,
} from './store-rig.ts';
import { keyCases } from './store-suite-keys.ts';
import { listing } from '../listing/listing-suite.ts';
import { members } from '../listing/members-suite.ts';
import { survey } from '../survey/survey-suite.ts';
import { reading } from '../reading/reading-suite.ts';
import { randomLives } from './store-suite-lives.ts';
import { restriction } from '../restriction/restriction-suite.ts';

/** The one suite that every connector has to pass against its real engine. */
export function storeSuite(name: string, traits: StoreTraits, start: () => Promise<StoreBench>): void {
  describe(name, () => {
    const rig = storeRig(start);
    beforeAll(() => rig.start());
    afterAll(() => rig.stop());

    lookAndDelete(rig, traits);
    mask(rig);
    trouble(rig);
    restriction(rig, traits);
    reading(rig);
    listing(rig, traits);
    members(rig, traits);
    survey(rig);
    keyCases(rig, traits);
    randomLives(rig);
  });
}

function lookAndDelete({ using }: StoreRig, traits: StoreTraits): void {
  test('tells what is there from what is not, in the order asked', () =>
    using(TEXT, async ({ put }, store) => {
      await put(['here'], PERSON);
      await put(['there'], PERSON);
      const found = await store.look([['nowhere'], ['there'], ['here'], ['never']]);
      expect(statesOf(found)).toEqual(['gone', 'present', 'present', 'gone']);
      expect(found.filter((one) => 'version' in one)).toHaveLength(traits.versions ? 2 : 0);
    }));

  test('deletes a record, leaves its neighbours, and shows that it is gone', () =>
    using(TEXT, async ({ put, read, count }, store) => {
      await put(['one'], PERSON);
      await put(['two'], PERSON);
      expect(statesOf(await store.readBack([gone(['one']), gone(['two'])]))).toEqual(['broken', 'broken']);
      expect(outcomesOf(await store.delete(await looked(store, [['one']])))).toEqual(['deleted']);
      expect(await read(['one'])).toBeUndefined();
      expect(await count()).toBe(1);
      expect(statesOf(await store.readBack([gone(['one']), gone(['two'])]))).toEqual(['kept', 'broken']);
    }));

  test('shows a record that was deleted and that a restore has brought back', () =>
    using(TEXT, async ({ put }, store) => {
      await put(['back'], PERSON);
      expect(outcomesOf(await store.delete(await looked(store, [['back']])))).toEqual(['deleted']);
      await put(['back'], PERSON);
      expect(statesOf(await store.readBack([gone(['back'])]))).toEqual(['broken']);
    }));

  test('answers already-so for a record that is gone, where the kind can tell', () =>
    using(TEXT, async ({ put, remove }, store) => {
      await put(['there'], PERSON);
      const targets = await looked(store, [['there']]);
      await remove(['there']);
      const expected = traits.tellsAbsence ? 'already-so' : 'deleted';
      expect(outcomesOf(await store.delete([...targets, { locator: ['never'] }]))).toEqual([
        expected,
        expected,
      ]);
      expect(statesOf(await store.readBack([gone(['there']), gone(['never'])]))).toEqual(['kept', 'kept']);
    }));

  test('gives a record that a batch names twice one answer', () =>
    using(INTEGER, async ({ put, count }, store) => {
      await put([7], PERSON);
      await put([8], PERSON);
      expect(statesOf(await store.look([[7], [8], [7], ['7']]))).toEqual(Array(4).fill('present'));
      const [seven, eight] = await looked(store, [[7], [8]]);
      const batch = [seven, eight, seven].flatMap((target) => target ?? []);
      expect(outcomesOf(await store.delete(batch))).toEqual(['deleted', 'deleted', 'deleted']);
      expect(await count()).toBe(0);
      expect(statesOf(await store.readBack([gone([7]), gone([7])]))).toEqual(['kept', 'kept']);
    }));

  test('handles a batch of one hundred, each answer in its place', () =>
    using(INTEGER, async ({ put, count }, store) => {
      for (let id = 0; id < 100; id += 2) await put([id], PERSON);
      const all = Array.from({ length: 100 }, (_, id) => [id] as const);
      const expected = all.map(([id]) => (id % 2 === 0 ? 'present' : 'gone'));
      expect(statesOf(await store.look(all))).toEqual(expected);
      const targets = await looked(
        store,
        all.filter(([id]) => id % 2 === 0),
      );
      expect(outcomesOf(await store.anonymise(targets, MASKS))).toEqual(Array(50).fill('anonymised'));
      const again = await looked(
        store,
        all.filter(([id]) => id % 2 === 0),
      );
      expect(outcomesOf(await store.delete(again))).toEqual(Array(50).fill('deleted'));
      expect(await count()).toBe(0);
      expect(statesOf(await store.readBack(all.map(gone)))).toEqual(Array(100).fill('kept'));
    }));

  test('answers an empty batch with nothing', () =>
    using(TEXT, async (_, store) => {
      expect(await store.look([])).toEqual([]);
      expect(await store.delete([])).toEqual([]);
      expect(await store.anonymise([], MASKS)).toEqual([]);
      expect(await store.readBack([])).toEqual([]);
    }));

  if (traits.versions) {
    test('leaves a record that was rewritten after the look', () =>
      using(TEXT, async ({ put, read }, store) => {
        await put(['kept'], PERSON);
        await put(['goes'], PERSON);
        const targets = await looked(store, [['kept'], ['goes']]);
        await put(['kept'], { ...PERSON, score: 43 });
        expect(outcomesOf(await store.anonymise(targets, MASKS))).toEqual(['changed', 'anonymised']);
        expect(await read(['kept'])).toMatchObject({ mail: PERSON.mail, score: '43' });
        expect(outcomesOf(await store.delete(targets))).toEqual(['changed', 'changed']);
        expect(await read(['kept'])).toMatchObject({ mail: PERSON.mail });
        const again = await looked(store, [['kept'], ['goes']]);
        expect(outcomesOf(await store.delete(again))).toEqual(['deleted', 'deleted']);
      }));
  } else {
    test('deletes a record that was rewritten after the look, because it cannot tell', () =>
      using(TEXT, async ({ put, count }, store) => {
        await put(['one'], PERSON);
        const targets = await looked(store, [['one']]);
        await put(['one'], { ...PERSON, score: 43 });
        expect(outcomesOf(await store.delete(targets))).toEqual(['deleted']);
        expect(await count()).toBe(0);
      }));
  }
}

function mask({ using }: StoreRig): void {
  test('masks fields, leaves none of the original, and answers already-so from then on', () =>
    using(TEXT, async ({ put, read }, store) => {
      await put(['one'], PERSON);
      await put(['two'], { ...PERSON, note: null });
      await put(['other'], PERSON);
      const two = [['one'], ['two']];
      expect(statesOf(await store.readBack(two.map(masked)))).toEqual(['broken', 'broken']);
      expect(outcomesOf(await store.anonymise(await looked(store, two), MASKS))).toEqual([
        'anonymised',
        'anonymised',
      ]);
      const after = await read(['one']);
      expect(after?.mail).toMatch(/^p1\.[\w-]{22}\.[\w-]{11}$/);
      expect(after?.born).toMatch(/^1980-01-01[T ]00:00:00/);
      expect(after).toMatchObject({ score: '0', note: null });
      expect((await read(['two']))?.mail).toBe(after?.mail);
      expect(await read(['other'])).toMatchObject({ mail: PERSON.mail, score: '42', note: PERSON.note });
      expect(statesOf(await store.readBack([...two.map(masked), masked(['other'])]))).toEqual([
        'kept',
        'kept',
        'broken',
      ]);
      expect(outcomesOf(await store.anonymise(await looked(store, two), MASKS))).toEqual([
        'already-so',
        'already-so',
      ]);
      expect(await read(['one'])).toEqual(after);
    }));

  test.each([
    ['characters', 20, /^[a-z2-7]{20}$/],
    ['digits', 25, /^[1-9]\d{24}$/],
    ['e-mail', 49, /^[a-z2-7]{39}@p\.invalid$/],
  ] as const)('gives a pseudonym of the form that the policy asks for: %s', (kind, length, form) =>
    using(TEXT, async ({ put, read }, store) => {
      for (const id of ['one', 'two', 'other']) await put([id], PERSON);
      await put(['other'], { ...PERSON, mail: `other.${PERSON.mail}` });
      const masks: Masks = { mail: { kind: 'pseudonym', form: { kind, length } } };
      const all = [['one'], ['two'], ['other']];
      expect(outcomesOf(await store.anonymise(await looked(store, all), masks))).toEqual(
        all.map(() => 'anonymised'),
      );
      const [one, two, other] = await Promise.all(all.map((locator) => read(locator)));
      expect(one?.mail).toMatch(form);
      expect(two?.mail).toBe(one?.mail);
      expect(other?.mail).toMatch(form);
      expect(other?.mail).not.toBe(one?.mail);
      expect(one).toMatchObject({ score: '42', note: PERSON.note });
      const promised = all.map((locator) => ({ locator, expect: 'masked', masks }) as const);
      expect(statesOf(await store.readBack(promised))).toEqual(['kept', 'kept', 'kept']);
      expect(outcomesOf(await store.anonymise(await looked(store, all), masks))).toEqual(
        all.map(() => 'already-so'),
      );
    }),
  );

  test('shows a masked record that the application wrote again as broken, and masks it again', () =>
    using(TEXT, async ({ put }, store) => {
      await put(['one'], PERSON);
      await store.anonymise(await looked(store, [['one']]), MASKS);
      await put(['one'], PERSON);
      expect(statesOf(await store.readBack([masked(['one'])]))).toEqual(['broken']);
      expect(outcomesOf(await store.anonymise(await looked(store, [['one']]), MASKS))).toEqual([
        'anonymised',
      ]);
      expect(statesOf(await store.readBack([masked(['one'])]))).toEqual(['kept']);
    }));

  test('takes a record that is gone as masked', () =>
    using(TEXT, async (_, store) => {
      expect(outcomesOf(await store.anonymise([{ locator: ['never'] }], MASKS))).toEqual(['already-so']);
      expect(statesOf(await store.readBack([masked(['never'])]))).toEqual(['kept']);
    }));

  test('refuses a mask that does not fit a record, and masks the others of the batch', () =>
    using(TEXT, async ({ put, read }, store) => {
      await put(['one'], PERSON);
      await put(['two'], { ...PERSON, note: '1980-05-17' });
      const masks: Masks = { mail: { kind: 'null' }, note: { kind: 'truncate-date', to: 'month' } };
      const targets = await looked(store, [['one'], ['two']]);
      expect(await store.anonymise(targets, masks)).toMatchObject([
        { outcome: 'refused', code: 'STORE_SCHEMA' },
        { outcome: 'anonymised' },
      ]);
      expect(await read(['one'])).toMatchObject({ mail: PERSON.mail, note: PERSON.note });
      expect(await read(['two'])).toMatchObject({ mail: null, note: '1980-05-01' });
    }));

  test('refuses a mask for a field that the record does not have, and changes nothing', () =>
    using(TEXT, async ({ put, read }, store) => {
      await put(['one'], PERSON);
      const before = await read(['one']);
      for (const wrong of ['mial', 'mail.address', 'mail[]', 'mail[0]', '']) {
        const masks: Masks = { score: { kind: 'constant', value: 0 }, [wrong]: { kind: 'null' } };
        expect(await store.anonymise(await looked(store, [['one']]), masks)).toEqual([
          { outcome: 'refused', code: 'STORE_SCHEMA' },
        ]);
        const [state] = statesOf(await store.readBack([{ locator: ['one'], expect: 'masked', masks }]));
        expect(state).not.toBe('kept');
        expect(await read(['one'])).toEqual(before);
      }
    }));

  test('masks what is there if the mask for a missing field says `if present`', () =>
    using(TEXT, async ({ put, read }, store) => {
      await put(['one'], PERSON);
      const masks: Masks = { ...MASKS, phone: { kind: 'null', ifPresent: true } };
      const readBack = [{ locator: ['one'], expect: 'masked', masks } as const];
      expect(outcomesOf(await store.anonymise(await looked(store, [['one']]), masks))).toEqual([
        'anonymised',
      ]);
      expect(await read(['one'])).toMatchObject({ score: '0', note: null });
      expect(statesOf(await store.readBack(readBack))).toEqual(['kept']);
      expect(outcomesOf(await store.anonymise(await looked(store, [['one']]), masks))).toEqual([
        'already-so',
      ]);
    }));
}

function trouble({ unreachable, withoutTable }: StoreRig): void {
  test('answers for every item when the engine cannot be reached', async () => {
    const store = await unreachable();
    const locators = [[MARKER], ['b'], ['c']];
    const targets = locators.map((locator) => ({ locator, version: '=1' }));
    const unknown = { state: 'unknown', code: 'STORE_UNREACHABLE' };
    const failed = { outcome: 'failed', code: 'STORE_UNREACHABLE' };
    expect(await store.look(locators)).toEqual(Array(3).fill(unknown));
    expect(await store.delete(targets)).toEqual(Array(3).fill(failed));
    expect(await store.anonymise(targets, MASKS)).toEqual(Array(3).fill(failed));
    expect(await store.readBack(locators.map(gone))).toEqual(Array(3).fill(unknown));
    await store.close();
  });

  test('answers for every item when its table is not there', async () => {
    const store = await withoutTable();
    const unknown = { state: 'unknown', code: 'STORE_SCHEMA' };
    const refused = { outcome: 'refused', code: 'STORE_SCHEMA' };
    expect(await store.look([[MARKER], ['b']])).toEqual([unknown, unknown]);
    expect(await store.delete([{ locator: [MARKER] }, { locator: ['b'] }])).toEqual([refused, refused]);
    expect(await store.anonymise([{ locator: [MARKER] }], MASKS)).toEqual([refused]);
    expect(await store.readBack([gone([MARKER]), masked(['b'])])).toEqual([unknown, unknown]);
    await store.close();
  });
}
