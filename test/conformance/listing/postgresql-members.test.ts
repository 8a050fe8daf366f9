import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Locator, Place } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { expectAgreement } from './members-suite.ts';
import { postgresTables } from './postgresql-tables.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
  await bench.sql.query('CREATE EXTENSION IF NOT EXISTS citext');
});
afterAll(() => bench.stop());

const { run, using, owned } = postgresTables(() => bench);
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const OUT = { state: 'out' };
const UUID = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
const rows = (count: number): Locator[] => Array.from({ length: count }, (_, id) => [id]);

test.each<[type: string, owners: string[], ids: (string | undefined)[], others: string[]]>([
  [
    'text',
    ["'a'", "'A'", "'a '", "''", 'NULL', "E'e\\u0301'", "repeat('x', 2500)"],
    ['a', 'A', 'a ', '', undefined, 'e\u0301', 'x'.repeat(2500)],
    ['é', 'null', '%'],
  ],
  ['varchar(5)', ["'a'", "'abcde'"], ['a', 'abcde'], ['abcdef', '']],
  ['smallint', ['1', '-1', '32767', '0'], ['1', '-1', '32767', '0'], ['01', '-0', '70000', 'a']],
  ['bigint', ['9007199254740993', '42'], ['9007199254740993', '42'], ['9007199254740992', '042']],
  [
    'numeric',
    ['1.50', '42', '42.000', '0.000', "'NaN'", '-1e-3', '1e30'],
    ['1.5', '42', '42', '0', undefined, '-0.001', `1${'0'.repeat(30)}`],
    ['1.50', '42.0', 'NaN'],
  ],
  ['numeric(10,2)', ['1.5', '7'], ['1.5', '7'], ['1.50', '7.00']],
  ['uuid', [`'${UUID}'`, 'NULL'], [UUID, undefined], ['a', '']],
  [
    'date',
    ["'2024-02-29'", "'infinity'", "'0044-03-15 BC'"],
    ['2024-02-29', undefined, undefined],
    ['infinity', '0044-03-15'],
  ],
])('a row of a table tells its %s as the id whose list has it', async (...each) => {
  const [type, owners, ids, others] = each;
  const name = `members_${type.replaceAll(/\W/g, '')}`;
  await owned(name, type, owners);
  await using({ table: name }, async (store) => {
    expect(await store.idsOf(rows(owners.length), { by: 'owner' })).toEqual(
      ids.map((id) => (id === undefined ? OUT : { state: 'in', id })),
    );
    await expectAgreement(store, rows(owners.length), { by: 'owner' }, others);
  });
});

test('a uuid in another spelling lists nothing: a row tells one spelling only', async () => {
  await owned('respelled', 'uuid', [`'${UUID}'`]);
  await using({ table: 'respelled' }, async (store) => {
    for (const value of [UUID.toUpperCase(), UUID.replaceAll('-', '')])
      expect(await store.list({ by: 'owner', value }, 10)).toEqual({ state: 'listed', locators: [] });
    expect(await store.list({ by: 'owner', value: UUID }, 10)).toMatchObject({ locators: [[0]] });
  });
});

test('a key column tells the id, too', async () => {
  await run('CREATE TABLE composite_members (owner uuid, name text, PRIMARY KEY (owner, name))');
  await run('INSERT INTO composite_members VALUES ($1, $2)', [UUID, 'a']);
  const keys = [
    { name: 'owner', type: 'uuid' },
    { name: 'name', type: 'text' },
  ] as const;
  await using({ table: 'composite_members', keys }, async (store) => {
    expect(
      await store.idsOf(
        [
          [UUID.toUpperCase(), 'a'],
          [UUID, 'b'],
        ],
        { by: 'owner' },
      ),
    ).toEqual([{ state: 'in', id: UUID }, OUT]);
    expect(await store.list({ by: 'owner', value: UUID.toUpperCase() }, 10)).toEqual({
      state: 'listed',
      locators: [],
    });
  });
});

test('no index is needed: rows are found by their keys', async () => {
  await run('CREATE TABLE bare_members (id bigint PRIMARY KEY, owner text)');
  await run("INSERT INTO bare_members VALUES (0, 'a')");
  await using({ table: 'bare_members' }, async (store) => {
    expect(await store.idsOf([[0], [1]], { by: 'owner' })).toEqual([{ state: 'in', id: 'a' }, OUT]);
    expect(await store.list({ by: 'owner', value: 'a' }, 10)).toEqual(SCHEMA);
  });
});

test('the column and the filter have to be ones that a list can have', async () => {
  await run(
    `CREATE COLLATION loose_members (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`,
  );
  for (const [index, type] of [
    'citext',
    'char(5)',
    'text COLLATE loose_members',
    'bytea',
    'jsonb',
  ].entries()) {
    await owned(`loose_members_${index}`, type, []);
    await run(`INSERT INTO loose_members_${index} VALUES (0, NULL)`);
    await using({ table: `loose_members_${index}` }, async (store) => {
      expect([type, await store.idsOf([[0]], { by: 'owner' })]).toEqual([type, [SCHEMA]]);
      expect(await store.idsOf([[0]], { by: 'nowhere' })).toEqual([SCHEMA]);
    });
  }
});

test.each<[where: NonNullable<Place['where']>]>([
  [{ kind: 'invoice' }],
  [{ kind: 'INVOICE' }],
  [{ count: 1 }],
  [{ 'Is it': true }],
  [{ 'Is it': false, kind: 'note' }],
  [{ kind: 'invoice', count: 1, 'Is it': true }],
  [{}],
])('rows are out that the filter %j leaves out of the list', async (where) => {
  const name = `filtered_${Buffer.from(JSON.stringify(where)).toString('hex').slice(-40)}`;
  await owned(name, 'int', ['1', '1', '1', '2', 'NULL']);
  await run(`ALTER TABLE ${name} ADD kind text, ADD count int, ADD "Is it" boolean`);
  const set = (id: number, values: string) =>
    run(`UPDATE ${name} SET (kind, count, "Is it") = (${values}) WHERE id = ${id}`);
  await set(0, "'invoice', 1, true");
  await set(1, "'note', 0, false");
  await set(3, "'invoice', 1, true");
  await set(4, "'invoice', 1, true");
  await using({ table: name }, async (store) => {
    await expectAgreement(store, rows(5), { by: 'owner', where }, ['1', '2', '3']);
    for (const wrong of [{ kind: 1 }, { nowhere: 'x' }])
      expect(await store.idsOf([[0]], { by: 'owner', where: wrong })).toEqual([SCHEMA]);
  });
});
