import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { Range } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { put, TAG, versionIds } from '../store/store-s3-bench.ts';

/*
 * What a proxy or an overloaded service answers with the status 200 instead of a list. Nothing may look gone by it.
 */

const { bench, front } = await frontedS3();

const ODD: readonly string[] = [
  '',
  ' ',
  '<Error><Code>InternalError</Code></Error>',
  '<html><body>Please log in</body></html>',
  'ok',
  '<ROOT/>',
  '<ROOT></ROOT>',
  '<ROOT><Prefix></Prefix></ROOT>',
  '<ROOT><Prefix>PREFIX</Prefix></ROOT>',
  '<ROOT><Prefix>PREFIX</Prefix><IsTruncated>TRUE</IsTruncated></ROOT>',
  '<ROOT><Prefix>PREFIX</Prefix><IsTruncated>true</IsTruncated></ROOT>',
  '<ROOT><Name>b</Name><IsTruncated>false</IsTruncated>',
];

const KINDS = [
  ['versions', 'ListVersionsResult'],
  ['uploads', 'ListMultipartUploadsResult'],
] as const;

const LETTERS = 'abcdefghijklmno';

describe.each(KINDS)('a list of %s', (kind, root) => {
  describe.each([
    ['without a common beginning', ''],
    ['with one', 'k/'],
  ])('of keys %s', (_, prefix) => {
    test.each(ODD)(
      'that is answered with %j makes nothing look gone',
      async (odd) => {
        const Bucket = await bench.bucket('Enabled');
        const store = await bench.open(Bucket, { endpoint: front.endpoint, timeoutSeconds: 2 });
        const locators = Array.from(LETTERS).map((letter) => [`${prefix}${letter}/1`]);
        const isThere = kind === 'versions';
        if (isThere) for (const [Key = ''] of locators) await put(bench.client, { Bucket, Key, Body: 'x' });
        front.intercept = ({ method, url }) =>
          method === 'GET' && new URL(url, 'http://x').searchParams.has(kind)
            ? { status: 200, body: odd.replaceAll('ROOT', root).replaceAll('PREFIX', prefix) }
            : undefined;
        const looked = await store.look(locators);
        expect(looked.filter(({ state }) => state === 'gone')).toEqual([]);
        const back = await store.readBack(locators.map((locator) => ({ locator, expect: 'gone' })));
        expect(back.filter(({ state }) => state === 'kept')).toEqual([]);
        const acted = await store.delete(locators.map((locator) => ({ locator })));
        expect(acted.filter(({ outcome }) => outcome !== 'failed')).toEqual([]);
        const listed = prefix === '' ? undefined : await store.list({ by: '{id}/', value: 'k' }, 100);
        if (listed !== undefined) expect(listed.state).toBe('unknown');
        const clock = { column: 'LastModified' };
        const until = { at: Date.parse('2099-01-01'), date: '2099-01-01' };
        const range: Range = { clock, columns: [], where: { prefix }, until };
        const ranged = await store.range(range, 100);
        expect(ranged.state).toBe('unknown');
        front.intercept = () => undefined;
        await store.close();
      },
      30_000,
    );
  });
});

test.each(['', '<html></html>'])('a masked write that is answered with %j deletes nothing', async (body) => {
  const Bucket = await bench.bucket('Enabled');
  const store = await bench.open(Bucket, { endpoint: front.endpoint, format: 'json' });
  await put(bench.client, { Bucket, Key: 'a', Body: '{"mail":"m"}' });
  front.intercept = ({ method }) => (method === 'PUT' ? { status: 200, body } : undefined);
  const masks = { mail: { kind: 'null' } } as const;
  const [masked] = await store.anonymise([{ locator: ['a'] }], masks);
  expect(masked).toEqual({ outcome: 'failed', code: 'STORE_ERROR' });
  expect(await versionIds(bench.client, Bucket, 'a')).toHaveLength(1);
  front.intercept = () => undefined;
  expect(await store.anonymise([{ locator: ['a'] }], masks)).toMatchObject([{ outcome: 'anonymised' }]);
  await store.close();
});

test.each(['', '<Tagging></Tagging>', '<html></html>'])(
  'tags that are answered with %j are not lost, and nothing counts as restricted or lifted',
  async (body) => {
    const Bucket = await bench.bucket('Enabled');
    const store = await bench.open(Bucket, { endpoint: front.endpoint });
    await put(bench.client, { Bucket, Key: 'a', Body: 'x', Tagging: `mine=1&${TAG}=true` });
    front.intercept = ({ method, url }) =>
      method === 'GET' && url.includes('tagging') ? { status: 200, body } : undefined;
    for (const on of [true, false]) {
      const [acted] = await store.restrict([{ locator: ['a'] }], on);
      expect(acted?.outcome).toBe('failed');
    }
    const promised = (['restricted', 'unrestricted'] as const).map((expected) => ({
      locator: ['a'],
      expect: expected,
    }));
    for (const { state } of await store.readBack(promised)) expect(state).toBe('unknown');
    const [masked] = await store.anonymise([{ locator: ['a'] }], { mail: { kind: 'null' } });
    expect(masked?.outcome).not.toBe('anonymised');
    front.intercept = () => undefined;
    const { TagSet } = await bench.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }));
    expect(TagSet).toEqual(
      expect.arrayContaining([
        { Key: 'mine', Value: '1' },
        { Key: TAG, Value: 'true' },
      ]),
    );
    await store.close();
  },
);
