import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { MARKER } from '../store/store-bench.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';

/** What other users of the database create and set must not change what a lane does. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
  await run(`CREATE SCHEMA crm; CREATE ROLE lane LOGIN PASSWORD 'lane'; CREATE ROLE other NOLOGIN; GRANT other TO lane;
    CREATE ROLE mallory LOGIN PASSWORD 'mallory';
    GRANT USAGE ON SCHEMA crm TO lane, mallory; GRANT CREATE ON SCHEMA crm TO mallory;
    GRANT CREATE, USAGE ON SCHEMA public TO mallory; GRANT CREATE, TEMPORARY ON DATABASE postgres TO mallory`);
});
afterAll(() => bench.stop());

const run = (text: string) => bench.sql.query(text);
const MASKS: Masks = { mail: { kind: 'constant', value: 'removed' }, note: { kind: 'null' } };

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open({ schema: 'crm', user: 'lane', password: 'lane', ...options });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

async function as(user: string, statements: string): Promise<void> {
  const { host, port, database } = bench.engine;
  const client = new Client({ host, port, database, user, password: user });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}

/** Three rows, of which one is masked and one is deleted; the third stays. */
async function worksAsUsual(store: Store): Promise<void> {
  const [first, second] = await looked(store, [[1], [2]]);
  if (first === undefined || second === undefined) throw new Error('both rows are there');
  expect(statesOf(await store.look([[1], [2], [3], [4]]))).toEqual(['present', 'present', 'present', 'gone']);
  expect(outcomesOf(await store.delete([first]))).toEqual(['deleted']);
  expect(outcomesOf(await store.anonymise([second], MASKS))).toEqual(['anonymised']);
  expect(outcomesOf(await store.anonymise([{ locator: [2] }], MASKS))).toEqual(['already-so']);
  const read = [gone([1]), { locator: [2], expect: 'masked', masks: MASKS } as const, gone([3])];
  expect(statesOf(await store.readBack(read))).toEqual(['kept', 'kept', 'broken']);
  const rows = await store.read([2, 3].map((id) => ({ locator: [id], into: '' })));
  expect(rows).toEqual([
    { state: 'document', document: { id: 2, mail: 'removed', note: null } },
    { state: 'document', document: { id: 3, mail: MARKER, note: 'x' } },
  ]);
}

async function table(name: string): Promise<string> {
  await run(`CREATE TABLE crm.${name} (id bigint PRIMARY KEY, mail text, note text);
    INSERT INTO crm.${name} SELECT i, '${MARKER}', 'x' FROM generate_series(1, 3) i;
    GRANT SELECT, DELETE, UPDATE ON crm.${name} TO lane`);
  return name;
}

/** Runs with the rights of who calls it. What it does first can be seen also if the transaction is rolled back. */
const TRAP = `LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_catalog.nextval('public.trapped'); RAISE 'trapped'; END $$`;

describe('objects that another user creates', () => {
  const functions = [
    ['same(bigint, bigint)', 'boolean'],
    ['same_text(text, text)', 'boolean'],
    ['joined(text, text)', 'text'],
    ['unnest(bigint[])', 'SETOF bigint'],
    ['unnest(text[])', 'SETOF text'],
    ['to_regclass(text)', 'regclass'],
    ['format_type(oid, integer)', 'text'],
    ['current_setting(text)', 'text'],
  ];
  const planted = (schema: string) =>
    [
      ...functions.map(
        ([name = '', result = '']) => `CREATE FUNCTION ${schema}.${name} RETURNS ${result} ${TRAP}`,
      ),
      `CREATE OPERATOR ${schema}.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = ${schema}.same)`,
      `CREATE OPERATOR ${schema}.= (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = ${schema}.same_text)`,
      `CREATE OPERATOR ${schema}.|| (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = ${schema}.joined)`,
      `CREATE AGGREGATE ${schema}.count(*) (SFUNC = pg_catalog.int8inc, STYPE = bigint, INITCOND = '7')`,
      `CREATE TYPE ${schema}.text AS (a bigint)`,
      `CREATE FUNCTION ${schema}.text_of(bigint) RETURNS ${schema}.text ${TRAP}`,
      `CREATE CAST (bigint AS ${schema}.text) WITH FUNCTION ${schema}.text_of AS IMPLICIT`,
      `CREATE DOMAIN ${schema}.int4 AS pg_catalog.int4 CHECK (false)`,
      `CREATE TYPE ${schema}.tid AS ENUM ('a')`,
    ].join('; ');

  test.each(['public', 'crm'])('in the schema %s are never used by a lane', async (schema) => {
    await run(`DROP SEQUENCE IF EXISTS public.trapped; CREATE SEQUENCE public.trapped;
      GRANT USAGE ON SEQUENCE public.trapped TO public`);
    await as('mallory', planted(schema));
    await run(`ALTER ROLE lane SET search_path = ${schema}, pg_catalog`);
    try {
      // The trap works: a statement that names no schema falls into it.
      await expect(as('lane', 'SELECT 1::bigint = 1::bigint')).rejects.toThrow('trapped');
      expect((await run('SELECT is_called FROM public.trapped')).rows).toEqual([{ is_called: true }]);
      await run('ALTER SEQUENCE public.trapped RESTART');
      await using({ table: await table(`people_${schema}`) }, worksAsUsual);
      expect((await run('SELECT is_called FROM public.trapped')).rows).toEqual([{ is_called: false }]);
    } finally {
      await run('ALTER ROLE lane RESET ALL; DROP OWNED BY mallory CASCADE');
      await run(`GRANT CREATE, USAGE ON SCHEMA crm, public TO mallory`);
    }
  });
});

/** A setting, what another user plants, and what counts while a lane works. */
const SETTINGS: readonly (readonly [name: string, planted: string, own: string])[] = [
  ['search_path', 'public', 'pg_catalog, pg_temp'],
  ['row_security', 'on', 'off'],
  ['role', 'other', 'none'],
  ['default_transaction_read_only', 'on', 'on'],
  ['transaction_read_only', '', 'off'],
  ['default_transaction_isolation', 'serializable', 'serializable'],
  ['transaction_isolation', '', 'read committed'],
  ['synchronous_commit', 'off', 'on'],
  ['standard_conforming_strings', 'off', 'on'],
  ['transform_null_equals', 'on', 'off'],
  ['array_nulls', 'off', 'on'],
  ['quote_all_identifiers', 'on', 'off'],
  ['datestyle', 'German', 'ISO, YMD'],
  ['intervalstyle', 'sql_standard', 'iso_8601'],
  ['timezone', 'Asia/Kolkata', 'UTC'],
  ['bytea_output', 'escape', 'hex'],
  ['extra_float_digits', '-15', '1'],
  ['lc_monetary', 'POSIX', 'C'],
  ['xmloption', 'document', 'content'],
  ['xmlbinary', 'hex', 'base64'],
  ['client_encoding', 'latin1', 'UTF8'],
  ['session_replication_role', 'origin', 'origin'],
];
const TIMEOUTS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

describe('settings of the user or the database', () => {
  test('that others plant do not count while a lane works', async () => {
    const name = await table('settings');
    await run(`CREATE TABLE crm.seen (setting text, value text);
      CREATE FUNCTION crm.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO crm.seen SELECT s, pg_catalog.current_setting(s)
          FROM pg_catalog.unnest(pg_catalog.string_to_array(TG_ARGV[0], ' ')) s;
        RETURN OLD;
      END $$;
      CREATE TRIGGER see BEFORE DELETE ON crm.${name} FOR EACH ROW
        EXECUTE FUNCTION crm.see('${[...SETTINGS.map(([setting]) => setting), ...TIMEOUTS].join(' ')}')`);
    for (const [setting, planted] of SETTINGS)
      if (planted !== '')
        await run(`ALTER ROLE lane SET ${setting} = ${setting === 'datestyle' ? planted : `'${planted}'`}`);
    for (const setting of TIMEOUTS) await run(`ALTER ROLE lane SET ${setting} = '2s'`);
    try {
      await using({ table: name }, worksAsUsual);
    } finally {
      await run('ALTER ROLE lane RESET ALL');
    }
    const { rows } = await run('SELECT DISTINCT setting, value FROM crm.seen');
    const seen = new Map(
      (rows as { setting: string; value: string }[]).map(({ setting, value }) => [setting, value]),
    );
    expect(SETTINGS.map(([setting]) => [setting, seen.get(setting)])).toEqual(
      SETTINGS.map(([setting, , own]) => [setting, own]),
    );
    for (const setting of TIMEOUTS) expect(seen.get(setting)).not.toBe('2s');
  });

  test('that switch foreign keys off make a lane change nothing', async () => {
    const name = await table('guarded');
    await run(`CREATE TABLE crm.needing (id bigint REFERENCES crm.${name}); INSERT INTO crm.needing VALUES (1);
      ALTER ROLE lane SET session_replication_role = replica`);
    try {
      await using({ table: name }, async (store) => {
        expect(statesOf(await store.look([[1], [4]]))).toEqual(['present', 'gone']);
        const refused = { outcome: 'refused', code: 'STORE_CONSTRAINT' };
        expect(await store.delete([{ locator: [1] }])).toEqual([refused]);
        expect(await store.anonymise([{ locator: [1] }], MASKS)).toEqual([refused]);
      });
    } finally {
      await run('ALTER ROLE lane RESET ALL');
    }
    expect((await run(`SELECT 1 FROM crm.${name}`)).rowCount).toBe(3);
  });
});

test('a trigger whose function names no schema is refused until it does', async () => {
  const name = await table('triggered');
  await run(`CREATE TABLE crm.history (id bigint); GRANT INSERT ON crm.history TO lane;
    CREATE FUNCTION crm.remember() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO history VALUES (OLD.id); RETURN OLD; END $$;
    CREATE TRIGGER remember BEFORE DELETE ON crm.${name} FOR EACH ROW EXECUTE FUNCTION crm.remember()`);
  await using({ table: name }, async (store) => {
    expect(await store.delete([{ locator: [1] }])).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
    await run('ALTER FUNCTION crm.remember() SET search_path = crm');
    expect(outcomesOf(await store.delete([{ locator: [1] }]))).toEqual(['deleted']);
  });
  expect((await run('SELECT id FROM crm.history')).rows).toEqual([{ id: '1' }]);
});
