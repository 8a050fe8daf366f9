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
  /** What a range of the kind says besides the clock `at`, if not the columns `kind` and `size`. */
  readonly range?: Partial<Range>;
  /** Whether rows come in the order of their clocks. */
  readonly isOrdered: boolean;
  /** Whether a row can have other fields than its key and its clock. */
  readonly hasFields: boolean;
  /** How many rows a long range has; fewer for engines that are slow. Default: 3000. */
  readonly many?: number;
  /** A table of its own with these rows, and a store over it. */
  using(
    rows: readonly Row[],
    body: (store: Store, write: (row: Row) => Promise<void>) => Promise<void>,
  ): Promise<void>;
}

export const UNTIL = { at: Date.parse('2026-03-01T00:00:00Z'), date: '2026-03-01' };
const MINUTE = 60_000;
const before = (minutes: number): string => new Date(UNTIL.at - minutes * MINUTE).toISOString();
const idsOf = (rows: readonly RangedRow[]): unknown[] => rows.map(({ locator }) => locator[0]);

const sorted = (ids: readonly unknown[]): readonly unknown[] =>
  ids.toSorted((one, other) => Number(one) - Number(other));

/** Rows by their clocks, whatever keeps them. */
export function ranges(rig: RangeRig): void {
  const { many = 3000 } = rig;
  const using: RangeRig['using'] = (rows, body) => rig.using(rows, body);
  const RANGE: Range = { clock: { column: 'at' }, until: UNTIL, columns: ['kind', 'size'], ...rig.range };
  const withWhere = (where: Range['where']): Range => ({ ...RANGE, where: { ...RANGE.where, ...where } });
  const inAnyOrder = (ids: readonly unknown[]): readonly unknown[] => (rig.isOrdered ? ids : sorted(ids));

  test('reads the rows up to an instant, each once, in pages of any size, in order if the kind has one', () =>
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
          expect(inAnyOrder(idsOf(rows))).toEqual(inAnyOrder([4, 6, 1, 5]));
        }
        expect(await rowsOf(store, { ...RANGE, until: { at: 0, date: '1970-01-01' } }, 10)).toEqual([]);
      },
    ));

  test('gives a version with which a row goes only as it was read', () =>
    using(
      [
        { id: 1, at: before(1) },
        { id: 2, at: before(0) },
        { id: 3, at: before(2) },
      ],
      async (store, write) => {
        const rows = await rowsOf(store, RANGE, 10);
        const first = rows.find(({ locator }) => locator[0] === 1);
        const at = first?.values[RANGE.clock.column];
        // S3 tells no milliseconds.
        expect(typeof at === 'string' && Math.abs(Date.parse(at) - UNTIL.at + MINUTE) <= 1).toBe(true);
        // Somebody used the row after it was read: it is not deleted, and decided again.
        await write({ id: 1, at: before(-5) });
        const targets = rows.flatMap(({ locator, version }) => (version ? [{ locator, version }] : []));
        const ordered = targets.toSorted((one, other) => Number(one.locator[0]) - Number(other.locator[0]));
        const acted = await store.delete(ordered);
        expect(acted.map(({ outcome }) => outcome)).toEqual(['changed', 'deleted', 'deleted']);
        expect((await store.look([[1]])).map(({ state }) => state)).toEqual(['present']);
        expect(await rowsOf(store, RANGE, 10)).toEqual([]);
        expect((await store.delete(ordered)).map(({ outcome }) => outcome)).toEqual([
          'changed',
          'already-so',
          'already-so',
        ]);
      },
    ));

  test.runIf(rig.hasFields)('gives what the columns say, and a version that covers them', () =>
    using(
      [
        { id: 1, at: before(1), kind: 'it’s', size: 3 },
        { id: 2, at: before(0) },
      ],
      async (store, write) => {
        const rows = await rowsOf(store, RANGE, 10);
        const [one, two] = rows.toSorted((a, b) => Number(a.locator[0]) - Number(b.locator[0]));
        expect(one?.values).toMatchObject({ kind: 'it’s', size: 3 });
        expect(two?.values).toMatchObject({ kind: null, size: null });
        await write({ id: 1, at: before(1), kind: 'it’s', size: 4 });
        await write({ id: 2, at: before(0), kind: 'a' });
        const targets = rows.flatMap(({ locator, version }) => (version ? [{ locator, version }] : []));
        expect((await store.delete(targets)).map(({ outcome }) => outcome)).toEqual(['changed', 'changed']);
      },
    ),
  );

  test('reads many rows with one clock, page by page, while they are deleted', () =>
    using(
      Array.from({ length: many }, (_, id) => ({ id, at: before(1) })),
      async (store, write) => {
        let after: string | undefined;
        const found: unknown[] = [];
        do {
          const page = await store.range(RANGE, Math.ceil(many / 4.3), after);
          if (page.state !== 'ranged') throw new Error(page.code);
          found.push(...idsOf(page.rows));
          const targets = page.rows.map(({ locator, version = '' }) => ({ locator, version }));
          expect((await store.delete(targets)).every(({ outcome }) => outcome === 'deleted')).toBe(true);
          after = page.next;
        } while (after !== undefined);
        expect(found.map(Number).toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: many }, (_, id) => id),
        );
        await write({ id: 7, at: before(2) });
        expect(idsOf(await rowsOf(store, RANGE, 10))).toEqual([7]);
      },
    ));

  test.runIf(rig.hasFields)('reads only rows whose fields have the values that are asked for', () =>
    using(
      [
        { id: 1, at: before(1), kind: 'a', size: 1 },
        { id: 2, at: before(1), kind: 'b', size: 1 },
        { id: 3, at: before(1) },
      ],
      async (store) => {
        const found = async (where: Range['where']) => {
          const ids = idsOf(await rowsOf(store, withWhere(where), 1));
          return sorted(ids);
        };
        expect(await found({ kind: 'a' })).toEqual([1]);
        expect(await found({ size: 1 })).toEqual([1, 2]);
        expect(await found({ kind: 'a', size: 2 })).toEqual([]);
      },
    ),
  );

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
