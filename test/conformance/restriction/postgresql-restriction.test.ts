import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../../shared/ports/store.ts';
import { documentedBlocks } from './documented-blocks.ts';
import { MARKER } from '../store/store-bench.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { FREE, marksOf, RESTRICTED, restricted } from './restriction-suite.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_COLUMN = '42703';
const SCHEMA = { outcome: 'refused', code: 'STORE_SCHEMA' };
const CONSTRAINT = { outcome: 'refused', code: 'STORE_CONSTRAINT' };

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open({ restrict: 'restricted_at', ...options });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const run = (text: string) => bench.sql.query(text);
/** `id` 1 to 3, and one more column. */
async function people(table: string, column: string): Promise<void> {
  await run(`CREATE TABLE ${table} (id int PRIMARY KEY, mail text${column === '' ? '' : `, ${column}`});
    INSERT INTO ${table} (id, mail) SELECT i, '${MARKER}' FROM generate_series(1, 3) i`);
}

test.each([
  ['timestamptz', 'timestamptz'],
  ['timestamp', 'timestamp'],
  ['boolean', 'boolean'],
  ['required_boolean', 'boolean NOT NULL DEFAULT false'],
  ['domain', 'since'],
])('the column can be of type %s', async (name, type) => {
  if (type === 'since') await run('CREATE DOMAIN since AS timestamptz');
  const table = `marked_${name}`;
  await people(table, `restricted_at ${type}`);
  await using({ table }, async (store) => {
    const asked = new Date();
    expect(outcomesOf(await store.restrict(await looked(store, [[1]]), true))).toEqual(['restricted']);
    expect(await marksOf(store, [[1], [2]])).toEqual([RESTRICTED, FREE]);
    const { rows } = await run(`SELECT restricted_at::text AS mark FROM ${table} WHERE id = 1`);
    if (type.startsWith('boolean')) expect(rows).toEqual([{ mark: 'true' }]);
    // Of the server, in UTC.
    else expect(Math.abs(Date.parse(`${rows[0].mark.slice(0, 19)}Z`) - asked.getTime())).toBeLessThan(60_000);
    expect(outcomesOf(await store.restrict(await looked(store, [[1]]), false))).toEqual(['lifted']);
    expect(await marksOf(store, [[1]])).toEqual([FREE]);
  });
});

test.each([
  ['is not there', ''],
  ['is a text', 'restricted_at text'],
  ['is a date', 'restricted_at date'],
  ['is of a type that only has the name', 'restricted_at own.bool'],
])('a column that %s is refused, and rows can still be deleted', async (why, column) => {
  if (column.includes('own.')) await run("CREATE SCHEMA own; CREATE TYPE own.bool AS ENUM ('true', 'false')");
  const table = `wrong_${why.replaceAll(' ', '_')}`;
  await people(table, column);
  await using({ table }, async (store) => {
    expect(await store.restrict(await looked(store, [[1]]), true)).toEqual([SCHEMA]);
    expect(await store.readBack([restricted([1])])).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }]);
    expect(outcomesOf(await store.delete(await looked(store, [[1]])))).toEqual(['deleted']);
  });
});

test('a date-time that may not be empty cannot be lifted', async () => {
  await people('required', "restricted_at timestamptz NOT NULL DEFAULT '2026-01-01'");
  await using({ table: 'required' }, async (store) => {
    expect(await marksOf(store, [[1]])).toEqual([RESTRICTED]);
    expect(await store.restrict(await looked(store, [[1]]), false)).toEqual([CONSTRAINT]);
  });
});

test('a generated column is refused', async () => {
  await people('generated', 'restricted_at boolean GENERATED ALWAYS AS (id > 2) STORED');
  await using({ table: 'generated' }, async (store) => {
    expect(await store.restrict(await looked(store, [[1], [3]]), true)).toEqual([SCHEMA, SCHEMA]);
  });
});

test('no mask may change the column', async () => {
  await people('masked_mark', 'restricted_at timestamptz');
  await using({ table: 'masked_mark' }, async (store) => {
    const masks = { restricted_at: { kind: 'null' } } as const;
    expect(await store.anonymise(await looked(store, [[1]]), masks)).toEqual([SCHEMA]);
  });
});

test('a row that a trigger keeps as it is is refused; one that it gives another key, too; the others are marked', async () => {
  await people('triggered', 'restricted_at timestamptz');
  await run(`CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.id = 1 THEN RETURN NULL; END IF;
      IF NEW.id = 2 THEN NEW.id := 20; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER odd BEFORE UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION odd()`);
  await using({ table: 'triggered' }, async (store) => {
    const acted = await store.restrict(await looked(store, [[1], [2], [3]]), true);
    expect(acted).toEqual([CONSTRAINT, CONSTRAINT, { outcome: 'restricted', answer: 'UPDATE 1' }]);
    expect(await marksOf(store, [[1], [2], [3]])).toEqual([FREE, FREE, RESTRICTED]);
  });
});

test('a rule that does something else is refused, and so are foreign keys that are switched off', async () => {
  await people('ruled', 'restricted_at timestamptz');
  await run('CREATE RULE never AS ON UPDATE TO ruled DO INSTEAD NOTHING');
  await using({ table: 'ruled' }, async (store) => {
    expect(await store.restrict([{ locator: [1] }], true)).toEqual([CONSTRAINT]);
  });
});

test('a row that another transaction holds is left, and the others are marked', async () => {
  await people('held', 'restricted_at timestamptz');
  const other = await bench.sql.connect();
  await using({ table: 'held' }, async (store) => {
    const targets = await looked(store, [[1], [2]]);
    await other.query('BEGIN; SELECT FROM held WHERE id = 1 FOR UPDATE');
    expect(await store.restrict(targets, true)).toEqual([
      { outcome: 'failed', code: 'STORE_TIMEOUT' },
      { outcome: 'restricted', answer: 'UPDATE 1' },
    ]);
    await other.query('ROLLBACK');
    expect(outcomesOf(await store.restrict(targets.slice(0, 1), true))).toEqual(['restricted']);
  });
  other.release();
});

test('a mark whose transaction is still open is unknown, and not broken', async () => {
  await people('open', 'restricted_at timestamptz');
  const other = await bench.sql.connect();
  await using({ table: 'open' }, async (store) => {
    await other.query("BEGIN; UPDATE open SET restricted_at = '2026-01-01' WHERE id = 1");
    expect(await store.readBack([restricted([1]), restricted([2])])).toEqual([
      { state: 'unknown', code: 'STORE_TIMEOUT' },
      { state: 'broken' },
    ]);
    await other.query('COMMIT');
    expect(statesOf(await store.readBack([restricted([1])]))).toEqual(['kept']);
  });
  other.release();
});

test('two rows with one key are both left', async () => {
  await run(`CREATE TABLE twins (id int, restricted_at timestamptz); INSERT INTO twins VALUES (1), (1), (2)`);
  await using({ table: 'twins' }, async (store) => {
    expect(await store.restrict([{ locator: [1] }, { locator: [2] }], true)).toEqual([
      SCHEMA,
      { outcome: 'restricted', answer: 'UPDATE 1' },
    ]);
    const { rows } = await run('SELECT FROM twins WHERE id = 1 AND restricted_at IS NOT NULL');
    expect(rows).toEqual([]);
  });
});

test('a numeric version moves on, so that a write based on the row before fails', async () => {
  await people('counted', 'restricted_at timestamptz, version int NOT NULL DEFAULT 7');
  await using({ table: 'counted', versionColumn: 'version' }, async (store) => {
    await store.restrict(await looked(store, [[1]]), true);
    await store.restrict(await looked(store, [[1]]), false);
    const { rows } = await run('SELECT version FROM counted WHERE id < 3 ORDER BY id');
    expect(rows).toEqual([{ version: 9 }, { version: 7 }]);
  });
});

test('a user without the privilege to write the column is refused', async () => {
  await people('privileged', 'restricted_at timestamptz');
  await run(
    `CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT, UPDATE (mail) ON privileged TO reader`,
  );
  await using({ table: 'privileged', user: 'reader', password: 'reader' }, async (store) => {
    const denied = { outcome: 'refused', code: 'STORE_DENIED' };
    expect(await store.restrict(await looked(store, [[1]]), true)).toEqual([denied]);
    await run('GRANT UPDATE (restricted_at) ON privileged TO reader');
    expect(outcomesOf(await store.restrict(await looked(store, [[1]]), true))).toEqual(['restricted']);
  });
});

test.each(['row-level security', 'a view'])('the example with %s hides restricted rows', async (kind) => {
  const number = kind === 'a view' ? 1 : 0;
  const schema = `example_${number}`;
  const app = `app_${number}`;
  const tenure = `tenure_${number}`;
  await run(`CREATE ROLE ${app} LOGIN PASSWORD 'app'; CREATE ROLE ${tenure} LOGIN PASSWORD 'tenure';
    CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO ${app}, ${tenure};
    CREATE TABLE ${schema}.people (id int PRIMARY KEY, mail text);
    INSERT INTO ${schema}.people SELECT i, '${MARKER}' FROM generate_series(1, 3) i;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.people TO ${app}; GRANT SELECT, DELETE ON ${schema}.people TO ${tenure}`);
  const example = documentedBlocks('postgresql', 'sql')[number] ?? '';
  const own = example.replaceAll(/\bapp\b/g, app).replaceAll(/\btenure\b/g, tenure);
  await run(`SET search_path = ${schema}; ${own}; RESET search_path`);
  const { host, port, database } = bench.engine;
  const client = new Client({ host, port, database, user: app, password: 'app' });
  await client.connect();
  await client.query(`SET search_path = ${schema}`);
  const from = kind === 'a view' ? 'people_in_use' : 'people';
  const seen = async () =>
    (await client.query(`SELECT id FROM ${from} ORDER BY id`)).rows.map(({ id }) => id);
  const lane = { table: 'people', schema, user: tenure, password: 'tenure' };
  await using(lane, async (store) => {
    expect(await seen()).toEqual([1, 2, 3]);
    expect(outcomesOf(await store.restrict(await looked(store, [[2]]), true))).toEqual(['restricted']);
    expect(await seen()).toEqual([1, 3]);
    expect((await client.query(`UPDATE ${from} SET mail = 'x' WHERE id = 2`)).rowCount).toBe(0);
    expect((await client.query(`DELETE FROM ${from} WHERE id = 2`)).rowCount).toBe(0);
    // An insert that becomes an update would change the row, and could give back what is in it.
    for (const into of new Set([from, 'people'])) {
      const upsert = `INSERT INTO ${into} (id, mail) VALUES (2, 'x') ON CONFLICT (id) DO UPDATE SET mail = ${into}.mail RETURNING *`;
      const refused: unknown = await client.query(upsert).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
      expect(JSON.stringify(refused)).not.toContain(MARKER);
    }
    await client.query(`INSERT INTO people (id, mail) VALUES (4, 'x')`);
    expect((await client.query(`DELETE FROM ${from} WHERE id = 4`)).rowCount).toBe(1);
    // The application cannot lift the restriction itself, and Tenure still sees the row.
    const lifting = client.query(`UPDATE ${from} SET restricted_at = NULL WHERE id = 2`);
    if (kind === 'a view') await expect(lifting).rejects.toMatchObject({ code: UNDEFINED_COLUMN });
    else expect((await lifting).rowCount).toBe(0);
    expect(await marksOf(store, [[2]])).toEqual([RESTRICTED]);
    expect(outcomesOf(await store.restrict(await looked(store, [[2]]), false))).toEqual(['lifted']);
    expect(await seen()).toEqual([1, 2, 3]);
    await store.restrict(await looked(store, [[2]]), true);
    expect(outcomesOf(await store.delete(await looked(store, [[2]])))).toEqual(['deleted']);
  });
  await client.end();
});
