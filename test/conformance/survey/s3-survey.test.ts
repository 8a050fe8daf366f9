import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { Survey, SurveyQuestion } from '../../../shared/domain/coverage/survey.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { s3Error } from '../engine/s3-front.ts';
import { type OpenOptions, put } from '../store/store-s3-bench.ts';
import { PLAIN } from './survey-suite.ts';

const { bench, front } = await frontedS3();

async function surveyed(
  keys: readonly string[],
  question: Partial<SurveyQuestion> = {},
  { versioning = 'Enabled', ...options }: OpenOptions & { versioning?: 'Enabled' | 'never' } = {},
  before: (bucket: string) => Promise<void> = async () => {},
): Promise<Survey> {
  const Bucket = await bench.bucket(versioning);
  for (const Key of keys) await put(bench.client, { Bucket, Key, Body: 'x' });
  await before(Bucket);
  const store = await bench.open(Bucket, { endpoint: front.endpoint, ...options });
  front.seen.length = 0;
  try {
    return await store.survey({ ...PLAIN, ...question });
  } finally {
    front.intercept = () => undefined;
    await store.close();
  }
}

const covering = (...prefixes: string[]) => ({ covered: { ...PLAIN.covered, prefixes } });
const shortOf = ({ uncovered }: Survey) =>
  uncovered.map(({ name, places, records }) => [name, places, records?.count, records?.counted]);

describe('prefixes', () => {
  test('that no store covers are counted, with the age of the oldest object', async () => {
    const found = await surveyed(
      ['invoices/1', 'invoices/a/2', 'invoices/a/3', 'logs/1', 'top', 'mine/1', 'mine/2'],
      covering('mine/'),
      { prefix: 'mine/' },
    );
    expect(shortOf(found)).toEqual([
      ['', 1, 1, 'exact'],
      ['invoices/', 1, 3, 'exact'],
      ['logs/', 1, 1, 'exact'],
    ]);
    expect(found.records).toEqual({ count: 2, counted: 'exact' });
    expect(found.uncovered.every(({ oldest = 0 }) => oldest > Date.now() - 60_000)).toBe(true);
    expect(found.notSeen).toEqual([{ part: 'buckets', code: 'NOT_ASKED' }]);
  });

  test('of a store are looked into where it covers only a part', async () => {
    const keys = [
      'users/avatars/1',
      'users/documents/1',
      'users/ada/1',
      'users/readme',
      'users2/x',
      'images/1',
    ];
    expect(shortOf(await surveyed(keys, covering('users/avatars/', 'ima')))).toEqual([
      ['*/', 1, 1, 'exact'],
      ['users/', 1, 1, 'exact'],
      ['users/*/', 1, 1, 'exact'],
      ['users/documents/', 1, 1, 'exact'],
    ]);
    expect(shortOf(await surveyed(keys, covering('')))).toEqual([]);
  });

  test('that are ids of people are told together and without names, few or many', async () => {
    const people = [
      'ada@example.org',
      'lovelace',
      'Ada Lovelace',
      '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a',
      '48151623',
      '%2e',
      'a b+c',
      '日本',
      '7',
    ];
    const found = await surveyed([
      ...people.map((id) => `${id}/profile`),
      'uploads/ada@example.org/1',
      'ada@example.org',
    ]);
    expect(shortOf(found)).toEqual([
      ['', 1, 1, 'exact'],
      ['*/', 9, 5, 'at-least'],
      ['uploads/', 1, 1, 'exact'],
    ]);
    expect(JSON.stringify(found)).not.toMatch(/ada|lovelace|4815|0190|日本|example/i);
  });

  test('with old versions and delete markers only have no objects, and are there all the same', async () => {
    const found = await surveyed(['logs/1', 'logs/2'], {}, {}, async (Bucket) => {
      for (const Key of ['logs/1', 'logs/2'])
        await bench.client.send(new DeleteObjectCommand({ Bucket, Key }));
    });
    expect(shortOf(found)).toEqual([['logs/', 1, 0, 'exact']]);
  });

  test('of a bucket without versions are the same', async () => {
    const found = await surveyed(['logs/1', 'x'], {}, { versioning: 'never' });
    expect(shortOf(found)).toEqual([
      ['', 1, 1, 'exact'],
      ['logs/', 1, 1, 'exact'],
    ]);
  });
});

test('ten million keys end after a fixed number of requests, in bounded memory, and the rest is said to be unseen', async () => {
  let requests = 0;
  front.intercept = ({ url }) => {
    if (!url.includes('versions')) return undefined;
    requests += 1;
    const query = new URL(url, 'http://s3').searchParams;
    const prefix = query.get('prefix') ?? '';
    const rows = Array.from({ length: 1000 }, (_, n) => {
      const key = `${prefix}${String(requests).padStart(6, '0')}-${n}`;
      return query.has('delimiter')
        ? `<CommonPrefixes><Prefix>${key}@example.org/</Prefix></CommonPrefixes>`
        : `<Version><Key>${key}</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><LastModified>2020-01-01T00:00:00Z</LastModified></Version>`;
    });
    const marker = `${prefix}${String(requests).padStart(6, '0')}-~`;
    const body = `<ListVersionsResult><Prefix>${prefix}</Prefix><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>${marker}</NextKeyMarker>${rows.join('')}</ListVersionsResult>`;
    return { status: 200, body };
  };
  const found = await surveyed([], covering('mine/'), { prefix: 'mine/' });
  expect(requests).toBeLessThanOrEqual(20 + 50 + 5);
  expect(found.records).toEqual({ count: 20_000, counted: 'at-least' });
  expect(shortOf(found)).toEqual([['*/', 50_000, 5000, 'at-least']]);
  expect(found.notSeen).toContainEqual({ part: 'prefixes', code: 'TOO_MANY' });
  expect(JSON.stringify(found)).not.toContain('example');
});

describe('buckets of the account', () => {
  test('that no store covers are named without ids', async () => {
    const known: string[] = [];
    for (let n = 0; n < 4; n += 1) await bench.bucket('never');
    const found = await surveyed([], { account: true }, {}, async (bucket) => void known.push(bucket));
    expect(found.uncovered.every(({ kind, name }) => kind === 'bucket' && /^people-\*$/.test(name))).toBe(
      true,
    );
    expect(found.uncovered[0]?.places).toBeGreaterThan(3);
    expect(front.seen.some(({ url }) => url.includes('bucket-region=us-east-1'))).toBe(true);
  });

  test('that may not be listed hide no prefix, and the other way round', async () => {
    const denied = (isBuckets: boolean) => {
      front.intercept = ({ url }) =>
        url.startsWith('/?') === isBuckets ? s3Error('AccessDenied', 'secret', 403) : undefined;
    };
    denied(true);
    const found = await surveyed(['logs/1'], { account: true });
    expect(found.notSeen).toEqual([{ part: 'buckets', code: 'STORE_DENIED' }]);
    expect(shortOf(found)).toEqual([['logs/', 1, 1, 'exact']]);
    denied(false);
    const other = await surveyed(['logs/1'], { account: true });
    expect(other.notSeen).toEqual([
      { part: 'records', code: 'STORE_DENIED' },
      { part: 'prefixes', code: 'STORE_DENIED' },
    ]);
    expect(other.uncovered.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['bucket people-*']);
    expect(JSON.stringify([found, other])).not.toContain('secret');
  });
});

test('a bucket that never answers is a timeout', async () => {
  front.intercept = () => new Promise(() => {});
  const { notSeen, uncovered } = await surveyed(['logs/1'], { account: true }, { timeoutSeconds: 1 });
  expect(notSeen.map(({ part, code }) => `${part} ${code}`)).toEqual([
    'records STORE_TIMEOUT',
    'prefixes STORE_TIMEOUT',
    'buckets STORE_TIMEOUT',
  ]);
  expect(uncovered).toEqual([]);
});

describe('objects of a dataset', () => {
  const edges = (...dates: string[]) => dates.map((date) => ({ at: Date.parse(date), date }));
  const counts = (counted: 'exact' | 'at-least', ...all: number[]) =>
    all.map((count) => ({ count, counted }));

  test('are counted by when they were written, and by a date in their keys', async () => {
    const keys = [
      'logs/2023-05-05/a',
      'logs/2024-05-05/b',
      'logs/2024-05-06/c/d',
      'logs/soon/e',
      'exports/2024-05-05/f',
      'top',
    ];
    const columns = [
      { name: 'kind', type: 'text' },
      { name: 'day', type: 'date' },
      { name: 'id', type: 'integer' },
    ] as const;
    const written = { clock: { column: 'LastModified' }, edges: edges('2020-01-01', '2200-01-01') };
    const found = await surveyed(
      [...keys, 'logs/2024-07-07/7', 'logs/2023-07-07/8'],
      {
        datasets: [
          { category: 'all', ...written },
          { category: 'logs', ...written, where: { prefix: 'logs/' } },
          {
            category: 'dated',
            clock: { column: 'day' },
            where: { prefix: 'logs/' },
            edges: edges('2020-01-01', '2024-01-01'),
          },
        ],
      },
      { keys: columns },
    );
    const none = { count: 0, counted: 'exact' };
    expect(found.datasets).toEqual([
      {
        category: 'all',
        rows: counts('exact', 0, 8, 0),
        noClock: none,
        oldest: expect.any(Number) as unknown,
      },
      {
        category: 'logs',
        rows: counts('exact', 0, 6, 0),
        noClock: none,
        oldest: expect.any(Number) as unknown,
      },
      {
        category: 'dated',
        rows: counts('exact', 0, 1, 1),
        noClock: { count: 4, counted: 'exact' },
        oldest: Date.parse('2023-07-07'),
      },
    ]);
  });

  test('are the least that there is where the list was not read to its end', async () => {
    const datasets = [{ category: 'c', clock: { column: 'LastModified' }, edges: edges('2020-01-01') }];
    const page = `<ListVersionsResult><IsTruncated>true</IsTruncated><Prefix></Prefix><EncodingType>url</EncodingType>
      <NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>
      <Version><Key>a</Key><VersionId>1</VersionId><IsLatest>true</IsLatest><LastModified>2024-05-05T00:00:00.000Z</LastModified></Version>
      </ListVersionsResult>`;
    const found = await surveyed([], { datasets }, {}, async () => {
      front.intercept = ({ url }) => (url.includes('versions') ? { status: 200, body: page } : undefined);
    });
    expect(found.datasets).toMatchObject([
      { rows: counts('at-least', 0, 20), oldest: Date.parse('2024-05-05') },
    ]);
  });
});
