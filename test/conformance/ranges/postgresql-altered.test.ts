import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Range, Store } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';

/** A table that has been described, and is altered while the store is open: no call goes by what it was like before. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const RANGE: Range = {
  clock: { column: 'created' },
  until: { at: Date.parse('2026-01-01T00:00:00Z'), date: '2026-01-01' },
  columns: [],
};
const [ROW, OTHER] = [[1], [2]];

/** Every answer of a store about a row of the table. */
async function answers(store: Store): Promise<readonly unknown[]> {
  const page = await store.range(RANGE, 10);
  const [look] = await store.look([ROW]);
  const [back] = await store.readBack([{ locator: ROW, expect: 'gone' }]);
  const listed = page.state === 'ranged' ? page.rows.length : page.code;
  return [listed, look?.state, back?.state];
}

let tables = 0;
async function altered(sql: (name: string) => string, then: (store: Store) => Promise<void>): Promise<void> {
  tables += 1;
  const name = `altered_${tables}`;
  await bench.sql.query(`CREATE TABLE ${name} (id bigint PRIMARY KEY, created timestamptz NOT NULL)`);
  await bench.sql.query(`CREATE INDEX ${name}_created ON ${name} (created)`);
  await bench.sql.query(`INSERT INTO ${name} SELECT n, '2025-01-01' FROM generate_series(1, 4) n`);
  const store = await bench.open({ table: name });
  try {
    // Twice: the first describes the table.
    for (const left of [4, 3]) {
      expect(await answers(store)).toEqual([left, 'present', 'broken']);
      expect(await store.delete([{ locator: [left] }])).toMatchObject([{ outcome: 'deleted' }]);
    }
    await bench.sql.query(sql(name));
    await then(store);
  } finally {
    await store.close();
  }
}

test.each([
  ['nothing is changed', 'SELECT 1', [2, 'present', 'broken']],
  ['a column is added and one is not', 'ALTER TABLE it ADD more text', [2, 'present', 'broken']],
  [
    'the clock does not hold times any more',
    'ALTER TABLE it ALTER created TYPE text',
    ['STORE_SCHEMA', 'present', 'broken'],
  ],
  [
    'the clock has another name',
    'ALTER TABLE it RENAME created TO at',
    ['STORE_SCHEMA', 'present', 'broken'],
  ],
  ['the index is gone', 'DROP INDEX it_created', ['STORE_SCHEMA', 'present', 'broken']],
  ['the key has another type', 'ALTER TABLE it ALTER id TYPE numeric', [2, 'present', 'broken']],
  ['the key has another name', 'ALTER TABLE it RENAME id TO no', ['STORE_SCHEMA', 'unknown', 'unknown']],
  ['the table has another name', 'ALTER TABLE it RENAME TO it_moved', ['STORE_SCHEMA', 'unknown', 'unknown']],
  [
    'another table has its name',
    'ALTER TABLE it RENAME TO it_moved; CREATE TABLE it (id text PRIMARY KEY)',
    ['STORE_SCHEMA', 'unknown', 'unknown'],
  ],
  [
    'another table of the same columns has its name',
    'ALTER TABLE it RENAME TO it_moved; CREATE TABLE it (LIKE it_moved)',
    ['STORE_SCHEMA', 'gone', 'kept'],
  ],
  [
    'a view has its name',
    'ALTER TABLE it RENAME TO it_moved; CREATE VIEW it AS SELECT * FROM it_moved',
    ['STORE_SCHEMA', 'unknown', 'unknown'],
  ],
  [
    'another one inherits from it',
    'CREATE TABLE it_child () INHERITS (it)',
    ['STORE_SCHEMA', 'present', 'broken'],
  ],
])('a table is read as it is after %s', async (_, sql, expected) => {
  await altered(
    (name) => sql.replaceAll(/\bit(?=\b|_)/g, name),
    async (store) => expect(await answers(store)).toEqual(expected),
  );
});

test.each([
  [
    'a foreign key deletes rows of another table',
    'CREATE TABLE it_of (id bigint REFERENCES it ON DELETE CASCADE)',
  ],
  ['a rule does something else', 'CREATE RULE it_rule AS ON DELETE TO it DO INSTEAD NOTHING'],
  [
    'a trigger keeps every row',
    'CREATE TRIGGER it_keeps BEFORE DELETE ON it FOR EACH ROW EXECUTE FUNCTION keeps()',
  ],
])('no row is deleted after %s', async (_, sql) => {
  await bench.sql.query(
    `CREATE OR REPLACE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
  );
  await altered(
    (name) => sql.replaceAll(/\bit(?=\b|_)/g, name),
    async (store) => {
      expect(await store.delete([{ locator: ROW }, { locator: OTHER }])).toEqual([
        { outcome: 'refused', code: 'STORE_CONSTRAINT' },
        { outcome: 'refused', code: 'STORE_CONSTRAINT' },
      ]);
      expect(await store.look([ROW, OTHER])).toMatchObject([{ state: 'present' }, { state: 'present' }]);
    },
  );
});
