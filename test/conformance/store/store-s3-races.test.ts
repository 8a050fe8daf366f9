import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { Store } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { type Intercept, s3Error } from '../engine/s3-front.ts';
import { MARKER } from './store-bench.ts';
import { gone, looked, MAIL_MASKS, mailMasked, outcomesOf, statesOf } from './store-rig.ts';
import { put, textOf, versionIds, type Versioning } from './store-s3-bench.ts';

const { bench, front } = await frontedS3();

interface Scene {
  readonly store: Store;
  readonly bucket: string;
}

const json = (mail: string) => JSON.stringify({ mail });
const JSON_TYPE = { ContentType: 'application/json' };

/** A bucket with `a` and `b`, seen through the front. */
async function using(versioning: Versioning, body: (scene: Scene) => Promise<void>, timeoutSeconds = 20) {
  const bucket = await bench.bucket(versioning);
  for (const key of ['a', 'b'])
    await put(bench.client, { Bucket: bucket, Key: key, Body: json(MARKER), ...JSON_TYPE });
  const store = await bench.open(bucket, { endpoint: front.endpoint, timeoutSeconds });
  try {
    await body({ store, bucket });
  } finally {
    await store.close();
  }
}

/** Does something once, before the first request that matches. */
function before(rule: RegExp, act: () => Promise<unknown>): Intercept {
  let isDone = false;
  return async ({ method, url, body }) => {
    if (isDone || !rule.test(`${method} ${url} ${body}`)) return undefined;
    isDone = true;
    await act();
    return undefined;
  };
}

test.each<Versioning>(['Enabled', 'Suspended', 'never'])(
  'an object that is rewritten between our list and our delete survives (versioning: %s)',
  (versioning) =>
    using(versioning, async ({ store, bucket }) => {
      const targets = await looked(store, [['a'], ['b']]);
      front.intercept = before(/^POST \S*delete/, () =>
        put(bench.client, { Bucket: bucket, Key: 'a', Body: json('new'), ...JSON_TYPE }),
      );
      const acted = outcomesOf(await store.delete(targets));
      // A version is deleted by its id, without affecting the newer one. If a rewrite keeps the id, the condition is
      // needed.
      expect(acted).toEqual([versioning === 'Enabled' ? 'deleted' : 'changed', 'deleted']);
      expect(await textOf(bench.client, bucket, 'a')).toBe(json('new'));
      expect(statesOf(await store.readBack([gone(['a']), gone(['b'])]))).toEqual(['broken', 'kept']);
    }),
);

test.each<Versioning>(['Enabled', 'Suspended', 'never'])(
  'an object that is rewritten between our read and our mask is changed, and stays (versioning: %s)',
  (versioning) =>
    using(versioning, async ({ store, bucket }) => {
      const targets = await looked(store, [['a'], ['b']]);
      front.intercept = before(/^PUT \S*\/a\?/, () =>
        put(bench.client, { Bucket: bucket, Key: 'a', Body: json('new'), ...JSON_TYPE }),
      );
      expect(outcomesOf(await store.anonymise(targets, MAIL_MASKS))).toEqual(['changed', 'anonymised']);
      expect(await textOf(bench.client, bucket, 'a')).toBe(json('new'));
      expect(statesOf(await store.readBack([mailMasked(['a']), mailMasked(['b'])]))).toEqual([
        'broken',
        'kept',
      ]);
    }),
);

test('an object that goes between our read and our mask is not brought back', () =>
  using('never', async ({ store, bucket }) => {
    front.intercept = before(/^PUT \S*\/a\?/, () =>
      bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' })),
    );
    expect(outcomesOf(await store.anonymise([{ locator: ['a'] }], MAIL_MASKS))).toEqual(['already-so']);
    expect(statesOf(await store.look([['a']]))).toEqual(['gone']);
  }));

test('an object that a marker hides between our read and our mask is changed', () =>
  using('Enabled', async ({ store, bucket }) => {
    front.intercept = before(/^PUT \S*\/a\?/, () =>
      bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' })),
    );
    expect(outcomesOf(await store.anonymise([{ locator: ['a'] }], MAIL_MASKS))).toEqual(['changed']);
    expect(outcomesOf(await store.anonymise(await looked(store, [['a']]), MAIL_MASKS))).toEqual([
      'anonymised',
    ]);
    expect(await versionIds(bench.client, bucket, 'a')).toEqual([]);
  }));

test('an object that is written again with equal content is changed', () =>
  using('never', async ({ store, bucket }) => {
    const targets = await looked(store, [['a']]);
    // Lists have times in milliseconds or, in other engines, in seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await put(bench.client, { Bucket: bucket, Key: 'a', Body: json(MARKER), ...JSON_TYPE });
    expect(outcomesOf(await store.delete(targets))).toEqual(['changed']);
  }));

test('one key that S3 fails spoils no other, and is tried again when S3 was only busy', () =>
  using('Enabled', async ({ store, bucket }) => {
    let rounds = 0;
    front.intercept = async ({ method, url, body }) => {
      if (method !== 'POST' || !url.includes('delete')) return undefined;
      rounds += 1;
      if (rounds > 1) return undefined;
      const [a, b] = ['a', 'b'].map(
        (key) => new RegExp(`<Key>${key}</Key><VersionId>([^<]*)</VersionId>`).exec(body)?.[1],
      );
      const error = (key: string, id: string | undefined, code: string) =>
        `<Error><Key>${key}</Key><VersionId>${id}</VersionId><Code>${code}</Code><Message>${MARKER}</Message></Error>`;
      return {
        status: 200,
        body: `<DeleteResult>${error('a', a, 'SlowDown')}${error('b', b, 'InternalError')}</DeleteResult>`,
      };
    };
    const acted = await store.delete(await looked(store, [['a'], ['b']]));
    expect(acted).toEqual([
      { outcome: 'deleted', answer: 'DeleteObjects' },
      { outcome: 'failed', code: 'STORE_ERROR' },
    ]);
    expect(rounds).toBe(2);
    expect(await textOf(bench.client, bucket, 'b')).toBe(json(MARKER));
  }));

test('a key that the answer to a delete does not name is not called deleted', () =>
  using('Enabled', async ({ store }) => {
    const targets = await looked(store, [['a']]);
    front.intercept = ({ method, url }) =>
      method === 'POST' && url.includes('delete')
        ? { status: 200, body: '<DeleteResult></DeleteResult>' }
        : undefined;
    expect(await store.delete(targets)).toEqual([{ outcome: 'failed', code: 'STORE_ERROR' }]);
  }));

test.each([
  ['<ListVersionsResult><Prefix>other</Prefix><IsTruncated>false</IsTruncated></ListVersionsResult>'],
  ['<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>'],
  ['<ListVersionsResult><Prefix>a</Prefix><IsTruncated>true</IsTruncated></ListVersionsResult>'],
])('a list that does not answer the question makes nothing look gone: %s', (body) =>
  using('Enabled', async ({ store }) => {
    front.intercept = ({ url }) => (/[?&]versions/.test(url) ? { status: 200, body } : undefined);
    const unknown = { state: 'unknown', code: 'STORE_ERROR' };
    expect(await store.look([['a']])).toEqual([unknown]);
    expect(await store.readBack([gone(['a'])])).toEqual([unknown]);
    expect(await store.delete([{ locator: ['a'] }])).toEqual([{ outcome: 'failed', code: 'STORE_ERROR' }]);
  }),
);

test.each([
  ['AccessDenied', 403, 'STORE_DENIED', 'refused'],
  ['SlowDown', 503, 'STORE_THROTTLED', 'failed'],
  ['PermanentRedirect', 301, 'STORE_SCHEMA', 'refused'],
  ['InternalError', 500, 'STORE_ERROR', 'failed'],
])('S3 answers %s to every call: %i is %s', (name, status, code, outcome) =>
  using('Enabled', async ({ store }) => {
    front.intercept = () => s3Error(name, MARKER, status);
    const said = [
      await store.look([['a'], ['b']]),
      await store.delete([{ locator: ['a'] }, { locator: ['b'] }]),
      await store.anonymise([{ locator: ['a'] }, { locator: ['b'] }], MAIL_MASKS),
      await store.readBack([gone(['a']), mailMasked(['b'])]),
    ];
    const unknown = { state: 'unknown', code };
    const acted = { outcome, code };
    expect(said).toEqual([
      [unknown, unknown],
      [acted, acted],
      [acted, acted],
      [unknown, unknown],
    ]);
  }),
);

test('a denied delete without a lock is denied, and not called locked', () =>
  using('Enabled', async ({ store }) => {
    const targets = await looked(store, [['a'], ['b']]);
    front.intercept = ({ method, url }) =>
      (method === 'POST' && url.includes('delete')) || /retention|legal-hold/.test(url)
        ? s3Error('AccessDenied', MARKER, 403)
        : undefined;
    const denied = { outcome: 'refused', code: 'STORE_DENIED' };
    expect(await store.delete(targets)).toEqual([denied, denied]);
  }));

test('gives up on an engine that does not answer in time', () =>
  using(
    'Enabled',
    async ({ store }) => {
      front.intercept = () => new Promise(() => {});
      expect(await store.look([['a']])).toEqual([{ state: 'unknown', code: 'STORE_TIMEOUT' }]);
      expect(await store.delete([{ locator: ['a'] }])).toEqual([
        { outcome: 'failed', code: 'STORE_TIMEOUT' },
      ]);
    },
    1,
  ));

test('a delete asks for no content', () =>
  using('Enabled', async ({ store }) => {
    await store.delete(await looked(store, [['a'], ['b']]));
    expect(front.seen.filter(({ method, url }) => method === 'GET' && /\/[ab]\?/.test(url))).toEqual([]);
    expect(front.seen.filter(({ method, url }) => method === 'POST' && url.includes('delete'))).toHaveLength(
      1,
    );
  }));
