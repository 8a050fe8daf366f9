import { expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { openStore } from '../../../shared/stores/kinds.ts';

/** No request is made, so no engine is there. */
async function membersOf(
  keys: readonly KeyColumn[],
  asked: readonly (readonly (string | number)[])[],
  by: string,
  where?: Readonly<Record<string, string>>,
) {
  const options = { bucket: 'nowhere', prefix: 'app/' };
  const store = await openStore(
    { kind: 's3', region: 'eu-west-1', keys, options },
    {
      timeoutSeconds: 1,
      pseudonymKey: async () => new Uint8Array(32),
      connection: { endpoint: 'http://127.0.0.1:1' },
    },
  );
  try {
    return await store.idsOf(asked, { by, ...(where && { where }) });
  } finally {
    await store.close();
  }
}

const TEXT: readonly KeyColumn[] = [{ name: 'key', type: 'text' }];
const PARTS: readonly KeyColumn[] = [
  { name: 'user', type: 'integer' },
  { name: 'file', type: 'text' },
];

test.each([
  ['users/1/a', '1'],
  ['users/10/a/b', '10'],
  ['users/1/', '1'],
  ['users/{id}/a', '{id}'],
  ['users/%2F/a', '%2F'],
  ['users/é/a', 'é'],
  ['users/1', undefined],
  ['users/', undefined],
  ['users//a', undefined],
  ['users/./a', undefined],
  ['users/../a', undefined],
  ['Users/1/a', undefined],
  ['1/a', undefined],
  ['', undefined],
])('the key %j below users/{id}/ tells the id %j', async (key, id) => {
  expect(await membersOf(TEXT, [[key]], 'users/{id}/')).toEqual([
    id === undefined ? { state: 'out' } : { state: 'in', id },
  ]);
});

test('the prefix of the store is before that of the collection, and key columns are joined by slashes', async () => {
  expect(await membersOf(TEXT, [['1/a'], ['user-1/a'], ['app/1/a']], 'user-{id}/')).toEqual([
    { state: 'out' },
    { state: 'in', id: '1' },
    { state: 'out' },
  ]);
  expect(
    await membersOf(
      PARTS,
      [
        [42, 'a'],
        ['042', 'b/c'],
        ['x', 'a'],
      ],
      '{id}/',
    ),
  ).toEqual([
    { state: 'in', id: '42' },
    { state: 'in', id: '42' },
    { state: 'unknown', code: 'STORE_SCHEMA' },
  ]);
});

test.each([
  ['users/', undefined],
  ['{id}/{id}/', undefined],
  ['users/{id}/', { kind: 'invoice' }],
])('a place that cannot be listed is not taken for one that has nothing: %j where %j', async (by, where) => {
  expect(await membersOf(TEXT, [['users/1/a']], by, where)).toEqual([
    { state: 'unknown', code: 'STORE_SCHEMA' },
  ]);
});
