import { expect, test } from 'vitest';
import type { Locator, Member, Place, Store } from '../../../shared/ports/store.ts';
import { MARKER, PERSON, type StoreTraits } from '../store/store-bench.ts';
import { PAIR, type StoreRig, TEXT } from '../store/store-rig.ts';
import { allOf, IDS } from './listing-suite.ts';

const SCHEMA: Member = { state: 'unknown', code: 'STORE_SCHEMA' };
const OUT: Member = { state: 'out' };
const inside = (id: string): Member => ({ state: 'in', id });

/** In which collection a record is, whatever keeps it. */
export function members({ using, unreachable, withoutTable }: StoreRig, traits: StoreTraits): void {
  const by = traits.byFirst('tenant');
  /** The key of an object says where it is, whether it is there or not. */
  const isInKey = by.includes('{id}');

  test('says for each record, in order, the one id whose list has it', () =>
    using(PAIR, async ({ put }, store) => {
      const all = IDS.map((id, index): Locator => [id, index]);
      for (const locator of all) await put(locator, PERSON);
      const asked = [...all.toReversed(), ...all.slice(0, 3)];
      expect(await store.idsOf(asked, { by })).toEqual(asked.map(([id]) => inside(String(id))));
      for (const locator of all)
        expect(await allOf(store, { by, value: String(locator[0]) }, 10)).toEqual([locator]);
      expect(await store.idsOf([], { by })).toEqual([]);
    }));

  test('has nothing of what is gone, or of what cannot be there', () =>
    using(PAIR, async ({ put, remove }, store) => {
      await put(['a', 1], PERSON);
      await put(['a', 2], PERSON);
      await remove(['a', 1]);
      const asked: Locator[] = [
        ['a', 1],
        ['nowhere', 1],
        ['a', 2],
      ];
      expect(await store.idsOf(asked, { by })).toEqual(
        isInKey ? [inside('a'), inside('nowhere'), inside('a')] : [OUT, OUT, inside('a')],
      );
      const impossible = traits.impossibleTexts.map((text): Locator => [text, 1]);
      expect(await store.idsOf(impossible, { by })).toEqual(impossible.map(() => OUT));
    }));

  test('says that it does not know where the locator or the place is wrong', () =>
    using(PAIR, async ({ put }, store) => {
      await put(['a', 1], PERSON);
      expect(await store.idsOf([['a'], ['a', 1], ['a', 'b']], { by })).toEqual([SCHEMA, inside('a'), SCHEMA]);
    }));

  test('answers with a code for each record when the engine or its table cannot be read', async () => {
    for (const [open, code] of [
      [unreachable, 'STORE_UNREACHABLE'],
      [withoutTable, 'STORE_SCHEMA'],
    ] as const) {
      const store = await open();
      const [key] = TEXT;
      const answer: Member = isInKey ? inside(MARKER) : { state: 'unknown', code };
      const asked: Locator[] = [[`${MARKER}/1`], [`${MARKER}/2`]];
      expect(await store.idsOf(asked, { by: traits.byFirst(key?.name ?? '') })).toEqual([answer, answer]);
      await store.close();
    }
  });
}

/** Each record tells the id whose list has it, and no id's list has a record that tells another one. */
export async function expectAgreement(
  store: Store,
  records: readonly Locator[],
  place: Omit<Place, 'value'>,
  ids: readonly string[] = [],
): Promise<void> {
  const found = await store.idsOf(records, place);
  const told = found.flatMap((member) => (member.state === 'in' ? [member.id] : []));
  for (const value of new Set([...told, ...ids])) {
    const own = records.filter((_, index) => {
      const member = found[index];
      return member?.state === 'in' && member.id === value;
    });
    const listed = await allOf(store, { ...place, value }, 100);
    expect([value, listed.toSorted(inText)]).toEqual([value, own.toSorted(inText)]);
  }
}

function inText(one: Locator, other: Locator): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
