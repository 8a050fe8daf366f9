import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { type OpenOptions, put } from '../store/store-s3-bench.ts';
import { looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { allOf, listedOf, numbers } from './listing-suite.ts';

const EMPTY = { state: 'listed', locators: [] };
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };

const { bench, front } = await frontedS3();

async function using(
  keys: readonly string[],
  body: (store: Store, Bucket: string) => Promise<void>,
  options: OpenOptions = {},
) {
  const Bucket = await bench.bucket('Enabled');
  for (const Key of keys) await put(bench.client, { Bucket, Key, Body: 'x' });
  const store = await bench.open(Bucket, { endpoint: front.endpoint, ...options });
  front.seen.length = 0;
  try {
    await body(store, Bucket);
  } finally {
    front.intercept = () => undefined;
    await store.close();
  }
}

const users = (value: string) => ({ by: 'users/{id}/', value });

test('an id that another one begins with has its own objects only', () =>
  using(
    [
      'users/1/a',
      'users/10/a',
      'users/1',
      'users/1/',
      'users/1/b/c',
      'users/1a/x',
      'users/',
      'Users/1/a',
      'users//a',
      'users/01/a',
    ],
    async (store) => {
      for (const limit of [1, 2, 1000]) {
        expect(await allOf(store, users('1'), limit)).toEqual([['users/1/'], ['users/1/a'], ['users/1/b/c']]);
        expect(await allOf(store, users('10'), limit)).toEqual([['users/10/a']]);
      }
    },
  ));

test.each(['', '.', '..', '/', 'a/b', '1/', '../1', '/1', 'a\0', '\uD800', 'x'.repeat(1100)])(
  'an id that would name another place has none: %j',
  (id) =>
    using(['users/1/a', 'users//a', 'users/./a', 'users/../a', 'users/a/b/c', 'users/a/b'], async (store) => {
      expect(await store.list(users(id), 10)).toEqual(EMPTY);
    }),
);

test.each([
  '{id}',
  '$&',
  '$1',
  '%2F',
  '+',
  'a b',
  '*',
  '?',
  '#',
  '&amp;',
  'é',
  'e\u0301',
  '\u0001',
  '🇦🇶',
  '...',
  '-',
  '"<>\'',
])('an id is taken as it is: %j', (id) =>
  using([`users/${id}/1`, `users/${id}/2`, 'users/1/a', 'users/x/a'], async (store) => {
    for (const limit of [1, 10])
      expect(await allOf(store, users(id), limit)).toEqual([[`users/${id}/1`], [`users/${id}/2`]]);
  }),
);

test('keys come in the order of their bytes, whatever is in them', () => {
  const names = ['a', 'B', 'é', '日', '\u{10000}', '\uFFFD', 'a/b', 'a b', 'a+b', 'a%2Fb', '~', '\u0001'];
  const sorted = names
    .map((name) => `users/1/${name}`)
    .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return using(sorted.toReversed(), async (store) => {
    for (const limit of [1, 5, 12])
      expect(await allOf(store, users('1'), limit)).toEqual(sorted.map((key) => [key]));
  });
});

test('objects of which there are only old versions, a delete marker or an unfinished upload are listed, too', () =>
  using(['users/1/b', 'users/1/d', 'users/1/f', 'users/2/b'], async (store, Bucket) => {
    // An old version below a marker; a marker alone; an upload beside and between objects.
    await bench.client.send(new DeleteObjectCommand({ Bucket, Key: 'users/1/b' }));
    await bench.client.send(new DeleteObjectCommand({ Bucket, Key: 'users/1/c' }));
    for (const Key of ['users/1/a', 'users/1/e', 'users/1/f', 'users/1/g', 'users/1/g', 'users/2/c'])
      await bench.client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [`users/1/${name}`]);
    for (const limit of [1, 2, 3, 7, 1000]) expect(await allOf(store, users('1'), limit)).toEqual(all);
    expect(statesOf(await store.look(all))).toEqual(all.map(() => 'present'));
    expect(outcomesOf(await store.delete(await looked(store, all)))).toEqual(all.map(() => 'deleted'));
    expect(await store.list(users('1'), 10)).toEqual(EMPTY);
    expect(await allOf(store, users('2'), 10)).toEqual([['users/2/b'], ['users/2/c']]);
  }));

test('an object with thousands of versions is listed once, and its neighbours, in few requests', () =>
  using(['users/1/a', 'users/1/c'], async (store, Bucket) => {
    for (let from = 0; from < 2500; from += 50)
      await Promise.all(numbers(50).map(() => put(bench.client, { Bucket, Key: 'users/1/b', Body: 'x' })));
    front.seen.length = 0;
    expect(await allOf(store, users('1'), 10)).toEqual([['users/1/a'], ['users/1/b'], ['users/1/c']]);
    expect(front.seen.length).toBeLessThanOrEqual(4);
    expect(await allOf(store, users('1'), 1)).toEqual([['users/1/a'], ['users/1/b'], ['users/1/c']]);
  }));

test('an engine that begins with the marked key itself is led past it', () =>
  using(['users/1/a', 'users/1/b', 'users/1/c'], async (store) => {
    const page = (key: string, isTruncated: boolean, id = 'v') => ({
      status: 200,
      body: `<ListVersionsResult><Prefix>users/1/</Prefix><IsTruncated>${isTruncated}</IsTruncated>
<Version><Key>${key}</Key><VersionId>${id}</VersionId></Version>
<NextKeyMarker>${key}</NextKeyMarker><NextVersionIdMarker>${id}</NextVersionIdMarker></ListVersionsResult>`,
    });
    front.intercept = ({ url }) => {
      const query = new URL(url, 'http://s3').searchParams;
      if (!query.has('versions')) return undefined;
      const marker = query.get('key-marker');
      if (marker === null) return page('users/1/a', true);
      if (marker === 'users/1/a' && !query.has('version-id-marker')) return page('users/1/a', true);
      return page('users/1/b', false);
    };
    expect(await allOf(store, users('1'), 10)).toEqual([['users/1/a'], ['users/1/b']]);
  }));

test('10,000 objects of one id are listed in pages of 1,000, each once, and 1,500 in pages of 7', () => {
  const keys = (count: number) => numbers(count).map((n) => `users/1/${String(n).padStart(5, '0')}`);
  return using(
    [],
    async (store, Bucket) => {
      for (const [count, limit] of [
        [1500, 7],
        [10_000, 1000],
      ] as const) {
        const all = keys(count);
        for (let from = 0; from < all.length; from += 50)
          await Promise.all(
            all.slice(from, from + 50).map((Key) => put(bench.client, { Bucket, Key, Body: 'x' })),
          );
        await put(bench.client, { Bucket, Key: 'users/10/a', Body: 'x' });
        expect(await allOf(store, users('1'), limit)).toEqual(all.map((key) => [key]));
      }
    },
    { timeoutSeconds: 60 },
  );
}, 300_000);

describe('key columns and the prefix of the store', () => {
  const KEYS: readonly KeyColumn[] = [
    { name: 'user', type: 'integer' },
    { name: 'file', type: 'text' },
    { name: 'day', type: 'date' },
  ];

  test('an object is named by them, after the prefix', () =>
    using(
      ['app/1/a/2024-02-29', 'app/1/a/b//2024-02-29', 'app/10/a/2024-02-29', '1/a/2024-02-29'],
      async (store) => {
        expect(await allOf(store, { by: '{id}/', value: '1' }, 1)).toEqual([
          [1, 'a', '2024-02-29'],
          [1, 'a/b/', '2024-02-29'],
        ]);
      },
      { keys: KEYS, prefix: 'app/' },
    ));

  test('an object that they cannot name is left out, and the list never ends as complete', () =>
    using(
      ['1/a/2024-02-29', '1/a/today', '1/b', '1/c/2024-02-30', '1/d/2024-03-01'],
      async (store) => {
        const place = { by: '{id}/', value: '1' };
        for (const limit of [1, 2, 10]) {
          const found = [];
          let after: string | undefined;
          let end: unknown;
          do {
            const listed = await store.list(place, limit, after);
            if (listed.state === 'unknown') end = listed;
            else found.push(...listed.locators);
            after = listed.state === 'listed' ? listed.next : undefined;
          } while (after !== undefined);
          expect([found, end]).toEqual([
            [
              [1, 'a', '2024-02-29'],
              [1, 'd', '2024-03-01'],
            ],
            SCHEMA,
          ]);
        }
      },
      { keys: KEYS },
    ));
});

describe('trouble', () => {
  test.each([
    [503, 'SlowDown', 'STORE_THROTTLED'],
    [403, 'AccessDenied', 'STORE_DENIED'],
    [404, 'NoSuchBucket', 'STORE_SCHEMA'],
    [500, 'InternalError', 'STORE_ERROR'],
  ])('%i %s of either list is %s', (status, name, code) =>
    using(['users/1/a'], async (store) => {
      for (const failing of ['versions', 'uploads']) {
        front.intercept = ({ url }) =>
          new URL(url, 'http://s3').searchParams.has(failing)
            ? { status, body: `<Error><Code>${name}</Code><Message>secret</Message></Error>` }
            : undefined;
        expect(await store.list(users('1'), 10)).toEqual({ state: 'unknown', code });
      }
    }),
  );

  test('the list of another prefix is not taken for an empty one', () =>
    using(['users/1/a'], async (store) => {
      front.intercept = ({ url }) =>
        url.includes('versions')
          ? {
              status: 200,
              body: '<ListVersionsResult><Prefix>users/2/</Prefix><IsTruncated>false</IsTruncated></ListVersionsResult>',
            }
          : undefined;
      expect(await store.list(users('1'), 10)).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
    }));

  test('a list that says that it goes on, but not where, is not taken for the end', () =>
    using(['users/1/a'], async (store) => {
      front.intercept = ({ url }) =>
        url.includes('versions')
          ? {
              status: 200,
              body: '<ListVersionsResult><Prefix>users/1/</Prefix><IsTruncated>true</IsTruncated></ListVersionsResult>',
            }
          : undefined;
      expect(await store.list(users('1'), 10)).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
    }));

  test('a bucket that never answers is a timeout', () =>
    using(
      ['users/1/a'],
      async (store) => {
        front.intercept = () => new Promise(() => {});
        expect(await store.list(users('1'), 10)).toEqual({ state: 'unknown', code: 'STORE_TIMEOUT' });
      },
      { timeoutSeconds: 1 },
    ));

  test('an upload that is aborted between two pages stops nothing', () =>
    using(['users/1/b'], async (store, Bucket) => {
      const { UploadId } = await bench.client.send(
        new CreateMultipartUploadCommand({ Bucket, Key: 'users/1/a' }),
      );
      const { locators, next } = await listedOf(store, users('1'), 1);
      expect(locators).toEqual([['users/1/a']]);
      await bench.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'users/1/a', UploadId }));
      const rest = await listedOf(store, users('1'), 1, next);
      expect([rest.locators, rest.next]).toEqual([[['users/1/b']], undefined]);
    }));
});
