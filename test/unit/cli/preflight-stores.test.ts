import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDynamoTable } from '../../../cli/preflight/preflight-dynamodb.ts';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { StoreReach } from '../../../cli/preflight/preflight-reach.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../../local/engines/dynamodb.ts';
import { type LocalPostgres, startPostgres } from '../../../local/engines/postgres.ts';
import type { KeyColumn, StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';

const reach: StoreReach = { deletes: true, masked: [] };
const KEYS: readonly KeyColumn[] = [
  { name: 'account', type: 'text' },
  { name: 'place', type: 'integer' },
];

function store(kind: string, options: object, keys = KEYS): StoreConfiguration {
  return { kind, region: 'eu-central-1', keys, options: { ...options }, hourlyCap: 100 };
}

describe('a DynamoDB table', () => {
  let engine: LocalDynamoDB;
  let at: StoreReach;
  beforeAll(async () => {
    engine = await startDynamoDB();
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
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

  async function found(table: string, more: Partial<StoreReach> = {}, options: object = {}, keys = KEYS) {
    const { host, port, database } = engine;
    const settings = store(
      'postgresql',
      { host, port, database, user: 'lane', table, tls: 'off', ...options },
      keys,
    );
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
      ['fails', `table public.${table} with the columns ${keys} not found; correct \`options\` or \`keys\``],
    ];
    expect(await found('persons')).toEqual(expected('persons', 'account (text), place (integer)'));
    const uuid: readonly KeyColumn[] = [{ name: 'account', type: 'uuid' }];
    expect(await found('people', {}, {}, uuid)).toEqual(expected('people', 'account (uuid)'));
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
