import { CreateMultipartUploadCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Range, RangedRow, Store } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { s3Error } from '../engine/s3-front.ts';
import { INTEGER } from '../store/store-rig.ts';
import { type OpenOptions, put, type Versioning } from '../store/store-s3-bench.ts';
import { ranges, type RangeRig, rowsOf, UNTIL } from './range-suite.ts';

const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const HOUR = 3_600_000;

let now = UNTIL.at;
const { bench, front } = await frontedS3(() => now);

const RANGE: Range = { clock: { column: 'LastModified' }, until: UNTIL, columns: [] };

interface Bucket {
  readonly store: Store;
  readonly name: string;
  /** Hours before the end of the range. */
  readonly write: (key: string, hours: number) => Promise<void>;
}

async function using(
  body: (bucket: Bucket) => Promise<void>,
  options: OpenOptions = {},
  versioning: Versioning = 'Enabled',
): Promise<void> {
  const name = await bench.bucket(versioning);
  const store = await bench.open(name, { endpoint: front.endpoint, ...options });
  const write = async (Key: string, hours: number): Promise<void> => {
    now = UNTIL.at - hours * HOUR;
    await put(bench.client, { Bucket: name, Key, Body: 'x' });
  };
  try {
    await body({ store, name, write });
  } finally {
    await store.close();
  }
}

const keysOf = (rows: readonly RangedRow[]): readonly unknown[] => rows.map(({ locator }) => locator[0]);
const targetsOf = (rows: readonly RangedRow[]) =>
  rows.map(({ locator, version = '' }) => ({ locator, version }));

const rig = (versioning: Versioning): RangeRig => ({
  range: { clock: { column: 'LastModified' }, columns: [] },
  isOrdered: false,
  hasFields: false,
  many: 1500,
  using: (rows, body) =>
    using(
      async ({ store, name }) => {
        // S3 tells whole seconds, and what it tells is never later than it was.
        const write = async ({ id, at }: (typeof rows)[number]): Promise<void> => {
          if (at === null) return;
          now = Date.parse(at) - 1000;
          await put(bench.client, { Bucket: name, Key: `rows/${id}`, Body: at });
        };
        for (const row of rows) await write(row);
        await body(store, write);
      },
      { keys: INTEGER, prefix: 'rows/' },
      versioning,
    ),
});

describe('objects with versions', () => ranges(rig('Enabled')));
describe('objects without versions', () => ranges(rig('never')));

describe('an object was written when', () => {
  test('its newest version was, to the end of the second, or its delete marker', () =>
    using(async ({ store, name, write }) => {
      await write('a', 3);
      await write('a', 1);
      await write('b', 2);
      now = UNTIL.at - HOUR / 2 + 7;
      await bench.client.send(new DeleteObjectCommand({ Bucket: name, Key: 'b' }));
      await write('c', -1);
      await write('d', 5);
      now = UNTIL.at + 1;
      await bench.client.send(new DeleteObjectCommand({ Bucket: name, Key: 'd' }));
      const rows = await rowsOf(store, RANGE, 10);
      expect(rows.map(({ locator, values }) => [locator[0], values['LastModified']])).toEqual([
        ['a', '2026-02-28T23:00:00.999Z'],
        ['b', '2026-02-28T23:30:00.007Z'],
      ]);
    }));

  test('the last of its unfinished uploads began', () =>
    using(async ({ store, name, write }) => {
      const upload = async (Key: string, hours: number): Promise<void> => {
        now = UNTIL.at - hours * HOUR;
        await bench.client.send(new CreateMultipartUploadCommand({ Bucket: name, Key }));
      };
      await write('a', 9);
      await upload('a', 1);
      await write('b', 9);
      await upload('b', -1);
      await upload('c', 2);
      await upload('c', 3);
      await upload('d', -1);
      const rows = await rowsOf(store, RANGE, 10);
      expect(rows.map(({ locator, values }) => [locator[0], values['LastModified']])).toEqual([
        ['a', '2026-02-28T23:00:00.999Z'],
        ['c', '2026-02-28T22:00:00.999Z'],
      ]);
      // An upload that is begun after that may be of another content: its parts stay.
      await upload('a', 0);
      const acted = await store.delete(targetsOf(rows));
      expect(acted.map(({ outcome }) => outcome)).toEqual(['changed', 'deleted']);
      expect((await store.look([['a'], ['c']])).map(({ state }) => state)).toEqual(['present', 'gone']);
    }));

  test('nothing else says: without a time the object is read, and kept as one without a date', () =>
    using(async ({ store, write }) => {
      await write('a', 1);
      front.intercept = ({ url }) =>
        url.includes('versions')
          ? {
              status: 200,
              body: `<ListVersionsResult><Prefix>${new URL(url, 'http://s3').searchParams.get('prefix')}</Prefix><IsTruncated>false</IsTruncated><Version><Key>a</Key><VersionId>v</VersionId><IsLatest>true</IsLatest></Version></ListVersionsResult>`,
            }
          : undefined;
      const [row] = await rowsOf(store, RANGE, 10);
      expect(row?.values).toEqual({ LastModified: '' });
    }));
});

describe('the key of an object', () => {
  const KEYS: readonly KeyColumn[] = [
    { name: 'day', type: 'date' },
    { name: 'account', type: 'integer' },
    { name: 'file', type: 'text' },
  ];

  test('says what its columns say, after the prefix of the store', () =>
    using(
      async ({ store, write }) => {
        await write('app/2026-01-02/7/a/b', 1);
        await write('2026-01-02/8/a', 1);
        const rows = await rowsOf(store, { ...RANGE, columns: ['account', 'file', '2026-01-02/{id}/'] }, 10);
        expect(rows.map(({ locator, values }) => [locator, values])).toEqual([
          [
            ['2026-01-02', 7, 'a/b'],
            {
              LastModified: '2026-02-28T23:00:00.999Z',
              account: 7,
              file: 'a/b',
              '2026-01-02/{id}/': '7',
            },
          ],
        ]);
      },
      { keys: KEYS, prefix: 'app/' },
    ));

  test('may be its clock', () =>
    using(
      async ({ store, write }) => {
        for (const day of ['2026-03-01', '2026-03-02', '2026-02-28']) await write(`${day}/1/a`, -5);
        const rows = await rowsOf(store, { ...RANGE, clock: { column: 'day' } }, 1);
        expect(keysOf(rows)).toEqual(['2026-02-28', '2026-03-01']);
      },
      { keys: KEYS },
    ));

  test('names an entity by a template, and none where it does not fit', () =>
    using(async ({ store, write }) => {
      for (const key of ['users/1/a', 'users/2/b/c', 'users/3', 'others/4/a']) await write(key, 1);
      const rows = await rowsOf(store, { ...RANGE, columns: ['users/{id}/'] }, 10);
      expect(rows.map(({ locator, values }) => [locator[0], values['users/{id}/']])).toEqual([
        ['others/4/a', null],
        ['users/1/a', '1'],
        ['users/2/b/c', '2'],
        ['users/3', null],
      ]);
    }));

  test('tells datasets apart by its beginning', () =>
    using(async ({ store, write }) => {
      for (const key of ['exports/a', 'exports2/b', 'exports', 'a/exports/b']) await write(key, 1);
      const found = async (prefix: string) =>
        keysOf(await rowsOf(store, { ...RANGE, where: { prefix } }, 10));
      expect(await found('exports/')).toEqual(['exports/a']);
      expect(await found('exports')).toEqual(['exports', 'exports/a', 'exports2/b']);
      for (const where of [{ kind: 'a' }, { prefix: 1 }, { prefix: 'a', kind: 'b' }])
        expect(await store.range({ ...RANGE, where }, 10)).toEqual(SCHEMA);
    }));

  test('that the key columns cannot name ends the range with a code, if the object is in it', () =>
    using(
      async ({ store, write }) => {
        await write('2026-01-01/1/a', 1);
        await write('2026-01-01/x/a', -1);
        expect(await rowsOf(store, RANGE, 10)).toHaveLength(1);
        await write('2026-01-01/y/a', 1);
        const first = await store.range(RANGE, 10);
        expect(first.state === 'ranged' && first.rows).toHaveLength(1);
        expect(await store.range(RANGE, 10, first.state === 'ranged' ? first.next : '')).toEqual(SCHEMA);
      },
      { keys: KEYS },
    ));
});

test('a page of which a list fails is read again: what was read before it is given', () =>
  using(async ({ store, write }) => {
    for (let n = 0; n < 30; n += 1) await write(`a${String(n).padStart(2, '0')}`, n % 2 === 0 ? 1 : -1);
    let lists = 0;
    front.intercept = ({ url }) => {
      lists += Number(url.includes('versions'));
      return lists > 1 ? s3Error('SlowDown', 'slow down', 503) : undefined;
    };
    const first = await store.range(RANGE, 20);
    if (first.state !== 'ranged') throw new Error(first.code);
    expect(keysOf(first.rows)).toHaveLength(10);
    expect(await store.range(RANGE, 20, first.next)).toEqual({ state: 'unknown', code: 'STORE_THROTTLED' });
    front.intercept = () => undefined;
    const rest = await store.range(RANGE, 20, first.next);
    expect(rest.state === 'ranged' && [keysOf(rest.rows).length, rest.next]).toEqual([5, undefined]);
  }));
