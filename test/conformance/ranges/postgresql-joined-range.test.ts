import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JoinedTable } from '../../../shared/domain/configuration/configuration.ts';
import type { Range, RangedRow, Store } from '../../../shared/ports/store.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { rowsOf, UNTIL } from './range-suite.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using } = postgresTables(() => bench);
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
let tables = 0;

interface World {
  readonly store: Store;
  readonly contracts: string;
  readonly rows: string;
  /** In the order of the joined clock. */
  readonly swept: Range;
  /** In the order of a clock of its own. */
  readonly own: Range;
}

/** Rows of contracts 1 to 4: the third one goes on, the fourth is not there, and row 7 names none. */
async function withContracts(body: (world: World) => Promise<void>, key = 'PRIMARY KEY'): Promise<void> {
  tables += 1;
  const [contracts, rows] = [`contracts_${tables}`, `rows_${tables}`];
  await run(`CREATE TABLE ${contracts} (id int ${key}, ended_at timestamptz, note text)`);
  await run(`CREATE TABLE ${rows} (id bigint PRIMARY KEY, at timestamptz, contract_id bigint, kind text)`);
  await run(`CREATE INDEX ON ${contracts} (ended_at)`);
  await run(`CREATE INDEX ON ${rows} (at)`);
  await run(`CREATE INDEX ON ${rows} (contract_id, id)`);
  await run(
    `INSERT INTO ${contracts} VALUES (1, '2025-03-01'), (2, '2025-01-01'), (3, NULL), (5, '2026-03-02')`,
  );
  await run(`INSERT INTO ${rows} VALUES (1, '2025-05-01', 1, 'a'), (2, '2025-04-01', 2, 'b'), (3, '2025-03-01', 1, 'a'),
    (4, '2025-02-01', 3, 'a'), (5, '2025-01-01', 4, 'a'), (6, '2024-12-01', 5, 'a'), (7, '2024-11-01', NULL, 'a')`);
  await run(`ANALYZE ${contracts}`);
  const name: JoinedTable = { table: contracts, key: 'id', by: 'contract_id' };
  const joined = { ...name, columns: ['ended_at'] };
  const swept: Range = {
    clock: { column: 'ended_at', in: name },
    until: UNTIL,
    columns: ['kind', 'at'],
    joined,
  };
  const own: Range = { clock: { column: 'at' }, until: UNTIL, columns: ['kind'], joined };
  await using({ table: rows }, (store) => body({ store, contracts, rows, swept, own }));
}

const idsOf = (rows: readonly RangedRow[]): unknown[] => rows.map(({ locator }) => locator[0]);
const targetsOf = (rows: readonly RangedRow[]) =>
  rows.map(({ locator, version = '' }) => ({ locator, version }));
const outcomesOf = async (store: Store, rows: readonly RangedRow[]): Promise<string[]> =>
  (await store.delete(targetsOf(rows))).map(({ outcome }) => outcome);

describe('rows with a clock in another table', () => {
  test('are read in its order, each once, in pages of any size', () =>
    withContracts(async ({ store, swept }) => {
      for (const limit of [1, 2, 3, 100]) {
        const rows = await rowsOf(store, swept, limit);
        expect(idsOf(rows)).toEqual([2, 1, 3]);
        expect(rows[0]?.joined).toEqual({ ended_at: '2025-01-01T00:00:00Z' });
        expect(rows[0]?.values).toMatchObject({ kind: 'b', at: '2025-04-01T00:00:00Z' });
      }
      expect(idsOf(await rowsOf(store, { ...swept, where: { kind: 'a' } }, 1))).toEqual([1, 3]);
    }));

  test('are read in the order of a clock of their own, with what the other table says of each', () =>
    withContracts(async ({ store, own }) => {
      for (const limit of [1, 3, 100]) {
        const rows = await rowsOf(store, own, limit);
        expect(rows.map(({ locator, joined }) => [locator[0], joined])).toEqual([
          [7, null],
          [6, { ended_at: '2026-03-02T00:00:00Z' }],
          [5, null],
          [4, { ended_at: null }],
          [3, { ended_at: '2025-03-01T00:00:00Z' }],
          [2, { ended_at: '2025-01-01T00:00:00Z' }],
          [1, { ended_at: '2025-03-01T00:00:00Z' }],
        ]);
      }
    }));

  test.each(['swept', 'own'] as const)('stay if either row has changed since it was read: %s', (which) =>
    withContracts(async (world) => {
      const { store, contracts, rows: table } = world;
      const read = (await rowsOf(store, world[which], 100)).filter(({ locator }) => Number(locator[0]) < 4);
      await run(`UPDATE ${contracts} SET note = 'renewed' WHERE id = 2`);
      await run(`UPDATE ${table} SET kind = 'c' WHERE id = 3`);
      const outcomes = new Map(
        (await outcomesOf(store, read)).map((one, index) => [read[index]?.locator[0], one]),
      );
      expect(Object.fromEntries(outcomes)).toEqual({ 1: 'deleted', 2: 'changed', 3: 'changed' });
      const again = (await rowsOf(store, world[which], 100)).filter(({ locator }) => Number(locator[0]) < 4);
      expect(await outcomesOf(store, again)).toEqual(['deleted', 'deleted']);
      expect(await outcomesOf(store, again)).toEqual(['already-so', 'already-so']);
      const promised = again.map(({ locator }) => ({ locator, expect: 'gone' as const }));
      expect(await store.readBack(promised)).toEqual([{ state: 'kept' }, { state: 'kept' }]);
    }),
  );

  test.each([
    ['is gone', 'DELETE FROM contracts WHERE id = 1'],
    [
      'is another one with its key',
      "DELETE FROM contracts WHERE id = 1; INSERT INTO contracts VALUES (1, '2025-03-01')",
    ],
    [
      'has another key, and another one has its',
      "UPDATE contracts SET id = 9 WHERE id = 1; INSERT INTO contracts VALUES (1, '2025-03-01')",
    ],
  ])('stay if what they name %s', (_, change) =>
    withContracts(async ({ store, contracts, swept }) => {
      const read = await rowsOf(store, swept, 100);
      await run(change.replaceAll('contracts', contracts));
      expect(await outcomesOf(store, read)).toEqual(['deleted', 'changed', 'changed']);
    }),
  );

  test('stay if what they name changes while they are deleted', () =>
    withContracts(async ({ store, contracts, rows, swept }) => {
      const read = await rowsOf(store, swept, 100);
      // A trigger stands for another session that commits while the statement runs.
      await run(`CREATE FUNCTION renew_${rows}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_sleep(0.4); RETURN OLD; END $$`);
      await run(`CREATE TRIGGER slow BEFORE DELETE ON ${rows} FOR EACH ROW EXECUTE FUNCTION renew_${rows}()`);
      const deleting = outcomesOf(
        store,
        read.filter(({ locator }) => locator[0] === 1),
      );
      await new Promise((resolve) => setTimeout(resolve, 150));
      await run(`UPDATE ${contracts} SET ended_at = NULL WHERE id = 1`);
      expect(await deleting).not.toEqual(['deleted']);
      const { rows: left } = await run(`SELECT count(*)::int AS n FROM ${rows} WHERE id = 1`);
      expect(left).toEqual([{ n: 1 }]);
      expect(
        await outcomesOf(
          store,
          read.filter(({ locator }) => locator[0] === 1),
        ),
      ).toEqual(['changed']);
    }));

  test('go although a trigger writes the row that they name', () =>
    withContracts(async ({ store, contracts, rows, swept }) => {
      const read = await rowsOf(store, swept, 100);
      await run(`CREATE FUNCTION count_${rows}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE public.${contracts} SET note = 'fewer' WHERE id = OLD.contract_id; RETURN NULL; END $$`);
      await run(
        `CREATE TRIGGER counted AFTER DELETE ON ${rows} FOR EACH ROW EXECUTE FUNCTION count_${rows}()`,
      );
      expect(await outcomesOf(store, read)).toEqual(['deleted', 'deleted', 'deleted']);
    }));

  test('are deleted with others in one call, each by what it was read with', () =>
    withContracts(async ({ store, contracts, swept, own }) => {
      const joined = (await rowsOf(store, swept, 100)).slice(0, 2);
      const alone = (await rowsOf(store, { clock: own.clock, until: own.until, columns: [] }, 100)).filter(
        ({ locator }) => locator[0] === 3,
      );
      await run(`UPDATE ${contracts} SET note = 'renewed' WHERE id = 1`);
      expect(await outcomesOf(store, [...alone, ...joined])).toEqual(['deleted', 'deleted', 'changed']);
    }));

  test('are read on where a page ended, whatever went in between, past rows that nothing names', () =>
    withContracts(async ({ store, contracts, rows, swept }) => {
      await run(`INSERT INTO ${contracts} SELECT n, '2024-01-01' FROM generate_series(100, 149) n`);
      await run(
        `INSERT INTO ${rows} SELECT n, '2025-01-01', 149 - n % 2, 'a' FROM generate_series(1000, 1099) n`,
      );
      let after: string | undefined;
      const found: unknown[] = [];
      let pages = 0;
      do {
        const page = await store.range(swept, 7, after);
        if (page.state !== 'ranged') throw new Error(page.code);
        found.push(...idsOf(page.rows));
        expect(await outcomesOf(store, page.rows)).toEqual(page.rows.map(() => 'deleted'));
        after = page.next;
        pages += 1;
      } while (after !== undefined);
      expect(new Set(found)).toEqual(new Set([...Array.from({ length: 100 }, (_, n) => 1000 + n), 1, 2, 3]));
      expect(found.length).toBe(103);
      expect(pages).toBeLessThan(30);
    }));

  test.each<[what: string, change: string]>([
    ['is not unique', 'ALTER TABLE contracts DROP CONSTRAINT contracts_pkey; CREATE INDEX ON contracts (id)'],
    [
      'is unique only at the end of a transaction',
      'ALTER TABLE contracts DROP CONSTRAINT contracts_pkey, ADD UNIQUE (id) DEFERRABLE',
    ],
    [
      'is unique only in part',
      'ALTER TABLE contracts DROP CONSTRAINT contracts_pkey; CREATE UNIQUE INDEX ON contracts (id) WHERE id > 1',
    ],
    ['is not there', 'ALTER TABLE contracts RENAME COLUMN id TO number'],
    ['is of another type', 'ALTER TABLE contracts ALTER COLUMN id TYPE numeric'],
    ['may be in a child table, too', 'CREATE TABLE child () INHERITS (contracts)'],
    ['is in no table', 'DROP TABLE contracts'],
  ])('are refused, and none is deleted, if the key %s', (_, change) =>
    withContracts(async ({ store, contracts, swept, own }) => {
      const read = await rowsOf(store, swept, 100);
      await run(change.replaceAll('contracts', contracts).replace('child', `child_${contracts}`));
      expect(await store.range(swept, 10)).toEqual(SCHEMA);
      expect(await store.range(own, 10)).toEqual(SCHEMA);
      expect(await store.delete(targetsOf(read))).toEqual(
        read.map(() => ({ outcome: 'refused', code: 'STORE_SCHEMA' })),
      );
    }),
  );

  test.each([
    ['of the clock', 'contracts', 'ended_at'],
    ['of what names its rows', 'rows', 'contract_id'],
  ])('are not read in its order without an index %s', (_, table, column) =>
    withContracts(async ({ store, contracts, rows, swept, own }) => {
      const name = table === 'rows' ? rows : contracts;
      const suffix = column === 'ended_at' ? 'ended_at_idx' : 'contract_id_id_idx';
      await run(`DROP INDEX ${name}_${suffix}`);
      expect(await store.range(swept, 10)).toEqual(SCHEMA);
      expect((await rowsOf(store, own, 10)).length).toBe(7);
    }),
  );

  test('are refused with a position that no page ended at', () =>
    withContracts(async ({ store, swept }) => {
      for (const after of ['', '[["x"],false]', '[["x","y","z","u"],false]', '[["x","1"],false]'])
        expect(await store.range(swept, 10, after)).toEqual(SCHEMA);
    }));
});
