import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Acted, Store, Target } from '../../../shared/ports/store.ts';
import { MARKER } from './store-bench.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from './store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const CONSTRAINT: Acted = { outcome: 'refused', code: 'STORE_CONSTRAINT' };
const SCHEMA: Acted = { outcome: 'refused', code: 'STORE_SCHEMA' };
const DENIED: Acted = { outcome: 'refused', code: 'STORE_DENIED' };

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const run = (text: string) => bench.sql.query(text);
const ids = async (table: string) =>
  (await run(`SELECT id FROM ${table} ORDER BY id`)).rows.map(({ id }: { id: unknown }) => Number(id));
const upTo = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({ locator: [index + 1] }));

test.each(['immediate', 'deferred'])(
  'refuses a row that %s foreign keys need, and deletes the other 97',
  async (when) => {
    const table = `parent_${when}`;
    await run(`CREATE TABLE ${table} (id int PRIMARY KEY, mail text)`);
    await run(`INSERT INTO ${table} SELECT i, '${MARKER}' FROM generate_series(1, 100) i`);
    await run(
      `CREATE TABLE child_${when} (parent int REFERENCES ${table} DEFERRABLE INITIALLY ${when.toUpperCase()})`,
    );
    await run(`INSERT INTO child_${when} VALUES (1), (50), (100)`);
    await using({ table }, async (store) => {
      const acted = await store.delete(
        await looked(
          store,
          upTo(100).map(({ locator }) => locator),
        ),
      );
      expect(
        acted.flatMap((answer, index) => (answer.outcome === 'deleted' ? [] : [[index + 1, answer]])),
      ).toEqual([
        [1, CONSTRAINT],
        [50, CONSTRAINT],
        [100, CONSTRAINT],
      ]);
      expect(outcomesOf(acted).filter((outcome) => outcome === 'deleted')).toHaveLength(97);
      expect(await ids(table)).toEqual([1, 50, 100]);
    });
  },
);

test('refuses every row of a batch that foreign keys need, and deletes none', async () => {
  await run(`CREATE TABLE needed (id int PRIMARY KEY);
    INSERT INTO needed SELECT generate_series(1, 20);
    CREATE TABLE needing (id int REFERENCES needed); INSERT INTO needing SELECT id FROM needed`);
  await using({ table: 'needed' }, async (store) => {
    expect(await store.delete(upTo(20))).toEqual(Array(20).fill(CONSTRAINT));
    expect(await ids('needed')).toHaveLength(20);
  });
});

test('deletes no row that would take rows of another table with it, unless the options allow that', async () => {
  await run(`CREATE TABLE owner (id int PRIMARY KEY, mail text); INSERT INTO owner VALUES (1), (2);
    CREATE TABLE owned (id int REFERENCES owner ON DELETE CASCADE); INSERT INTO owned VALUES (1)`);
  await using({ table: 'owner' }, async (store) => {
    expect(await store.delete(upTo(2))).toEqual([CONSTRAINT, CONSTRAINT]);
    expect(outcomesOf(await store.anonymise(upTo(1), { mail: { kind: 'constant', value: 'x' } }))).toEqual([
      'anonymised',
    ]);
    expect(await ids('owned')).toEqual([1]);
  });
  await using({ table: 'owner', cascade: true }, async (store) => {
    expect(outcomesOf(await store.delete(upTo(2)))).toEqual(['deleted', 'deleted']);
    expect(await ids('owned')).toEqual([]);
  });
});

test.each([
  [
    'a partition',
    `CREATE TABLE log (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE log_year PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY RANGE (day);
    CREATE TABLE log_day PARTITION OF log_year FOR VALUES FROM ('2024-01-01') TO ('2024-01-02');
    INSERT INTO log VALUES (1, '2024-01-01');
    CREATE TABLE log_part (id int, day date, FOREIGN KEY (id, day) REFERENCES log_day ON DELETE CASCADE);
    INSERT INTO log_part VALUES (1, '2024-01-01')`,
    'log',
  ],
  [
    'an inheriting table',
    `CREATE TABLE person (id int PRIMARY KEY); CREATE TABLE employee (PRIMARY KEY (id)) INHERITS (person);
    INSERT INTO employee VALUES (1);
    CREATE TABLE person_part (id int REFERENCES employee ON DELETE CASCADE); INSERT INTO person_part VALUES (1)`,
    'person',
  ],
])('nor if the other table references only %s', async (_, setUp, table) => {
  await run(setUp);
  await using({ table }, async (store) => {
    expect(await store.delete(upTo(1))).toEqual([CONSTRAINT]);
  });
  expect([await ids(table), await ids(`${table}_part`)]).toEqual([[1], [1]]);
  await using({ table, cascade: true }, async (store) => {
    expect(outcomesOf(await store.delete(upTo(1)))).toEqual(['deleted']);
  });
  expect(await ids(`${table}_part`)).toEqual([]);
});

test('refuses rows of a published table that has no replica identity', async () => {
  await run(`CREATE TABLE published (id int, mail text); CREATE UNIQUE INDEX ON published (id);
    INSERT INTO published VALUES (1, '${MARKER}'); CREATE PUBLICATION all_rows FOR TABLE published`);
  await using({ table: 'published' }, async (store) => {
    expect(await store.delete(upTo(1))).toEqual([SCHEMA]);
    expect(await store.anonymise(upTo(1), { mail: { kind: 'null' } })).toEqual([SCHEMA]);
    await run('ALTER TABLE published REPLICA IDENTITY FULL');
    expect(outcomesOf(await store.delete(upTo(1)))).toEqual(['deleted']);
  });
});

test('refuses what a trigger raises or keeps, and says none of its words', async () => {
  await run(`CREATE TABLE guarded (id int PRIMARY KEY, mail text DEFAULT '${MARKER}');
    INSERT INTO guarded SELECT generate_series(1, 4);
    CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.id = 2 THEN RAISE EXCEPTION 'will not lose %', OLD.mail; END IF;
      IF OLD.id = 3 THEN RETURN NULL; END IF;
      RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
    CREATE TRIGGER guard BEFORE DELETE OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guard()`);
  await using({ table: 'guarded' }, async (store) => {
    const masks: Masks = { mail: { kind: 'null' } };
    const masked = await store.anonymise(upTo(4), masks);
    expect(masked).toMatchObject([
      { outcome: 'anonymised' },
      CONSTRAINT,
      CONSTRAINT,
      { outcome: 'anonymised' },
    ]);
    const acted = await store.delete(upTo(4));
    expect(acted).toMatchObject([{ outcome: 'deleted' }, CONSTRAINT, CONSTRAINT, { outcome: 'deleted' }]);
    expect(JSON.stringify([masked, acted])).not.toContain(MARKER);
    expect(await ids('guarded')).toEqual([2, 3]);
    expect(statesOf(await store.readBack(upTo(4).map(({ locator }) => gone(locator))))).toEqual([
      'kept',
      'broken',
      'broken',
      'kept',
    ]);
  });
});

test('refuses masks that the columns forbid, row by row', async () => {
  await run(`CREATE TABLE strict (id int PRIMARY KEY, mail text NOT NULL, code text UNIQUE, short varchar(8), n int);
    INSERT INTO strict SELECT i, '${MARKER}', i, i, i FROM generate_series(1, 3) i`);
  await using({ table: 'strict' }, async (store) => {
    const mask = (masks: Masks) => store.anonymise(upTo(3), masks);
    expect(await mask({ mail: { kind: 'null' } })).toEqual(Array(3).fill(CONSTRAINT));
    expect(await mask({ short: { kind: 'pseudonym' } })).toEqual(Array(3).fill(SCHEMA));
    expect(await mask({ short: { kind: 'constant', value: 'much too long' } })).toEqual(
      Array(3).fill(SCHEMA),
    );
    expect(await mask({ n: { kind: 'constant', value: 'x' } })).toEqual(Array(3).fill(SCHEMA));
    expect(await mask({ nowhere: { kind: 'null' } })).toEqual(Array(3).fill(SCHEMA));
    expect(await mask({ id: { kind: 'constant', value: 9 } })).toEqual(Array(3).fill(SCHEMA));
    expect(outcomesOf(await mask({ code: { kind: 'constant', value: 'gone' } }))).toEqual([
      'anonymised',
      'refused',
      'refused',
    ]);
    expect((await run('SELECT mail, code, short, n FROM strict ORDER BY id')).rows).toEqual([
      { mail: MARKER, code: 'gone', short: '1', n: 1 },
      { mail: MARKER, code: '2', short: '2', n: 2 },
      { mail: MARKER, code: '3', short: '3', n: 3 },
    ]);
  });
});

test('touches nothing where a key matches several rows', async () => {
  await run(`CREATE TABLE twins (id int, mail text); INSERT INTO twins VALUES (1, 'a'), (1, 'b'), (2, 'c')`);
  await using({ table: 'twins' }, async (store) => {
    const masks: Masks = { mail: { kind: 'null' } };
    expect(await store.look([[1], [2]])).toMatchObject([
      { state: 'unknown', code: 'STORE_SCHEMA' },
      { state: 'present' },
    ]);
    expect(await store.anonymise(upTo(2), masks)).toMatchObject([SCHEMA, { outcome: 'anonymised' }]);
    expect(await store.delete(upTo(2))).toMatchObject([SCHEMA, { outcome: 'deleted' }]);
    expect((await run('SELECT mail FROM twins ORDER BY mail')).rows).toEqual([{ mail: 'a' }, { mail: 'b' }]);
    expect(statesOf(await store.readBack([gone([1]), gone([2])]))).toEqual(['broken', 'kept']);
  });
});

test('does not take a row that only resembles the key for the one that was named', async () => {
  await run(`CREATE EXTENSION citext;
    CREATE TABLE loose (id citext PRIMARY KEY); INSERT INTO loose VALUES ('Ada'), ('bob')`);
  await using({ table: 'loose', keys: [{ name: 'id', type: 'text' }] }, async (store) => {
    expect(await store.look([['ada'], ['Ada'], ['eve']])).toMatchObject([
      { state: 'unknown', code: 'STORE_SCHEMA' },
      { state: 'present' },
      { state: 'gone' },
    ]);
    expect(await store.delete([{ locator: ['ADA'] }, { locator: ['bob'] }])).toMatchObject([
      SCHEMA,
      { outcome: 'deleted' },
    ]);
    expect(await store.readBack([gone(['ADA']), gone(['Ada']), gone(['bob'])])).toEqual([
      { state: 'unknown', code: 'STORE_SCHEMA' },
      { state: 'broken' },
      { state: 'kept' },
    ]);
  });
});

test('rows that a security policy hides are denied, never gone', async () => {
  await run(`CREATE TABLE hidden (id int PRIMARY KEY); INSERT INTO hidden VALUES (1);
    ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
    CREATE ROLE walled LOGIN PASSWORD 'walled'; GRANT ALL ON hidden TO walled`);
  await using({ table: 'hidden', user: 'walled', password: 'walled' }, async (store) => {
    expect(await store.look([[1]])).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }]);
    expect(await store.delete(upTo(1))).toEqual([DENIED]);
    expect(await store.readBack([gone([1])])).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }]);
  });
  expect(await ids('hidden')).toEqual([1]);
});

test('says when the database user may not do it, or is not known', async () => {
  await run(`CREATE TABLE closed (id int PRIMARY KEY); INSERT INTO closed VALUES (1);
    CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT ON closed TO reader`);
  await using({ table: 'closed', user: 'reader', password: 'reader' }, async (store) => {
    expect(statesOf(await store.look([[1], [2]]))).toEqual(['present', 'gone']);
    expect(await store.delete(upTo(2))).toEqual([DENIED, DENIED]);
    expect(await store.anonymise(upTo(1), {})).toEqual([DENIED]);
  });
  await using({ table: 'closed', user: 'reader', password: 'wrong' }, async (store) => {
    expect(await store.look([[1]])).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }]);
    expect(await store.delete(upTo(1))).toEqual([DENIED]);
  });
});

test.each<[string, string, OpenOptions]>([
  [
    'a view',
    'CREATE TABLE below (id int PRIMARY KEY); CREATE VIEW above AS SELECT * FROM below',
    { table: 'above' },
  ],
  [
    'a key column of type char(n), whose padding does not belong to its value',
    "CREATE TABLE padded (id char(4) PRIMARY KEY); INSERT INTO padded VALUES ('1')",
    { table: 'padded', keys: [{ name: 'id', type: 'text' }] },
  ],
  [
    'a key column of a domain over char(n)',
    "CREATE DOMAIN code AS char(4); CREATE TABLE coded (id code PRIMARY KEY); INSERT INTO coded VALUES ('1')",
    { table: 'coded', keys: [{ name: 'id', type: 'text' }] },
  ],
  [
    'a key column of another type with the same name as one of PostgreSQL’s',
    "CREATE SCHEMA fakes; CREATE TYPE fakes.text AS ENUM ('1', '2'); CREATE TABLE faked (id fakes.text PRIMARY KEY); INSERT INTO faked VALUES ('1')",
    { table: 'faked', keys: [{ name: 'id', type: 'text' }] },
  ],
  ['a key column of another type', 'CREATE TABLE other_type (id text)', { table: 'other_type' }],
  ['a key column that is not there', 'CREATE TABLE no_key (key int)', { table: 'no_key' }],
  [
    'a version column that is not there',
    'CREATE TABLE no_version (id int)',
    { table: 'no_version', versionColumn: 'v' },
  ],
  ['a schema that is not there', 'SELECT 1', { table: 'people', schema: 'nowhere' }],
])('refuses %s', async (_, setUp, options) => {
  await run(setUp);
  await using(options, async (store) => {
    const text = 'keys' in options;
    const locators = [1, 2].map((id) => [text ? String(id) : id]);
    expect(await store.look(locators)).toEqual(Array(2).fill({ state: 'unknown', code: 'STORE_SCHEMA' }));
    expect(await store.delete(locators.map((locator) => ({ locator })))).toEqual([SCHEMA, SCHEMA]);
    expect(statesOf(await store.readBack(locators.map(gone)))).toEqual(['unknown', 'unknown']);
  });
});

test('masks a column whose name has a dot, and no field inside a column', async () => {
  await run(`CREATE TABLE dotted (id int PRIMARY KEY, "a.b" text, doc jsonb);
    INSERT INTO dotted VALUES (1, '${MARKER}', '{"mail": "${MARKER}"}'), (2, NULL, NULL)`);
  const shown = async () => (await run('SELECT "a.b" AS ab, doc FROM dotted ORDER BY id')).rows;
  await using({ table: 'dotted' }, async (store) => {
    const readBack = async (masks: Masks) =>
      statesOf(await store.readBack(upTo(2).map(({ locator }) => ({ locator, expect: 'masked', masks }))));
    const before = await shown();
    for (const field of ['a.b', 'doc.mail', 'a[]']) {
      const masks: Masks = { [field]: { kind: 'null' } };
      expect(await store.anonymise(upTo(2), masks)).toEqual([SCHEMA, SCHEMA]);
      expect(await readBack(masks)).toEqual(['unknown', 'unknown']);
    }
    expect(await shown()).toEqual(before);
    const masks: Masks = {
      [String.raw`a\.b`]: { kind: 'null' },
      phone: { kind: 'constant', value: 'removed', ifPresent: true },
    };
    // A column that is NULL is there.
    expect(outcomesOf(await store.anonymise(upTo(2), masks))).toEqual(['anonymised', 'already-so']);
    expect(await shown()).toEqual([
      { ab: null, doc: { mail: MARKER } },
      { ab: null, doc: null },
    ]);
    expect(await readBack(masks)).toEqual(['kept', 'kept']);
  });
});
