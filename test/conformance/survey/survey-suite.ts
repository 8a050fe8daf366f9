import { expect, test } from 'vitest';
import type { SurveyQuestion } from '../../../shared/domain/coverage/survey.ts';
import { MARKER, PERSON } from '../store/store-bench.ts';
import { PAIR, type StoreRig } from '../store/store-rig.ts';

/** Nothing is covered beside the store itself, and nothing is asked for that needs more permissions. */
export const PLAIN: SurveyQuestion = {
  covered: { tables: [], prefixes: [], buckets: [] },
  account: false,
  sample: false,
  neverPresent: [],
  turn: 0,
  datasets: [],
};

/** Everything that a kind can be asked. */
export const EVERYTHING: SurveyQuestion = { ...PLAIN, account: true, sample: true };

/** What lies beside a store's records. Whatever is asked, no answer contains the marker: the rig looks at all of them. */
export function survey({ using, unreachable, withoutTable }: StoreRig): void {
  test('surveys a place without changing anything, and says nothing personal', () =>
    using(PAIR, async ({ put, read, count }, store) => {
      for (const number of [1, 2, 3]) await put([MARKER, number], PERSON);
      const before = [await read([MARKER, 1]), await store.look([[MARKER, 2]])];
      const found = await store.survey({ ...EVERYTHING, neverPresent: ['note', 'nowhere'] });
      expect(JSON.stringify(found)).not.toMatch(/marker|lovelace|1980|likes tea/);
      expect(found.notSeen.filter(({ part }) => part === 'records')).toEqual([]);
      expect([await read([MARKER, 1]), await store.look([[MARKER, 2]])]).toEqual(before);
      expect(await count()).toBe(3);
      // Not of the account: others make and remove tables and buckets in it at the same time.
      const ofThePlace = { ...EVERYTHING, account: false };
      expect(await store.survey(ofThePlace)).toEqual(await store.survey(ofThePlace));
    }));

  test('says that it saw nothing when the engine or its table cannot be read', async () => {
    for (const [open, code] of [
      [unreachable, 'STORE_UNREACHABLE'],
      [withoutTable, 'STORE_SCHEMA'],
    ] as const) {
      const store = await open();
      const { records, notSeen, neverPresent } = await store.survey({ ...PLAIN, neverPresent: ['note'] });
      expect(records).toBeUndefined();
      expect(notSeen).toContainEqual({ part: 'records', code });
      expect(neverPresent.filter(({ state }) => state !== 'unknown')).toEqual([]);
      await store.close();
    }
  });
}
