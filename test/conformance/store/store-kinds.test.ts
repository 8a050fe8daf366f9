import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { S3Options } from '../../../shared/stores/s3/s3-options.ts';
import {
  isStoreKind,
  openStore,
  optionProblems,
  STORE_KINDS,
  verbsOf,
} from '../../../shared/stores/kinds.ts';

const tools = { timeoutSeconds: 1, pseudonymKey: async () => new Uint8Array(32) };

test('every kind deletes and anonymises, and none restricts yet', () => {
  expect(Object.keys(STORE_KINDS)).toEqual(Object.values(STORE_KINDS).map(({ kind }) => kind));
  for (const kind of Object.keys(STORE_KINDS)) expect(verbsOf(kind)).toEqual(['delete', 'anonymise']);
});

test.each(['mongodb', 'toString', ''])('knows no kind "%s"', async (kind) => {
  const unknown = {
    code: 'STORE_KIND_UNKNOWN',
    message: expect.stringContaining(`Use one of: ${Object.keys(STORE_KINDS).join(', ')}`),
  };
  expect(isStoreKind(kind)).toBe(false);
  expect(() => verbsOf(kind)).toThrow(expect.objectContaining(unknown));
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
  for (const { permissions } of Object.values(STORE_KINDS)) {
    for (const actions of Object.values(permissions)) {
      expect(actions.length).toBeGreaterThan(0);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    }
  }
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
