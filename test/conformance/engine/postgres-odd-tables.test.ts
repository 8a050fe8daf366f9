import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Acted, Promised, Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';

/** Tables and servers on which a delete or a mask does more, less or later than it says. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const run = (text: string) => bench.sql.query(text);
const rowsOf = async (table: string) => (await run(`SELECT * FROM ${table}`)).rows;
const CONSTRAINT: Acted = { outcome: 'refused', code: 'STORE_CONSTRAINT' };
const TIMEOUT: Acted = { outcome: 'failed', code: 'STORE_TIMEOUT' };
const REMOVED: Masks = { mail: { kind: 'constant', value: 'removed' } };

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

describe('a commit that takes longer than the store’s timeout', () => {
  test('does not happen afterwards if a deferred trigger is what takes long', async () => {
    await run(`CREATE TABLE slow (id int PRIMARY KEY); INSERT INTO slow VALUES (1);
      CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER slowly AFTER DELETE ON slow DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION slowly()`);
    await using({ table: 'slow', timeoutSeconds: 1 }, async (store) => {
      expect(await store.delete(await looked(store, [[1]]))).toEqual([TIMEOUT]);
      await sleep(4000);
      expect(await store.readBack([gone([1])])).toEqual([{ state: 'broken' }]);
    });
  });

  test('is not known to be done or not until the standby that it waits for is there', async () => {
    await run(`CREATE TABLE waited (id int PRIMARY KEY, mail text);
      INSERT INTO waited SELECT i, 'ada' FROM generate_series(1, 3) i`);
    const standby = async (statement: string) => {
      await run(`ALTER SYSTEM ${statement}`);
      await run('SELECT pg_reload_conf()');
    };
    const masked: Promised = { locator: [2], expect: 'masked', masks: REMOVED };
    await using({ table: 'waited', timeoutSeconds: 1 }, async (store) => {
      const [first, second] = await looked(store, [[1], [2]]);
      if (first === undefined || second === undefined) throw new Error('both rows are there');
      await standby(`SET synchronous_standby_names = 'nowhere'`);
      try {
        await expect
          .poll(async () => (await run('SHOW synchronous_standby_names')).rows[0])
          .toEqual({ synchronous_standby_names: 'nowhere' });
        expect(await store.delete([first])).toEqual([TIMEOUT]);
        expect(await store.anonymise([second], REMOVED)).toEqual([TIMEOUT]);
        const late = { state: 'unknown', code: 'STORE_TIMEOUT' };
        expect(await store.readBack([gone([1]), gone([3])])).toEqual([late, { state: 'broken' }]);
        expect(await store.readBack([masked])).toEqual([late]);
      } finally {
        await standby('RESET synchronous_standby_names');
      }
      await expect
        .poll(async () => statesOf(await store.readBack([gone([1]), masked])))
        .toEqual(['kept', 'kept']);
    });
  });
});

test.each([
  [
    'reference with ON DELETE CASCADE',
    'ALTER TABLE owned ADD FOREIGN KEY (id) REFERENCES owner ON DELETE CASCADE',
  ],
  [
    'rule with DO INSTEAD',
    'CREATE RULE away AS ON DELETE TO owner DO INSTEAD DELETE FROM owned WHERE id = OLD.id RETURNING OLD.*',
  ],
])('a delete that waited for a new %s deletes nothing', async (_, added) => {
  await run(`DROP TABLE IF EXISTS owner, owned CASCADE;
    CREATE TABLE owner (id int PRIMARY KEY); INSERT INTO owner VALUES (1);
    CREATE TABLE owned (id int); INSERT INTO owned VALUES (1)`);
  await using({ table: 'owner' }, async (store) => {
    const targets = await looked(store, [[1]]);
    const client = await bench.sql.connect();
    await client.query(`BEGIN; ${added}`);
    const acting = store.delete(targets);
    await expect.poll(async () => (await run('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount).toBe(1);
    await client.query('COMMIT');
    client.release();
    expect(await acting).toEqual([CONSTRAINT]);
  });
  expect([await rowsOf('owner'), await rowsOf('owned')]).toEqual([[{ id: 1 }], [{ id: 1 }]]);
});

test('a table with a partition in another database is refused: its versions and references are not known', async () => {
  const { host, port, database, user, password } = bench.engine;
  await run(`CREATE EXTENSION postgres_fdw;
    CREATE TABLE far (id int PRIMARY KEY, mail text); INSERT INTO far VALUES (1, 'ada');
    CREATE TABLE far_child (id int REFERENCES far ON DELETE CASCADE); INSERT INTO far_child VALUES (1);
    CREATE SERVER same FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${host}', port '${port}', dbname '${database}');
    CREATE USER MAPPING FOR CURRENT_USER SERVER same OPTIONS (user '${user}', password '${password}');
    CREATE TABLE near (id int, mail text) PARTITION BY RANGE (id);
    CREATE FOREIGN TABLE near_far PARTITION OF near FOR VALUES FROM (0) TO (9) SERVER same OPTIONS (table_name 'far')`);
  await using({ table: 'near' }, async (store) => {
    expect(await store.look([[1]])).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }]);
    expect(await store.delete([{ locator: [1] }])).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
  });
  expect(await rowsOf('far_child')).toEqual([{ id: 1 }]);
});

test('a rule that does something else instead is refused, and does not run', async () => {
  await run(`CREATE TABLE ruled (id int PRIMARY KEY, mail text); INSERT INTO ruled VALUES (1, 'ada');
    CREATE TABLE other (id int PRIMARY KEY, mail text); INSERT INTO other VALUES (1, 'eve');
    CREATE RULE away AS ON DELETE TO ruled DO INSTEAD DELETE FROM other WHERE id = OLD.id RETURNING OLD.*`);
  await using({ table: 'ruled' }, async (store) => {
    expect(await store.delete(await looked(store, [[1]]))).toEqual([CONSTRAINT]);
    expect(outcomesOf(await store.anonymise(await looked(store, [[1]]), REMOVED))).toEqual(['anonymised']);
    await run(`CREATE RULE same AS ON UPDATE TO ruled DO INSTEAD
      UPDATE other SET mail = NEW.mail WHERE id = OLD.id RETURNING OLD.*`);
    expect(await store.anonymise(await looked(store, [[1]]), { mail: { kind: 'null' } })).toEqual([
      CONSTRAINT,
    ]);
  });
  expect(await rowsOf('other')).toEqual([{ id: 1, mail: 'eve' }]);
});

test('a masked column that changes rows of another table is refused, unless the options allow that', async () => {
  await run(`CREATE TABLE account (id int PRIMARY KEY, mail text UNIQUE, note text); INSERT INTO account VALUES (1, 'ada');
    CREATE TABLE letter (mail text REFERENCES account (mail) ON UPDATE CASCADE); INSERT INTO letter VALUES ('ada')`);
  await using({ table: 'account' }, async (store) => {
    expect(await store.anonymise(await looked(store, [[1]]), REMOVED)).toEqual([CONSTRAINT]);
    const note: Masks = { note: { kind: 'constant', value: 'x' } };
    expect(outcomesOf(await store.anonymise(await looked(store, [[1]]), note))).toEqual(['anonymised']);
  });
  expect(await rowsOf('letter')).toEqual([{ mail: 'ada' }]);
  await using({ table: 'account', cascade: true }, async (store) => {
    expect(outcomesOf(await store.anonymise(await looked(store, [[1]]), REMOVED))).toEqual(['anonymised']);
  });
  expect(await rowsOf('letter')).toEqual([{ mail: 'removed' }]);
});

test('a constant that is too long for its column is not taken for its own beginning', async () => {
  await run(`CREATE TABLE short (id int PRIMARY KEY, mail varchar(3)); INSERT INTO short VALUES (1, 'rem')`);
  await using({ table: 'short' }, async (store) => {
    const targets = await looked(store, [[1]]);
    expect(await store.anonymise(targets, REMOVED)).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
    const read = await store.readBack([{ locator: [1], expect: 'masked', masks: REMOVED }]);
    expect(statesOf(read)).toEqual(['broken']);
  });
});

test.each([
  ['42501', 'refused', 'STORE_DENIED'],
  ['42P01', 'refused', 'STORE_SCHEMA'],
  ['TN001', 'refused', 'STORE_CONSTRAINT'],
  ['45000', 'refused', 'STORE_CONSTRAINT'],
  ['53100', 'failed', 'STORE_THROTTLED'],
])('a trigger that raises %s for one row leaves the others to be deleted', async (state, outcome, code) => {
  const table = `raised_${state}`;
  await run(`CREATE TABLE ${table} (id int PRIMARY KEY); INSERT INTO ${table} SELECT generate_series(1, 5);
    CREATE FUNCTION ${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.id = 3 THEN RAISE 'no' USING ERRCODE = '${state}'; END IF; RETURN OLD; END $$;
    CREATE TRIGGER raised BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}()`);
  await using({ table: table.toLowerCase() }, async (store) => {
    const acted = await store.delete(await looked(store, [[1], [2], [3], [4], [5]]));
    expect(outcomesOf(acted)).toEqual(['deleted', 'deleted', outcome, 'deleted', 'deleted']);
    expect(acted[2]).toEqual({ outcome, code });
  });
});

test('a row that takes longer than the store’s timeout does not stop the others', async () => {
  await run(`CREATE TABLE lazy (id int PRIMARY KEY, mail text); INSERT INTO lazy SELECT generate_series(1, 6);
    CREATE FUNCTION lazy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.id IN (2, 5) THEN PERFORM pg_sleep(5); END IF;
      RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$;
    CREATE TRIGGER lazy BEFORE DELETE OR UPDATE ON lazy FOR EACH ROW EXECUTE FUNCTION lazy()`);
  await using({ table: 'lazy', timeoutSeconds: 4 }, async (store) => {
    const targets = await looked(store, [[1], [2], [3], [4], [5], [6]]);
    const expected = (done: string) => [done, 'failed', done, done, 'failed', done];
    expect(outcomesOf(await store.anonymise(targets, REMOVED))).toEqual(expected('anonymised'));
    const acted = await store.delete(targets.map(({ locator }) => ({ locator })));
    expect(outcomesOf(acted)).toEqual(expected('deleted'));
    expect([acted[1], acted[4]]).toEqual([TIMEOUT, TIMEOUT]);
  });
  expect((await rowsOf('lazy')).map(({ id }: { id: number }) => id)).toEqual([2, 5]);
}, 20_000);

test('a planted transaction timeout ends a call as a timeout', async () => {
  await run(`CREATE TABLE timed (id int PRIMARY KEY); INSERT INTO timed VALUES (1);
    CREATE ROLE hurried LOGIN PASSWORD 'hurried'; GRANT ALL ON timed TO hurried;
    ALTER ROLE hurried SET transaction_timeout = 500`);
  await using({ table: 'timed', user: 'hurried', password: 'hurried' }, async (store) => {
    expect(await store.look([[1]])).toMatchObject([{ state: 'present' }]);
    await run('BEGIN');
    await run('LOCK TABLE timed IN ACCESS EXCLUSIVE MODE');
    expect(await store.look([[1]])).toEqual([{ state: 'unknown', code: 'STORE_TIMEOUT' }]);
    await run('ROLLBACK');
  });
});

test('an operator that another user makes for a domain over citext is not used', async () => {
  await run(`CREATE EXTENSION citext; CREATE DOMAIN code AS citext;
    CREATE TABLE coded (id code PRIMARY KEY); INSERT INTO coded VALUES ('a'), ('b');
    CREATE ROLE mallory LOGIN PASSWORD 'mallory'; GRANT CREATE, USAGE ON SCHEMA public TO mallory`);
  const { host, port, database } = bench.engine;
  const client = new Client({ host, port, database, user: 'mallory', password: 'mallory' });
  await client.connect();
  try {
    await client.query(`CREATE FUNCTION trap(code, citext) RETURNS boolean LANGUAGE sql RETURN true;
      CREATE OPERATOR public.= (LEFTARG = code, RIGHTARG = citext, FUNCTION = trap)`);
  } finally {
    await client.end();
  }
  await using({ table: 'coded', keys: [{ name: 'id', type: 'text' }] }, async (store) => {
    expect(statesOf(await store.look([['a'], ['z']]))).toEqual(['present', 'gone']);
    expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['deleted']);
  });
  expect(await rowsOf('coded')).toEqual([{ id: 'b' }]);
});
