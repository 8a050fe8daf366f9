import { expect, test } from 'vitest';
import { MOST_LISTED, type Range, type RangedRow, type Store } from '../../../shared/ports/store.ts';

/** A row of a table with the columns `id`, `at`, `kind` and `size`. */
export interface Row {
  readonly id: number;
  readonly at: string | null;
  readonly kind?: string | null;
  readonly size?: number | null;
}

export interface RangeRig {
  /** A table of its own with these rows, and a store over it. */
  using(
    rows: readonly Row[],
    body: (store: Store, write: (row: Row) => Promise<void>) => Promise<void>,
  ): Promise<void>;
}

export const UNTIL = { at: Date.parse('2026-03-01T00:00:00Z'), date: '2026-03-01' };
const RANGE: Range = { clock: { column: 'at' }, until: UNTIL, columns: ['kind', 'size'] };
const MINUTE = 60_000;
const before = (minutes: number): string => new Date(UNTIL.at - minutes * MINUTE).toISOString();
const idsOf = (rows: readonly RangedRow[]): unknown[] => rows.map(({ locator }) => locator[0]);

/** Rows by their clocks, whatever keeps them. */
export function ranges(rig: RangeRig): void {
  const using: RangeRig['using'] = (rows, body) => rig.using(rows, body);
  test('reads the rows up to an instant in the order of their clocks, each once, in pages of any size', () =>
    using(
      [
        { id: 1, at: before(1) },
        { id: 2, at: before(-1) },
        { id: 3, at: null },
        { id: 4, at: before(3) },
        { id: 5, at: before(0) },
        { id: 6, at: before(3) },
      ],
      async (store) => {
        for (const limit of [1, 2, 3, 4, MOST_LISTED]) {
          const rows = await rowsOf(store, RANGE, limit);
          expect(idsOf(rows)).toEqual([4, 6, 1, 5]);
        }
        expect(await rowsOf(store, { ...RANGE, until: { at: 0, date: '1970-01-01' } }, 10)).toEqual([]);
      },
    ));

  test('gives what the columns say, and the version of that very row', () =>
    using(
      [
        { id: 1, at: before(1), kind: 'it’s', size: 3 },
        { id: 2, at: before(0) },
      ],
      async (store, write) => {
        const [one, two] = await rowsOf(store, RANGE, 10);
        const { at } = one?.values ?? {};
        expect(typeof at === 'string' && Date.parse(at)).toBe(UNTIL.at - MINUTE);
        expect(one?.values).toMatchObject({ kind: 'it’s', size: 3 });
        expect(two?.values).toMatchObject({ kind: null, size: null });
        const looked = await store.look([[1]]);
        expect(looked).toEqual([{ state: 'present', version: one?.version }]);
        // Somebody used the row after it was read: it is not deleted, and decided again.
        await write({ id: 1, at: before(-5) });
        const targets = [one, two].flatMap((row) =>
          row?.version ? [{ locator: row.locator, version: row.version }] : [],
        );
        expect((await store.delete(targets)).map(({ outcome }) => outcome)).toEqual(['changed', 'deleted']);
        expect(await rowsOf(store, RANGE, 10)).toEqual([]);
      },
    ));

  test('reads thousands of rows with one clock, page by page, while they are deleted', () =>
    using(
      Array.from({ length: 3000 }, (_, id) => ({ id, at: before(1) })),
      async (store, write) => {
        let after: string | undefined;
        const found: unknown[] = [];
        do {
          const page = await store.range(RANGE, 700, after);
          if (page.state !== 'ranged') throw new Error(page.code);
          found.push(...idsOf(page.rows));
          const targets = page.rows.map(({ locator, version = '' }) => ({ locator, version }));
          expect((await store.delete(targets)).every(({ outcome }) => outcome === 'deleted')).toBe(true);
          after = page.next;
        } while (after !== undefined);
        expect(found.map(Number).toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: 3000 }, (_, id) => id),
        );
        await write({ id: 7, at: before(2) });
        expect(idsOf(await rowsOf(store, RANGE, 10))).toEqual([7]);
      },
    ));

  test('reads only rows whose fields have the values that are asked for', () =>
    using(
      [
        { id: 1, at: before(1), kind: 'a', size: 1 },
        { id: 2, at: before(1), kind: 'b', size: 1 },
        { id: 3, at: before(1) },
      ],
      async (store) => {
        expect(idsOf(await rowsOf(store, { ...RANGE, where: { kind: 'a' } }, 1))).toEqual([1]);
        expect(idsOf(await rowsOf(store, { ...RANGE, where: { size: 1 } }, 1))).toEqual([1, 2]);
        expect(idsOf(await rowsOf(store, { ...RANGE, where: { kind: 'a', size: 2 } }, 1))).toEqual([]);
      },
    ));

  test('refuses a position that no page ended at, and a page that is too large', () =>
    using([{ id: 1, at: before(1) }], async (store) => {
      for (const after of ['', 'a', '[]', '{}', '[null,true]', '["x",false]', '[["x"],false]'])
        expect(await store.range(RANGE, 10, after)).toEqual({ state: 'unknown', code: 'STORE_SCHEMA' });
      for (const limit of [0, -1, 1.5, MOST_LISTED + 1, Number.NaN])
        await expect(store.range(RANGE, limit)).rejects.toBeInstanceOf(RangeError);
    }));
}

export async function rowsOf(store: Store, range: Range, limit: number): Promise<RangedRow[]> {
  const all: RangedRow[] = [];
  let after: string | undefined;
  do {
    const page = await store.range(range, limit, after);
    if (page.state !== 'ranged') throw new Error(`expected rows, not ${page.code}`);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    all.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return all;
}
