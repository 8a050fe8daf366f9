import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../shared/ports/store.ts';
import { muteServer } from '../../support/black-hole.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { allOf, listedOf } from './listing-suite.ts';
import { postgresTables } from './postgresql-tables.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using, listOnce, owned } = postgresTables(() => bench);
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const EMPTY = { state: 'listed', locators: [] };

describe('without an index that finds the id', () => {
  test.each<[why: string, name: string, index: string | undefined]>([
    ['there is none', 'bare', undefined],
    ['the column is its second one', 'second', '(id, owner)'],
    ['it is partial', 'partial', '(owner) WHERE id > 10'],
    ['it is a hash, which has no order', 'hashed', 'USING hash (owner)'],
    ['it is of an expression', 'expression', '(lower(owner))'],
    ['it has another collation', 'collated', '(owner COLLATE "C")'],
    ['its operators are others', 'pattern', '(owner text_pattern_ops)'],
  ])('a table is refused: %s', async (_, name, index) => {
    await run(`CREATE TABLE ${name} (id bigint PRIMARY KEY, owner text)`);
    if (index !== undefined) await run(`CREATE INDEX ON ${name} ${index}`);
    await run(`INSERT INTO ${name} VALUES (1, 'a')`);
    expect(await listOnce(name, { by: 'owner', value: 'a' })).toEqual(SCHEMA);
    // As an operator would put it right.
    await run(`CREATE INDEX ON ${name} (owner)`);
    expect(await listOnce(name, { by: 'owner', value: 'a' })).toMatchObject({ locators: [[1]] });
  });

  test('neither a column nor a table that is not there is taken for an empty one', async () => {
    await owned('there', 'int', ['1']);
    expect(await listOnce('there', { by: 'Owner', value: '1' })).toEqual(SCHEMA);
    expect(await listOnce('nowhere', { by: 'owner', value: '1' })).toEqual(SCHEMA);
    await run('ALTER TABLE there RENAME owner TO holder');
    expect(await listOnce('there', { by: 'owner', value: '1' })).toEqual(SCHEMA);
  });

  test('a partitioned table is listed if each partition has one', async () => {
    await run('CREATE TABLE parts (id bigint, owner text, PRIMARY KEY (id)) PARTITION BY RANGE (id)');
    expect(await listOnce('parts', { by: 'owner', value: 'a' })).toEqual(EMPTY);
    await run('CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)');
    await run('CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)');
    await run("INSERT INTO parts SELECT n, 'a' FROM generate_series(0, 19) n");
    await run('CREATE INDEX ON parts_1 (owner)');
    expect(await listOnce('parts', { by: 'owner', value: 'a' })).toEqual(SCHEMA);
    await run('CREATE INDEX ON parts (owner)');
    await using({ table: 'parts' }, async (store) => {
      const all = await allOf(store, { by: 'owner', value: 'a' }, 3);
      expect(all).toEqual(Array.from({ length: 20 }, (_, id) => [id]));
    });
  });
});

describe('a large table', () => {
  const ROWS = 100_000;
  const OWN = 10_000;
  /** With an index of the column only, and with one that has the keys, too. */
  const INDEXES = { large_owner: '(owner)', large_both: '(owner, id)' };
  beforeAll(async () => {
    for (const [name, index] of Object.entries(INDEXES)) {
      await run(`CREATE TABLE ${name} (id bigint PRIMARY KEY, owner text NOT NULL, body text)`);
      // The rows of `few` are far apart: the primary key's order finds one in 10,000.
      await run(`INSERT INTO ${name} SELECT n, CASE WHEN n % 10 = 0 THEN 'many' WHEN n % 10000 = 1 THEN 'few' ELSE 'o' || n END,
        repeat('x', 100) FROM generate_series(0, ${ROWS - 1}) n`);
      await run(`CREATE INDEX ON ${name} ${index}`);
    }
    await run('CREATE INDEX ON large_both (owner)');
  }, 60_000);

  /** How many rows and entries of indexes PostgreSQL has read in the table so far. */
  async function reads(table: string): Promise<number> {
    // What this session has read itself; another one tells its counts at the latest when it has ended.
    await run('SELECT pg_stat_force_next_flush()');
    const { rows } = await run(
      `SELECT s.seq_tup_read + (SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relname = $1) AS read
       FROM pg_stat_user_tables s WHERE s.relname = $1`,
      [table],
    );
    return Number(rows[0].read);
  }

  /** The same once no other session tells more: the server ends a session a moment after its client. */
  async function settled(table: string, isEnough: (count: number) => boolean): Promise<number> {
    let last = await reads(table);
    for (let [tries, same] = [0, 0]; tries < 50 && (same < 5 || !isEnough(last)); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = await reads(table);
      same = now === last ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  async function readBy(table: string, body: (store: Store) => Promise<unknown>): Promise<number> {
    const before = await settled(table, () => true);
    await using({ table }, body);
    return (await settled(table, (count) => count > before)) - before;
  }

  const few = async (store: Store): Promise<void> => {
    expect(await allOf(store, { by: 'owner', value: 'few' }, 3)).toHaveLength(10);
    expect(await listedOf(store, { by: 'owner', value: 'nothing' }, 1)).toEqual(EMPTY);
  };

  test.each(Object.keys(INDEXES))('%s is never scanned for the few rows of one id', async (table) => {
    for (const prepare of ['SELECT 1', `ANALYZE ${table}`]) {
      await run(prepare);
      const read = await readBy(table, few);
      expect(read).toBeGreaterThanOrEqual(10);
      expect(read).toBeLessThan(500);
    }
  });

  test.each([
    ['large_owner', 1000],
    ['large_both', 1000],
    ['large_both', 7],
  ] as const)(
    '%s: 10,000 rows of one id are listed in pages of %i, each once, in order',
    async (table, limit) => {
      await run(`ANALYZE ${table}`);
      await using({ table }, async (store) => {
        const all = await allOf(store, { by: 'owner', value: 'many' }, limit);
        expect(all).toEqual(Array.from({ length: OWN }, (_, number) => [number * 10]));
      });
    },
    120_000,
  );

  test('with an index that has the keys, too, a page reads no more than itself', async () => {
    await run('ANALYZE large_both');
    const place = { by: 'owner', value: 'many' };
    const read = await readBy('large_both', async (store) => {
      const { next } = await listedOf(store, place, 1000);
      await listedOf(store, place, 1000, next);
    });
    expect(read).toBeGreaterThanOrEqual(2000);
    expect(read).toBeLessThan(3000);
  });
});

describe('trouble', () => {
  test('a user that may not read the column is denied', async () => {
    await owned('secret', 'text', ["'a'"]);
    await run("CREATE USER reader PASSWORD 'reader'");
    await run('GRANT SELECT (id) ON secret TO reader');
    const listed = await using({ table: 'secret', user: 'reader', password: 'reader' }, (store) =>
      store.list({ by: 'owner', value: 'a' }, 10),
    );
    expect(listed).toEqual({ state: 'unknown', code: 'STORE_DENIED' });
  });

  test('a policy that hides rows is an error, and never an empty list', async () => {
    await owned('hiding', 'text', ["'a'"]);
    await run('ALTER TABLE hiding ENABLE ROW LEVEL SECURITY');
    await run("CREATE USER hidden PASSWORD 'hidden'");
    await run('GRANT SELECT ON hiding TO hidden');
    const listed = await using({ table: 'hiding', user: 'hidden', password: 'hidden' }, (store) =>
      store.list({ by: 'owner', value: 'a' }, 10),
    );
    expect(listed).toEqual({ state: 'unknown', code: 'STORE_DENIED' });
  });

  test('a table that is locked is a timeout', async () => {
    await owned('locked', 'text', ["'a'"]);
    const client = await bench.sql.connect();
    try {
      await client.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
      const listed = await using({ table: 'locked', timeoutSeconds: 1 }, (store) =>
        store.list({ by: 'owner', value: 'a' }, 10),
      );
      expect(listed).toEqual({ state: 'unknown', code: 'STORE_TIMEOUT' });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  test('a server that never answers is asked for no longer than the time of a call', async () => {
    const hole = await muteServer();
    const begun = performance.now();
    const listed = await using(
      { table: 'people', timeoutSeconds: 1, endpoint: `postgres://127.0.0.1:${hole.port}` },
      (store) => store.list({ by: 'owner', value: 'a' }, 10),
    );
    await hole.stop();
    expect(listed).toMatchObject({
      state: 'unknown',
      code: expect.stringMatching(/^STORE_(TIMEOUT|UNREACHABLE)$/),
    });
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
