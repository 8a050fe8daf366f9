import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { S3Options } from '../../../shared/stores/s3/s3-options.ts';
import {
  isStoreKind,
  openStore,
  optionProblems,
  STORE_KINDS,
  storeKind,
  type DataStoreKindName,
  verbsOf,
} from '../../../shared/stores/kinds.ts';

const tools = { timeoutSeconds: 1, pseudonymKey: async () => new Uint8Array(32) };

const OPTIONS: Readonly<Record<DataStoreKindName, Readonly<Record<string, unknown>>>> = {
  dynamodb: { table: 'people' },
  postgresql: { host: 'db', database: 'crm', user: 'tenure', table: 'people' },
  s3: { bucket: 'people' },
};
const RESTRICT: Readonly<Record<DataStoreKindName, object>> = {
  dynamodb: { attribute: 'restricted' },
  postgresql: { column: 'restricted_at' },
  s3: { tag: 'tenure-restricted' },
};
const KINDS = Object.keys(OPTIONS) as DataStoreKindName[];

test('every kind has its own name', () => {
  expect(Object.keys(STORE_KINDS)).toEqual(Object.values(STORE_KINDS).map(({ kind }) => kind));
});

describe.each(KINDS)('a store of kind %s', (kind) => {
  const restricting = { ...OPTIONS[kind], restrict: RESTRICT[kind] };

  test('deletes and anonymises, and restricts with the option that the kind names', () => {
    expect(verbsOf({ kind, options: OPTIONS[kind] })).toEqual(['delete', 'anonymise']);
    expect(verbsOf({ kind, options: restricting })).toEqual(['delete', 'anonymise', 'restrict']);
    const written = Object.entries(RESTRICT[kind]).map(
      ([name, value]) => `restrict: { ${name}: '${value}' }`,
    );
    expect([storeKind(kind).capabilities.restrictOption]).toEqual(written);
  });

  test('without the option it does not restrict, and says so with a code', async () => {
    const keys = [{ name: 'id', type: 'text' }] as const;
    const store = await openStore({ kind, region: 'eu-west-1', keys, options: OPTIONS[kind] }, tools);
    const unsupported = { code: 'STORE_VERB_UNSUPPORTED' };
    for (const on of [true, false])
      await expect(store.restrict([{ locator: ['a'] }], on)).rejects.toMatchObject(unsupported);
    for (const expected of ['restricted', 'unrestricted'] as const)
      await expect(store.readBack([{ locator: ['a'], expect: expected }])).rejects.toMatchObject(unsupported);
    await store.close();
  });

  test('refuses a wrong option, and quotes none of it', () => {
    for (const wrong of [
      '',
      'secret-value',
      { column: 7 },
      { attribute: '' },
      { tag: 'aws:secret-value' },
      {},
    ]) {
      const problems = optionProblems({ kind, options: { ...OPTIONS[kind], restrict: wrong } });
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join(' ')).not.toContain('secret-value');
    }
  });
});

test.each(['mongodb', 'toString', ''])('knows no kind "%s"', async (kind) => {
  const unknown = {
    code: 'STORE_KIND_UNKNOWN',
    message: expect.stringContaining(`Use one of: ${Object.keys(STORE_KINDS).join(', ')}`),
  };
  expect(isStoreKind(kind)).toBe(false);
  expect(() => verbsOf({ kind, options: {} })).toThrow(expect.objectContaining(unknown));
  await expect(openStore({ kind, region: 'eu-west-1', keys: [], options: {} }, tools)).rejects.toMatchObject(
    unknown,
  );
});

test('names what is wrong with options, and quotes none of it', () => {
  const secret = 'secret-value';
  expect(optionProblems({ kind: 'dynamodb', options: { table: 'people', versionAttribute: 'v' } })).toEqual(
    [],
  );
  const problems = [
    ...optionProblems({ kind: 'dynamodb', options: { table: [secret], versionAttribute: { secret } } }),
    ...optionProblems({
      kind: 'postgresql',
      options: { host: '', port: secret, database: `${secret}\0`, tls: secret },
    }),
  ];
  const paths = problems.map((problem) => problem.split(':')[0] ?? '');
  expect(new Set(paths)).toEqual(
    new Set(['database', 'host', 'port', 'table', 'tls', 'user', 'versionAttribute']),
  );
  expect(problems.join(' ')).not.toContain(secret);
});

test('a wrong option is an error with a code before anything is opened', async () => {
  await expect(
    openStore({ kind: 'postgresql', region: 'eu-west-1', keys: [], options: { host: 'db' } }, tools),
  ).rejects.toMatchObject({
    code: 'STORE_OPTIONS_INVALID',
    message: expect.stringContaining('retention.config.ts'),
  });
});

test('a token is never sent unencrypted: the store is not opened', async () => {
  const options = { host: 'db', database: 'crm', user: 'tenure', table: 'people', tls: 'off' };
  const keys = [{ name: 'id', type: 'text' }] as const;
  const open = (login: 'token' | 'password', more: object = {}) =>
    openStore(
      { kind: 'postgresql', region: 'eu-west-1', keys, options: { ...options, ...more } },
      { ...tools, connection: { login, password: async () => 'secret-value' } },
    );
  await expect(open('token')).rejects.toMatchObject({
    code: 'STORE_OPTIONS_INVALID',
    message: expect.stringContaining('remove `tls`'),
  });
  for (const store of [await open('password'), await open('token', { tls: 'verify' })]) await store.close();
});

test('an authority of certificates is given as the text of a PEM file', () => {
  const options = { host: 'db', database: 'crm', user: 'tenure', table: 'people' };
  const problems = (ca: string) => optionProblems({ kind: 'postgresql', options: { ...options, ca } });
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  expect(problems(pem + pem)).toEqual([]);
  for (const wrong of ['', './ca.pem', pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'), `${pem}secret-value`])
    expect(problems(wrong)).toEqual([expect.stringContaining('BEGIN CERTIFICATE')]);
});

test('says what each call needs, in the smallest words', () => {
  const calls = Object.entries(STORE_KINDS).flatMap(([kind, { permissions }]) =>
    Object.entries(permissions).map(([call, actions]) => ({ name: `${kind}.${call}`, actions })),
  );
  // No query shows the backups of a database, and the keys of objects say themselves whose they are. A vendor is not asked for
  // data, ids or backups.
  const none = calls.filter(({ actions }) => actions.length === 0).map(({ name }) => name);
  expect(none).toEqual(['http.read', 'http.idsOf', 'http.recovery', 'postgresql.recovery', 's3.idsOf']);
  for (const { actions } of calls) expect(actions.filter((action) => action.includes('*'))).toEqual([]);
});

test.each(Object.entries(STORE_KINDS))(
  'the page of %s names every option and every permission',
  (name, kind) => {
    const page = readFileSync(new URL(`../../../docs/stores/${name}.md`, import.meta.url), 'utf8');
    const named = [
      ...Object.keys(z.toJSONSchema(kind.options, { io: 'input' }).properties ?? {}),
      ...Object.values(kind.permissions).flat(),
    ];
    expect(named.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  },
);

describe('the name of a bucket', () => {
  test.each([
    'people--euc1-az1--x-s3',
    'people-0123456789abcdef-s3alias',
    'people--ol-s3',
    'people.mrap',
    'people--table-s3',
    'arn:aws:s3:eu-central-1:111122223333:accesspoint/people',
  ])('is not %s', (name) => {
    expect(S3Options.safeParse({ bucket: name }).error?.issues.map(({ message }) => message)).toEqual([
      'expected the name of a general purpose bucket (directory buckets and access points are not supported)',
    ]);
  });

  test.each(['people', 'people.example.com', 's3alias', 'x--x-s3-people'])('may be %s', (name) => {
    expect(S3Options.safeParse({ bucket: name }).success).toBe(true);
  });
});
