import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import type { Acted, Promised, Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';

/** What a lane does with the tables of the cases from the field, and what preflight says of them before. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const run = (text: string) => bench.sql.query(text);
const rowsOf = async (table: string) => (await run(`SELECT * FROM ${table} ORDER BY 1`)).rows;
const CONSTRAINT: Acted = { outcome: 'refused', code: 'STORE_CONSTRAINT' };
const SCHEMA: Acted = { outcome: 'refused', code: 'STORE_SCHEMA' };
const MAIL: Masks = { mail: { kind: 'constant', value: 'removed' } };
const ID: readonly KeyColumn[] = [{ name: 'id', type: 'integer' }];

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

/** What preflight says of a table, as `severity message`, without the notes that all tables here get. */
async function preflight(
  table: string,
  masks: Masks = {},
  options: object = {},
  keys = ID,
): Promise<string[]> {
  const { host, port, user, password, database } = bench.engine;
  const found = await checkPostgresTable(
    'people',
    {
      kind: 'postgresql',
      region: 'eu-west-1',
      keys,
      options: { host, port, user, database, table, tls: 'off', ...options },
      restricts: false,
      hourlyCap: 100,
    },
    {
      deletes: true,
      masked: Object.keys(masks),
      masks: Object.entries(masks),
      password: async () => password,
      aliasOf: async () => undefined,
    },
  );
  return found
    .map(({ severity, message }) => `${severity} ${message}`)
    .filter((text) => !/unencrypted|a trigger calls/.test(text));
}

test('B04: a partition that another table refers to with ON DELETE CASCADE is refused, and preflight names the constraint', async () => {
  await run(`CREATE TABLE ev (id int, day date, mail text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE ev_2024 PARTITION OF ev FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE ev_2025 PARTITION OF ev FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE att (id int PRIMARY KEY, ev_id int, ev_day date,
      CONSTRAINT att_ev FOREIGN KEY (ev_id, ev_day) REFERENCES ev_2024 (id, day) ON DELETE CASCADE);
    INSERT INTO ev VALUES (1, '2024-05-17', 'ada'), (2, '2025-05-17', 'bob'); INSERT INTO att VALUES (7, 1, '2024-05-17')`);
  const keys: KeyColumn[] = [...ID, { name: 'day', type: 'date' }];
  const both = [
    [1, '2024-05-17'],
    [2, '2025-05-17'],
  ];
  await using({ table: 'ev', keys }, async (store) => {
    expect(await store.delete(await looked(store, both))).toEqual([CONSTRAINT, CONSTRAINT]);
  });
  expect([(await rowsOf('ev')).length, (await rowsOf('att')).length]).toEqual([2, 1]);
  expect(await preflight('ev', {}, {}, keys)).toEqual([
    'fails deleting a row of public.ev also deletes rows of public.att (att_ev, ON DELETE CASCADE); set `cascade: true` to allow that, otherwise no row is deleted',
  ]);
  await using({ table: 'ev', keys, cascade: true }, async (store) => {
    expect(outcomesOf(await store.delete(await looked(store, both)))).toEqual(['deleted', 'deleted']);
  });
  expect(await rowsOf('att')).toEqual([]);
  expect(await preflight('ev', {}, { cascade: true }, keys)).toEqual([
    'note rows of public.att refer to public.ev_2024 (att_ev) and are deleted with it (ON DELETE CASCADE), without rules and holds of their own',
  ]);
});

describe('B06: a table that is published without a replica identity', () => {
  const identity = (owner: string, publication: string) =>
    `fails ${owner} is published for replication by ${publication} and has no replica identity, so PostgreSQL refuses each delete and update; add a primary key, or run: ALTER TABLE ${owner} REPLICA IDENTITY FULL`;

  test('is refused for as long as it has none, and preflight names the publication', async () => {
    await run(`CREATE TABLE logs (id int NOT NULL, mail text); CREATE UNIQUE INDEX logs_id ON logs (id);
      INSERT INTO logs VALUES (1, 'ada'), (2, 'bob'); CREATE PUBLICATION to_lake FOR TABLE logs`);
    await using({ table: 'logs' }, async (store) => {
      const targets = await looked(store, [[1], [2]]);
      expect(await store.delete(targets)).toEqual([SCHEMA, SCHEMA]);
      expect(await store.anonymise(targets, MAIL)).toEqual([SCHEMA, SCHEMA]);
      expect(await preflight('logs')).toEqual([identity('public.logs', 'to_lake')]);
      await run('ALTER TABLE logs REPLICA IDENTITY USING INDEX logs_id');
      expect(await preflight('logs')).toEqual([]);
      expect(outcomesOf(await store.delete(targets))).toEqual(['deleted', 'deleted']);
    });
    await run('DROP PUBLICATION to_lake');
  });

  test('is named also when it is published with all tables, or by the table that it is a partition of', async () => {
    await run(`CREATE TABLE readings (id int NOT NULL, mail text) PARTITION BY RANGE (id);
      CREATE TABLE readings_1 PARTITION OF readings FOR VALUES FROM (0) TO (10);
      CREATE TABLE readings_2 PARTITION OF readings FOR VALUES FROM (10) TO (20);
      CREATE UNIQUE INDEX ON readings (id); ALTER TABLE readings_2 REPLICA IDENTITY FULL;
      INSERT INTO readings VALUES (1, 'ada'), (11, 'bob')`);
    for (const [publication, what] of [
      ['one', 'TABLE readings_1'],
      ['root', 'TABLE readings WITH (publish_via_partition_root)'],
      ['every', 'ALL TABLES'],
      ['mine', 'TABLES IN SCHEMA public'],
    ] as const) {
      await run(`CREATE PUBLICATION ${publication} FOR ${what}`);
      try {
        await using({ table: 'readings' }, async (store) => {
          expect(await store.delete([{ locator: [1] }])).toEqual([SCHEMA]);
        });
        expect(await preflight('readings')).toEqual([identity('public.readings_1', publication)]);
        // The partition alone is a store's table, too.
        expect(await preflight('readings_1')).toEqual([identity('public.readings_1', publication)]);
        expect(await preflight('readings_2')).toEqual([]);
      } finally {
        await run(`DROP PUBLICATION ${publication}`);
      }
    }
    await run("CREATE PUBLICATION inserts FOR TABLE readings WITH (publish = 'insert')");
    expect(await preflight('readings')).toEqual([]);
    await run('DROP PUBLICATION inserts');
  });
});

test('a publication with a row filter or a column list that the replica identity does not go with is named by preflight', async () => {
  await run(
    `CREATE TABLE shipped (id int PRIMARY KEY, mail text, land text NOT NULL); INSERT INTO shipped VALUES (1, 'ada', 'kz')`,
  );
  const refused = 'so PostgreSQL refuses each delete and update';
  for (const [what, said] of [
    [
      "shipped WHERE (land = 'kz')",
      `with a row filter on land, which is not part of its replica identity, ${refused}; run: ALTER TABLE public.shipped REPLICA IDENTITY FULL`,
    ],
    [
      'shipped (mail, land)',
      `without id, which is part of its replica identity, ${refused}; add it to the columns of the publication`,
    ],
    ['shipped WHERE (id > 0)', undefined],
    ['shipped (id, mail)', undefined],
    ['shipped (id, mail) WHERE (id > 0)', undefined],
  ] as const) {
    await run(`CREATE PUBLICATION partly FOR TABLE ${what}`);
    try {
      expect(await preflight('shipped')).toEqual(
        said === undefined ? [] : [`fails public.shipped is published for replication by partly ${said}`],
      );
      await using({ table: 'shipped' }, async (store) => {
        const acted = await store.anonymise([{ locator: [1] }], { mail: { kind: 'constant', value: what } });
        expect(acted).toMatchObject([said === undefined ? { outcome: 'anonymised' } : SCHEMA]);
      });
    } finally {
      await run('DROP PUBLICATION partly');
    }
  }
});

test('a trigger whose code cannot be read is named as such', async () => {
  await run(`CREATE TABLE searched (id int PRIMARY KEY, mail text, words tsvector);
    CREATE TRIGGER words BEFORE UPDATE ON searched FOR EACH ROW
      EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.english', mail)`);
  expect(await preflight('searched')).toEqual([]);
  expect(await preflight('searched', MAIL)).toEqual([
    expect.stringMatching(
      /^note the trigger words of public\.searched \(BEFORE UPDATE\) calls tsvector_update_trigger\(\), whose code cannot be read here;/,
    ),
  ]);
});

test('B23: triggers that copy old rows, and the histories that they fill, are named by preflight', async () => {
  await run(`CREATE TABLE people (id int PRIMARY KEY, mail text); INSERT INTO people VALUES (1, 'ada'), (2, 'bob');
    CREATE TABLE people_history (at timestamptz DEFAULT now(), id int, mail text);
    CREATE TABLE person_count (n int); CREATE TABLE people_log (text text); CREATE TABLE peoples_audit (mail text);
    CREATE SCHEMA audit; CREATE TABLE audit.audit_people (LIKE people);
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN
      INSERT INTO people_history (id, mail) VALUES (OLD.id, OLD.mail);
      RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$;
    CREATE FUNCTION lessen() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN
      UPDATE person_count SET n = n - 1; RETURN NULL; END $$;
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON people FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE TRIGGER a_count AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION lessen();
    CREATE TRIGGER welcome AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE RULE also AS ON DELETE TO people DO ALSO INSERT INTO people_log VALUES (OLD.mail)`);
  const copies =
    'what it copies to another place, such as the old row, stays there; register the copies as records of a store of their own, or clean them by other means';
  const history = (table: string) =>
    `note ${table} looks like a history of public.people, and nothing deletes or masks its rows; register them as records of a store of their own, or clean them by other means`;
  expect(await preflight('people', MAIL)).toEqual([
    'note the trigger a_count of public.people (AFTER DELETE) calls public.lessen(); what it changes or calls elsewhere, Tenure does not see',
    `note the trigger keep of public.people (BEFORE UPDATE OR DELETE) calls public.keep(), which inserts into a table; ${copies}`,
    `note the rule also of public.people does something else as well (DO ALSO); ${copies}`,
    history('audit.audit_people'),
    history('public.people_history'),
    history('public.peoples_audit'),
  ]);
  await using({ table: 'people' }, async (store) => {
    const [first, second] = await looked(store, [[1], [2]]);
    expect(outcomesOf(await store.delete([first!]))).toEqual(['deleted']);
    expect(outcomesOf(await store.anonymise([second!], MAIL))).toEqual(['anonymised']);
  });
  // Tenure does not see them: this is why preflight names them.
  expect((await rowsOf('people_history')).map(({ mail }: { mail: string }) => mail)).toEqual(['ada', 'bob']);
});

test('B50: rows that others refer to are refused until those are gone, and preflight names the reference', async () => {
  await run(`CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2);
    CREATE TABLE lines (id int PRIMARY KEY, order_id int CONSTRAINT lines_order REFERENCES orders); INSERT INTO lines VALUES (7, 1);
    CREATE TABLE carts (id int PRIMARY KEY, order_id int CONSTRAINT carts_order REFERENCES orders ON DELETE SET NULL);
    INSERT INTO carts VALUES (8, 2)`);
  await using({ table: 'orders' }, async (store) => {
    const targets = await looked(store, [[1], [2]]);
    expect(await store.delete(targets)).toMatchObject([CONSTRAINT, { outcome: 'deleted' }]);
    await run('DELETE FROM lines');
    expect(outcomesOf(await store.delete([targets[0]!]))).toEqual(['deleted']);
  });
  expect(await rowsOf('carts')).toEqual([{ id: 8, order_id: null }]);
  expect(await preflight('orders')).toEqual([
    'note rows of public.carts refer to public.orders (carts_order); when a row is deleted they stay, and their reference is set to NULL (ON DELETE SET NULL): give them rules of their own',
    'note rows of public.lines refer to public.orders (lines_order): a row is refused for as long as they refer to it; make their rules due before those of this store',
  ]);
});

describe('B60: what the database does instead', () => {
  test('is never reported as deleted: a rule that turns deletes into updates', async () => {
    await run(`CREATE TABLE soft (id int PRIMARY KEY, mail text, gone boolean DEFAULT false); INSERT INTO soft VALUES (1, 'ada');
      CREATE RULE soft AS ON DELETE TO soft DO INSTEAD UPDATE soft SET gone = true WHERE id = OLD.id`);
    await using({ table: 'soft' }, async (store) => {
      expect(await store.delete(await looked(store, [[1]]))).toEqual([CONSTRAINT]);
      expect(await store.readBack([gone([1])])).toEqual([{ state: 'broken' }]);
    });
    expect(await rowsOf('soft')).toEqual([{ id: 1, mail: 'ada', gone: false }]);
    expect(await preflight('soft')).toEqual([
      'fails a rule of public.soft does something else instead (DO INSTEAD), so nothing would be changed; drop the rule',
    ]);
  });

  test('is never reported as masked: a trigger that puts the value back', async () => {
    await run(`CREATE TABLE stubborn (id int PRIMARY KEY, mail text); INSERT INTO stubborn VALUES (1, 'ada');
      CREATE FUNCTION restore() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.mail := OLD.mail; RETURN NEW; END $$;
      CREATE TRIGGER restore BEFORE UPDATE ON stubborn FOR EACH ROW EXECUTE FUNCTION restore()`);
    const promised: Promised = { locator: [1], expect: 'masked', masks: MAIL };
    await using({ table: 'stubborn' }, async (store) => {
      await store.anonymise(await looked(store, [[1]]), MAIL);
      expect(await store.readBack([promised])).toEqual([{ state: 'broken' }]);
    });
  });
});

describe('a trigger that gives a row another key when it is masked', () => {
  test.each([
    ['before', `BEFORE UPDATE`, `NEW.id := NEW.id + 100; RETURN NEW;`],
    ['after', `AFTER UPDATE OF mail`, `UPDATE moved_after SET id = id + 100 WHERE id = OLD.id; RETURN NULL;`],
    ['later', `AFTER UPDATE OF mail`, `UPDATE moved_later SET id = id + 100 WHERE id = OLD.id; RETURN NULL;`],
    ['away', `AFTER UPDATE OF mail`, `DELETE FROM moved_away WHERE id = OLD.id; RETURN NULL;`],
  ])('%s: the row is refused and stays as it was, and the others are masked', async (when, event, body) => {
    const table = `moved_${when}`;
    const kind = when === 'later' ? 'CONSTRAINT TRIGGER' : 'TRIGGER';
    await run(`CREATE TABLE ${table} (id int PRIMARY KEY, mail text);
      INSERT INTO ${table} SELECT i, 'mail-' || i FROM generate_series(1, 5) i;
      CREATE FUNCTION ${table}() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN
        IF OLD.id <> 3 OR NEW.mail IS NOT DISTINCT FROM OLD.mail THEN RETURN NEW; END IF; ${body} END $$;
      CREATE ${kind} ${table} ${event} ON ${table} ${when === 'later' ? 'DEFERRABLE INITIALLY DEFERRED' : ''}
        FOR EACH ROW EXECUTE FUNCTION ${table}()`);
    await using({ table }, async (store) => {
      const five = [1, 2, 3, 4, 5].map((id) => [id]);
      const acted = await store.anonymise(await looked(store, five), MAIL);
      expect(outcomesOf(acted)).toEqual(['anonymised', 'anonymised', 'refused', 'anonymised', 'anonymised']);
      expect(acted[2]).toEqual(CONSTRAINT);
      const promised = five.map((locator): Promised => ({ locator, expect: 'masked', masks: MAIL }));
      expect(statesOf(await store.readBack(promised))).toEqual(['kept', 'kept', 'broken', 'kept', 'kept']);
    });
    expect((await rowsOf(table))[2]).toEqual({ id: 3, mail: 'mail-3' });
    const said = await preflight(table, MAIL);
    expect(said).toEqual([expect.stringContaining(`the trigger ${table} of public.${table}`)]);
    if (when === 'before') expect(said[0]).toContain('assigns the key id');
  });
});

test('a generated column is not masked itself, and follows the column that it is computed from', async () => {
  await run(`CREATE TABLE computed (id int PRIMARY KEY, mail text, lowered text GENERATED ALWAYS AS (lower(mail)) STORED,
      number int GENERATED ALWAYS AS IDENTITY); INSERT INTO computed (id, mail) VALUES (1, 'Ada')`);
  await using({ table: 'computed' }, async (store) => {
    for (const column of ['lowered', 'number']) {
      const masks: Masks = { [column]: { kind: 'constant', value: 7 } };
      expect(await store.anonymise([{ locator: [1] }], masks)).toEqual([SCHEMA]);
    }
    expect(outcomesOf(await store.anonymise([{ locator: [1] }], MAIL))).toEqual(['anonymised']);
  });
  expect(await rowsOf('computed')).toEqual([{ id: 1, mail: 'removed', lowered: 'removed', number: 1 }]);
  const seven: Mask = { kind: 'constant', value: 7 };
  expect(await preflight('computed', MAIL)).toEqual([
    'note the column lowered is generated from mail, so it changes with the mask',
  ]);
  expect(await preflight('computed', { lowered: seven, number: seven })).toEqual([
    'fails the column lowered is generated, so it cannot be masked; mask mail instead',
    'fails the column number is GENERATED ALWAYS AS IDENTITY, so it cannot be masked',
  ]);
});

test('a mask of dates is refused for a column without dates, and preflight says so', async () => {
  await run(
    `CREATE TABLE undated (id int PRIMARY KEY, born int, at text); INSERT INTO undated VALUES (1, 1980, '1980-05-17')`,
  );
  const masks: Masks = {
    born: { kind: 'truncate-date', to: 'month' },
    at: { kind: 'truncate-date', to: 'month' },
  };
  await using({ table: 'undated' }, async (store) => {
    expect(
      await store.anonymise([{ locator: [1] }], { born: { kind: 'truncate-date', to: 'month' } }),
    ).toEqual([SCHEMA]);
  });
  expect(await preflight('undated', masks)).toEqual([
    'fails the column born has the type integer, which has no dates to truncate',
  ]);
});

test('B21: preflight compares the length and form of a pseudonym with the column', async () => {
  await run(`CREATE DOMAIN phone AS varchar(20); CREATE DOMAIN mobile AS phone;
    CREATE DOMAIN filled AS text NOT NULL; CREATE DOMAIN mandatory AS filled;
      CREATE TABLE fits (id int PRIMARY KEY, a mobile, b char(40), c text UNIQUE, d numeric(25), e numeric(25,2), f bigint,
      g uuid, h varchar NOT NULL UNIQUE, i varchar(12), j varchar(5), k mandatory)`);
  const form = (kind: 'characters' | 'digits' | 'e-mail', length: number): Mask => ({
    kind: 'pseudonym',
    form: { kind, length },
  });
  const plain: Mask = { kind: 'pseudonym' };
  expect(
    await preflight('fits', {
      a: form('characters', 20),
      b: plain,
      c: plain,
      d: form('digits', 25),
      f: form('digits', 18),
      h: form('e-mail', 49),
    }),
  ).toEqual([]);
  const second = {
    a: plain,
    b: form('e-mail', 49),
    c: form('digits', 15),
    d: form('digits', 26),
    e: form('digits', 25),
    f: plain,
    g: plain,
    h: { kind: 'null' },
    i: plain,
    j: plain,
    k: { kind: 'null' },
  } as const;
  expect(await preflight('fits', second)).toEqual([
    'fails the column a: a pseudonym of 37 characters does not fit into public.mobile, which takes 20; write a shorter form, such as `pseudonym of 20 characters`, or `clear`',
    'fails the column b: a pseudonym of 49 characters does not fit into character(40), which takes 40; write a shorter form, such as `pseudonym of 40 characters`, or `clear`',
    'note the column c is unique, and a short pseudonym may occur twice; such a record is refused',
    'fails the column d: a pseudonym of 26 digits does not fit into numeric(25,0), which takes 25; write a shorter form, such as `pseudonym of 25 digits`, or `clear`',
    'fails the column e: a column of type numeric(25,2) cannot contain a pseudonym; write `clear` or a constant',
    'fails the column f: a pseudonym does not fit into a column of type bigint; write `pseudonym of … digits`, or `clear`',
    'fails the column g: a column of type uuid cannot contain a pseudonym; write `clear` or a constant',
    'fails the column h is NOT NULL, so it cannot be cleared; write a constant or a pseudonym',
    'fails the column i: a pseudonym of 37 characters does not fit into character varying(12), which takes 12; write a shorter form, such as `pseudonym of 12 characters that may collide`, or `clear`',
    'fails the column j: a pseudonym of 37 characters does not fit into character varying(5), which takes 5; write `clear` or a constant',
    'fails the column k is NOT NULL, so it cannot be cleared; write a constant or a pseudonym',
  ]);
  expect(await preflight('fits', { h: { kind: 'constant', value: 'x' } })).toEqual([
    'fails the column h is unique, so only one record can have the constant; write a pseudonym',
  ]);
});
