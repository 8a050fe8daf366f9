import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../shared/stores/memory-store.ts';
import { INTEGER } from '../store/store-rig.ts';
import { ranges, rowsOf, UNTIL } from './range-suite.ts';

const now = () => UNTIL.at;

describe('records in memory', () => {
  ranges({
    isOrdered: true,
    hasFields: true,
    async using(rows, body) {
      const store = memoryStore({ now, keys: INTEGER });
      const write = async ({ id, at, kind = null, size = null }: (typeof rows)[number]): Promise<void> =>
        store.put([id], { at, kind, size });
      for (const row of rows) await write(row);
      await body(store, write);
    },
  });

  test('give what is not a date first, and fail as requested', async () => {
    const store = memoryStore({ now, keys: INTEGER });
    store.put([1], { at: '2026-02-01' });
    store.put([2], { at: 'soon' });
    const range = { clock: { column: 'at' }, until: UNTIL, columns: [] };
    expect((await rowsOf(store, range, 1)).map(({ locator }) => locator)).toEqual([[2], [1]]);
    store.fail({ call: 'range', code: 'STORE_THROTTLED', times: 1 });
    expect(await store.range(range, 1)).toEqual({ state: 'unknown', code: 'STORE_THROTTLED' });
    expect(store.calls.range).toBe(3);
  });
});
