import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import { type LocalPostgres, startPostgres } from '../../../local/engines/postgres.ts';

let engine: LocalPostgres;
beforeAll(async () => {
  engine = await startPostgres();
  await sql("create role lane login password 'lane'; create role app");
});
beforeEach(() =>
  sql(`drop table if exists people cascade;
    create table people (id int primary key, mail text, v int not null default 1, plain timestamptz, always timestamptz not null default now(),
      flag boolean not null default false, day date, made boolean generated always as (id > 1) stored);
    grant select, delete on people to lane`),
);
afterAll(() => engine.stop());

async function sql(text: string): Promise<void> {
  const { host, port, user, password, database } = engine;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  await client.query(text);
  await client.end();
}

const UNENCRYPTED = 'note: `tls: "off"` sends logins and data unencrypted';

async function said(options: object): Promise<string[]> {
  const { host, port, database } = engine;
  const all = await checkPostgresTable(
    'people',
    {
      kind: 'postgresql',
      region: 'eu-central-1',
      keys: [{ name: 'id', type: 'integer' }],
      options: { host, port, database, user: 'lane', table: 'people', tls: 'off', ...options },
      restricts: 'restrict' in options,
      hourlyCap: 100,
    },
    { deletes: true, masked: [], password: async () => 'lane' },
  );
  return all.map(({ severity, message }) => `${severity}: ${message}`).filter((line) => line !== UNENCRYPTED);
}
const of = (column: string, more: object = {}) => said({ restrict: { column }, ...more });

const grant = (column: string) => `fails: run: GRANT UPDATE (${column}) ON public.people TO lane`;
const unapplied = (column: string) =>
  `note: no policy and no view depends on the column ${column}, so nothing in the database keeps applications from restricted rows; see the examples in docs/stores/postgresql.md`;

test('the column that marks restricted rows has to be there, with a type that can say it', async () => {
  expect(await of('blocked_at')).toEqual([
    'fails: the table has no column blocked_at, which `restrict` names; run: ALTER TABLE public.people ADD COLUMN blocked_at timestamptz',
  ]);
  for (const [column, type] of [
    ['mail', 'text'],
    ['day', 'date'],
  ] as const)
    expect(await of(column)).toEqual([
      `fails: the column ${column}, which \`restrict\` names, has the type ${type}; use one of type timestamptz, timestamp or boolean`,
    ]);
});

test('it can be written and emptied, which the lane’s user is allowed to do', async () => {
  expect(await of('plain')).toEqual([grant('plain'), unapplied('plain')]);
  await sql('grant update (plain, flag, always, made) on people to lane');
  expect(await of('plain')).toEqual([unapplied('plain')]);
  expect(await of('flag')).toEqual([unapplied('flag')]);
  expect(await of('always')).toEqual([
    'fails: the column always is NOT NULL, so no restriction can be lifted; run: ALTER TABLE public.people ALTER COLUMN always DROP NOT NULL',
    unapplied('always'),
  ]);
  expect(await of('made')).toEqual([
    'fails: the column made is generated, so no record can be restricted; use another one',
    unapplied('made'),
  ]);
});

test('a version that counts may be written, too', async () => {
  expect(await of('plain', { versionColumn: 'v' })).toEqual([grant('v'), grant('plain'), unapplied('plain')]);
});

test('a policy or a view that depends on it keeps applications from restricted rows', async () => {
  await sql('grant update (plain, flag) on people to lane');
  await sql('create view in_use as select id, mail from people where plain is null');
  expect(await of('plain')).toEqual([]);
  await sql(`create policy free on people to app using (not flag)`);
  expect(await of('flag')).toEqual([]);
});

test('a rule that does something else instead of an update is said', async () => {
  await sql('create rule never as on update to people do instead nothing');
  expect((await of('plain'))[0]).toContain('DO INSTEAD');
  expect(await said({})).toEqual([]);
});
