import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDynamoTable } from '../../../cli/preflight/preflight-dynamodb.ts';
import { checkHost } from '../../../cli/preflight/preflight-host.ts';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import { checkStores } from '../../../cli/preflight/preflight-stores.ts';
import type { StoreReach } from '../../../cli/preflight/preflight-reach.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../../local/engines/dynamodb.ts';
import { type LocalPostgres, startPostgres } from '../../../local/engines/postgres.ts';
import { PostgresOptions } from '../../../shared/stores/postgresql/postgresql-options.ts';
import { compiled, goodConfig } from '../../support/rules/configuration-text.ts';
import type { KeyColumn, StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';

const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'any' };
const reach: StoreReach = { deletes: true, masked: [] };
const KEYS: readonly KeyColumn[] = [
  { name: 'account', type: 'text' },
  { name: 'place', type: 'integer' },
];

function store(kind: string, options: object, keys = KEYS): StoreConfiguration {
  return { kind, region: 'eu-central-1', keys, options: { ...options }, restricts: false, hourlyCap: 100 };
}

describe('a DynamoDB table', () => {
  let engine: LocalDynamoDB;
  let at: StoreReach;
  beforeAll(async () => {
    engine = await startDynamoDB();
    const credentials = CREDENTIALS;
    at = { ...reach, connection: { endpoint: engine.endpoint, credentials: async () => credentials } };
    const client = new DynamoDBClient({ endpoint: engine.endpoint, region: 'eu-central-1', credentials });
    await client.send(
      new CreateTableCommand({
        TableName: 'usage',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'place', AttributeType: 'N' },
          { AttributeName: 'account', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'account', KeyType: 'HASH' },
          { AttributeName: 'place', KeyType: 'RANGE' },
        ],
      }),
    );
    client.destroy();
  });
  afterAll(() => engine.stop());

  const failing = async (settings: StoreConfiguration): Promise<readonly string[]> =>
    (await checkDynamoTable('usage', settings, at))
      .filter(({ severity }) => severity === 'fails')
      .map(({ message }) => message);

  test('whose key is the declared one has nothing to say', async () => {
    expect(await failing(store('dynamodb', { table: 'usage' }))).toEqual([]);
  });

  test('that is not there is said to be missing', async () => {
    expect(await failing(store('dynamodb', { table: 'usages' }))).toEqual([
      'table usages not found in eu-central-1; correct `options.table` or `region`',
    ]);
  });

  test.each([
    ['the wrong type', [KEYS[0], { name: 'place', type: 'text' }], 'account S, place S'],
    ['the wrong order', [KEYS[1], KEYS[0]], 'place N, account S'],
    ['a part of it', [KEYS[0]], 'account S'],
  ] as const)('whose key is declared with %s says which it is', async (_, keys, declared) => {
    const settings = store('dynamodb', { table: 'usage' }, keys as readonly KeyColumn[]);
    expect(await failing(settings)).toEqual([
      `the key of the table is account S, place N, but the configuration declares ${declared}; correct \`keys\``,
    ]);
  });
});

test('the backups of a database cannot be seen, so it is said if nothing is declared', async () => {
  const options = { host: '127.0.0.1', port: 9, database: 'd', user: 'u', table: 't' };
  const stores = {
    open: store('postgresql', options),
    declared: { ...store('postgresql', options), backupDays: 0 },
    table: store('dynamodb', { table: 'contacts' }),
  };
  const connection = { endpoint: 'http://127.0.0.1:9', credentials: async () => CREDENTIALS };
  const found = await checkStores({ ...compiled(goodConfig()), stores }, () => ({ connection }));
  const said = found.filter(({ message }) => message.includes('the backups of the database cannot be seen'));
  expect(said).toMatchObject([{ severity: 'note', message: expect.stringContaining('set `backupDays`') }]);
});

describe('a PostgreSQL table', () => {
  let engine: LocalPostgres;
  beforeAll(async () => {
    engine = await startPostgres();
    await sql(`
      create table people (account text, place integer, mail text, primary key (account, place));
      create table loose (account text, place integer);
      create table parents (account text, place integer, primary key (account, place));
      create table children (account text, place integer,
        foreign key (account, place) references parents on delete cascade);
      create table guarded (account text, place integer, primary key (account, place));
      alter table guarded enable row level security;
      create role lane login password 'lane';
      grant select, delete on people, loose, parents, guarded to lane;
      create table bare (account text, place integer, mail text, primary key (account, place));`);
  });
  afterAll(() => engine.stop());

  async function sql(text: string): Promise<void> {
    const { host, port, user, password, database } = engine;
    const client = new Client({ host, port, user, password, database });
    await client.connect();
    await client.query(text);
    await client.end();
  }

  function address() {
    const { host, port, database } = engine;
    return { host, port, database };
  }

  async function found(table: string, more: Partial<StoreReach> = {}, options: object = {}, keys = KEYS) {
    const settings = store('postgresql', { ...address(), user: 'lane', table, tls: 'off', ...options }, keys);
    const all = await checkPostgresTable('people', settings, {
      ...reach,
      password: async () => 'lane',
      ...more,
    });
    return all
      .filter(({ severity }) => severity !== 'note')
      .map(({ severity, message }) => [severity, message]);
  }

  test('that can be read and deleted from has nothing to say', async () => {
    expect(await found('people')).toEqual([]);
  });

  test('that is not there, or has other columns, is said with what was looked for', async () => {
    const expected = (table: string, keys: string) => [
      [
        'fails',
        expect.stringContaining(
          `table public.${table} with the columns ${keys} not found; correct \`options\` or \`keys\``,
        ),
      ],
    ];
    expect(await found('persons')).toEqual(expected('persons', 'account (text), place (integer)'));
    const uuid: readonly KeyColumn[] = [{ name: 'account', type: 'uuid' }];
    expect(await found('people', {}, {}, uuid)).toEqual([
      [
        'fails',
        'the key column account has the type text, which a key of type uuid cannot be found in (it needs uuid); declare it as `text` in `keys`',
      ],
    ]);
    const other: readonly KeyColumn[] = [{ name: 'id', type: 'uuid' }];
    expect(await found('people', {}, {}, other)).toEqual(expected('people', 'id (uuid)'));
  });

  test('without privileges says the statements that give them', async () => {
    expect(await found('bare', { masked: ['mail'] })).toEqual([
      ['fails', 'run: GRANT SELECT ON public.bare TO lane'],
      ['fails', 'run: GRANT DELETE ON public.bare TO lane'],
      ['fails', 'run: GRANT UPDATE (mail) ON public.bare TO lane'],
    ]);
  });

  test('whose key is of no unique index, that cascades, or hides rows says so', async () => {
    expect(await found('loose')).toEqual([
      [
        'fails',
        expect.stringContaining('no unique index ensures that a key of public.loose names only one row'),
      ],
    ]);
    expect(await found('parents')).toEqual([['fails', expect.stringContaining('ON DELETE CASCADE')]]);
    expect(await found('parents', {}, { cascade: true })).toEqual([]);
    expect(await found('guarded')).toEqual([['fails', expect.stringContaining('BYPASSRLS')]]);
  });

  test('whose partition another table refers to, or that is published without an identity, says so', async () => {
    await sql(`create table parted (account text, place integer, primary key (account, place)) partition by list (account);
      create table parted_a partition of parted for values in ('a');
      create table parts (account text, place integer, foreign key (account, place) references parted_a on delete cascade);
      create table sent (account text, place integer, mail text); create unique index on sent (account, place);
      create publication changes for table sent, people; grant select, delete on parted, sent to lane`);
    expect(await found('parted')).toEqual([['fails', expect.stringContaining('ON DELETE CASCADE')]]);
    expect(await found('sent')).toEqual([['fails', expect.stringContaining('REPLICA IDENTITY FULL')]]);
    await sql('alter table sent replica identity full');
    expect(await found('sent')).toEqual([]);
  });

  test('that has a rule, or a masked column that spreads to another table, says so', async () => {
    await sql(`create table ruled (account text, place integer, primary key (account, place));
      create rule away as on delete to ruled do instead nothing;
      create table spread (account text, place integer, mail text unique, primary key (account, place));
      create table copies (mail text references spread (mail) on update cascade);
      grant select, delete, update on ruled, spread to lane`);
    expect(await found('ruled')).toEqual([['fails', expect.stringContaining('DO INSTEAD')]]);
    expect(await found('ruled', { deletes: false })).toEqual([]);
    expect(await found('spread')).toEqual([]);
    const masked = { masked: ['mail'] };
    expect(await found('spread', masked)).toEqual([['fails', expect.stringContaining('ON UPDATE CASCADE')]]);
    expect(await found('spread', masked, { cascade: true })).toEqual([]);
  });

  test('whose rows are hidden from others than its owner says nothing to the owner', async () => {
    await sql(`create table owned (account text, place integer, primary key (account, place));
      alter table owned owner to lane; alter table owned enable row level security`);
    expect(await found('owned')).toEqual([]);
    await sql('alter table owned force row level security');
    expect(await found('owned')).toEqual([['fails', expect.stringContaining('BYPASSRLS')]]);
  });

  test('whose version a mask increases says the statement that allows that', async () => {
    await sql(`create table counted (account text, place integer, mail text, v integer, at date, primary key (account, place));
      grant select, delete, update (mail) on counted to lane`);
    const run = ['fails', 'run: GRANT UPDATE (v) ON public.counted TO lane'];
    expect(await found('counted', { masked: ['mail'] }, { versionColumn: 'v' })).toEqual([run]);
    expect(await found('counted', { masked: ['mail'] }, { versionColumn: 'at' })).toEqual([]);
    expect(await found('counted', {}, { versionColumn: 'v' })).toEqual([]);
  });

  test('whose key is padded says so', async () => {
    await sql('create table padded (account char(4), place integer, primary key (account, place))');
    expect(await found('padded')).toEqual([
      ['fails', expect.stringContaining('the key column account has the type char(n)')],
    ]);
  });

  test('whose key has a type that no key can be found in says why', async () => {
    await sql(
      `create domain moment as timestamp; create table timed (account moment, place float8, primary key (account, place))`,
    );
    const declared: readonly KeyColumn[] = [
      { name: 'account', type: 'timestamp' },
      { name: 'place', type: 'decimal' },
    ];
    expect(await found('timed', {}, {}, declared)).toEqual([
      [
        'fails',
        'the key column account has the type timestamp without time zone, which names no instant, because it has no time zone; make it timestamptz',
      ],
      [
        'fails',
        'the key column place has the type double precision, which rounds, so a key would not be found exactly; make it numeric',
      ],
    ]);
  });

  test('whose user has foreign keys switched off says the statement that switches them on', async () => {
    await sql(
      'alter role lane set session_replication_role = replica; alter role lane set search_path = nowhere',
    );
    expect(await found('people')).toEqual([
      ['fails', expect.stringContaining('ALTER ROLE lane RESET session_replication_role')],
    ]);
    await sql('alter role lane reset all');
  });

  test('names the functions of triggers that need a search path, as a note', async () => {
    await sql(`create table traced (account text, place integer, primary key (account, place)); grant select, delete on traced to lane;
      create function trace() returns trigger language plpgsql as $$ begin return old; end $$;
      create function trace_safely() returns trigger language plpgsql set search_path = public as $$ begin return old; end $$;
      create trigger a before delete on traced for each row execute function trace();
      create trigger b before delete on traced for each row execute function trace_safely()`);
    const settings = store('postgresql', { ...address(), user: 'lane', table: 'traced', tls: 'off' });
    const all = await checkPostgresTable('traced', settings, { ...reach, password: async () => 'lane' });
    expect(all.map(({ severity, message }) => [severity, message])).toEqual([
      [
        'note',
        expect.stringMatching(
          /^a trigger calls public\.trace\(\), .* ALTER FUNCTION public\.trace\(\) SET search_path/,
        ),
      ],
      ['note', expect.stringContaining('unencrypted')],
      ['note', expect.stringMatching(/^the trigger a of public\.traced .* calls public\.trace\(\);/)],
      ['note', expect.stringMatching(/^the trigger b of public\.traced .* calls public\.trace_safely\(\);/)],
    ]);
  });

  test('with a token is reached by RDS’s own name, and its user is granted tokens', async () => {
    const token = { login: 'token', aliasOf: async () => undefined } as const;
    const name = ['fails', expect.stringContaining('`host` is not an endpoint of RDS')];
    expect(await found('people', token)).toEqual([name]);
    await sql('create role rds_iam');
    expect(await found('people', token)).toEqual([
      name,
      ['fails', expect.stringContaining('run: GRANT rds_iam TO lane')],
    ]);
    await sql('grant rds_iam to lane');
    expect(await found('people', token)).toEqual([name]);
    expect(await found('people', { ...token, password: async () => 'another' })).toEqual([
      name,
      ['fails', expect.stringMatching(/refused the token \(28P01\).*rds-db:connect.*GRANT rds_iam TO lane/)],
    ]);
    await sql('drop role rds_iam');
  });

  test.each([
    ['an endpoint of an instance', 'crm.abc123.eu-central-1.rds.amazonaws.com', undefined, []],
    ['a proxy in China', 'crm.proxy-abc.cn-north-1.rds.amazonaws.com.cn', undefined, []],
    [
      'an alias',
      'db.example.com',
      'crm.abc123.eu-central-1.rds.amazonaws.com',
      ['is an alias of crm.abc123'],
    ],
    [
      'a name that is like one',
      'crm.rds.amazonaws.com.example.com',
      undefined,
      ['is not an endpoint of RDS'],
    ],
    [
      'the reader endpoint',
      'crm.cluster-ro-abc.eu-central-1.rds.amazonaws.com',
      undefined,
      ['reader endpoint'],
    ],
  ])('with a token: %s', async (_, host, alias, said) => {
    const options = PostgresOptions.parse({ host, database: 'crm', user: 'lane', table: 'people' });
    const findings = await checkHost('crm', options, {
      ...reach,
      login: 'token',
      aliasOf: async () => alias,
    });
    expect(findings.map(({ message }) => message)).toEqual(said.map((text) => expect.stringContaining(text)));
  });

  test('with a column too few for a mask names the column', async () => {
    expect(await found('people', { masked: ['phone'] })).toEqual([
      [
        'fails',
        'a policy masks the column phone, which the table does not have; correct the policy or grant another store',
      ],
    ]);
    expect(await found('people', { masked: ['phone'], optional: ['phone'] })).toEqual([]);
  });

  test('whose login is refused, or that cannot be reached, says which', async () => {
    expect(await found('people', { password: async () => 'another' })).toEqual([
      ['fails', "the database refused the login (28P01); check `user` and the lane's `login`"],
    ]);
    expect(await found('people', {}, { port: 1 })).toEqual([
      ['unknown', expect.stringContaining('could not be reached from here (ECONNREFUSED)')],
    ]);
  });
});
