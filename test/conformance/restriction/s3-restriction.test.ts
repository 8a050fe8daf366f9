import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { Store } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { type Intercept, s3Error } from '../engine/s3-front.ts';
import { MARKER } from '../store/store-bench.ts';
import { looked, MAIL_MASKS, outcomesOf, statesOf } from '../store/store-rig.ts';
import { put, TAG, textOf, versionIds, type Versioning } from '../store/store-s3-bench.ts';
import { documentedBlocks } from './documented-blocks.ts';
import { FREE, marksOf, RESTRICTED, restricted } from './restriction-suite.ts';

const { bench, front } = await frontedS3();

const OBJECT = { Body: JSON.stringify({ mail: MARKER }), ContentType: 'application/json' };
const MARK = { Key: TAG, Value: 'true' };

async function using(
  versioning: Versioning,
  body: (store: Store, bucket: string) => Promise<void>,
): Promise<void> {
  const bucket = await bench.bucket(versioning);
  const store = await bench.open(bucket, { endpoint: front.endpoint });
  try {
    await body(store, bucket);
  } finally {
    await store.close();
  }
}

const write = (Bucket: string, Key: string, Tagging?: string) =>
  put(bench.client, { Bucket, Key, ...OBJECT, ...(Tagging === undefined ? {} : { Tagging }) });

async function tagsOf(Bucket: string, Key: string, VersionId?: string) {
  const named = { Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) };
  return (await bench.client.send(new GetObjectTaggingCommand(named))).TagSet ?? [];
}

async function restrict(store: Store, key: string, on = true): Promise<string[]> {
  return outcomesOf(await store.restrict(await looked(store, [[key]]), on));
}

/** Does something once, before the first request that matches. */
function before(rule: RegExp, act: () => Promise<unknown>): Intercept {
  let isDone = false;
  return async ({ method, url }) => {
    if (isDone || !rule.test(`${method} ${url}`)) return undefined;
    isDone = true;
    await act();
    return undefined;
  };
}
const TAGGING = /^PUT \S*\/a\?\S*tagging/;

test('every version gets the tag and keeps its other tags, and loses only that tag again', () =>
  using('Enabled', async (store, bucket) => {
    for (const tags of ['team=one', 'team=two&note=a%20%26%20%3Cb%3E', undefined])
      await write(bucket, 'a', tags);
    await write(bucket, 'ab');
    const ids = await versionIds(bench.client, bucket, 'a');
    const all = () => Promise.all(ids.map((id) => tagsOf(bucket, 'a', id)));
    const without = await all();
    expect(without.toReversed()).toEqual([
      [{ Key: 'team', Value: 'one' }],
      [
        { Key: 'team', Value: 'two' },
        { Key: 'note', Value: 'a & <b>' },
      ],
      [],
    ]);
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await all()).toEqual(without.map((tags) => [...tags, MARK]));
    expect(await tagsOf(bucket, 'ab')).toEqual([]);
    expect(await restrict(store, 'a', false)).toEqual(['lifted']);
    expect(await all()).toEqual(without);
    expect(await versionIds(bench.client, bucket, 'a')).toEqual(ids);
  }));

test('one version without the tag is not restricted, and one with it is not free', () =>
  using('Enabled', async (store, bucket) => {
    await write(bucket, 'a');
    await restrict(store, 'a');
    await write(bucket, 'a');
    expect(await marksOf(store, [['a']])).toEqual(['broken broken']);
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
    expect(await restrict(store, 'a', false)).toEqual(['lifted']);
    expect(await marksOf(store, [['a']])).toEqual([FREE]);
  }));

test('an object that a delete marker hides is restricted: its versions can still be read', () =>
  using('Enabled', async (store, bucket) => {
    await write(bucket, 'a');
    const [id = ''] = await versionIds(bench.client, bucket, 'a');
    await bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await tagsOf(bucket, 'a', id)).toEqual([MARK]);
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
    expect(await textOf(bench.client, bucket, 'a')).toBeUndefined();
  }));

test('a version from before versions were kept is restricted, too, and no other one in its place', () =>
  using('never', async (store, bucket) => {
    await write(bucket, 'a', 'from=before');
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await bench.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    await write(bucket, 'a', 'from=after');
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await tagsOf(bucket, 'a', 'null')).toEqual([{ Key: 'from', Value: 'before' }, MARK]);
    expect(await tagsOf(bucket, 'a')).toEqual([{ Key: 'from', Value: 'after' }, MARK]);
  }));

test('an upload that was never completed has nothing that can be read, and stays', () =>
  using('Enabled', async (store, bucket) => {
    await bench.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'a' }));
    expect(await restrict(store, 'a')).toEqual(['already-so']);
    expect(statesOf(await store.readBack([restricted(['a'])]))).toEqual(['kept']);
    expect(statesOf(await store.look([['a']]))).toEqual(['present']);
  }));

test('an object with ten other tags has no room for one more: refused, and its tags stay', () =>
  using('Enabled', async (store, bucket) => {
    const tags = Array.from({ length: 10 }, (_, index) => `tag-${index}=${index}`);
    await write(bucket, 'full', tags.join('&'));
    await write(bucket, 'a', tags.slice(1).join('&'));
    const refused = { outcome: 'refused', code: 'STORE_CONSTRAINT' };
    const acted = await store.restrict(await looked(store, [['full'], ['a']]), true);
    expect(acted).toEqual([refused, { outcome: 'restricted', answer: 'PutObjectTagging' }]);
    expect(await tagsOf(bucket, 'full')).toHaveLength(10);
    expect(await marksOf(store, [['full'], ['a']])).toEqual([FREE, RESTRICTED]);
    expect(await restrict(store, 'full', false)).toEqual(['already-so']);
  }));

test('the tag with another value says nothing, and is overwritten', () =>
  using('Enabled', async (store, bucket) => {
    await write(bucket, 'a', `${TAG}=false&team=one`);
    expect(await marksOf(store, [['a']])).toEqual([FREE]);
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await tagsOf(bucket, 'a')).toEqual([{ Key: 'team', Value: 'one' }, MARK]);
  }));

test.each<Versioning>(['Enabled', 'Suspended', 'never'])(
  'an object that is rewritten while it is tagged is changed: the new version has no tag (versioning: %s)',
  (versioning) =>
    using(versioning, async (store, bucket) => {
      await write(bucket, 'a');
      // Lists of some engines have times in seconds.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      front.intercept = before(TAGGING, () => write(bucket, 'a'));
      expect(await restrict(store, 'a')).toEqual(['changed']);
      expect(await restrict(store, 'a')).toEqual([versioning === 'Enabled' ? 'restricted' : 'already-so']);
      expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
    }),
);

test('an object that goes while it is tagged is not brought back', () =>
  using('never', async (store, bucket) => {
    await write(bucket, 'a');
    front.intercept = before(TAGGING, () =>
      bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' })),
    );
    expect(await restrict(store, 'a')).toEqual(['already-so']);
    expect(statesOf(await store.look([['a']]))).toEqual(['gone']);
  }));

test('goes on where it was interrupted: some versions have the tag, and the answer of one was lost', () =>
  using('Enabled', async (store, bucket) => {
    for (let version = 0; version < 12; version += 1) await write(bucket, 'a');
    let tagged = 0;
    front.intercept = ({ method, url }) => {
      if (!TAGGING.test(`${method} ${url}`)) return undefined;
      tagged += 1;
      return tagged > 5 ? s3Error('InternalError', MARKER, 500) : undefined;
    };
    expect(await store.restrict(await looked(store, [['a']]), true)).toEqual([
      { outcome: 'failed', code: 'STORE_ERROR' },
    ]);
    expect(await marksOf(store, [['a']])).toEqual(['broken broken']);
    front.intercept = () => undefined;
    expect(await restrict(store, 'a')).toEqual(['restricted']);
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
  }));

test.each([
  ['AccessDenied', 403, 'STORE_DENIED', 'refused'],
  ['SlowDown', 503, 'STORE_THROTTLED', 'failed'],
  ['InternalError', 500, 'STORE_ERROR', 'failed'],
])('S3 answers %s to what is about tags: %i is %s', (name, status, code, outcome) =>
  using('Enabled', async (store, bucket) => {
    await write(bucket, 'a');
    const targets = await looked(store, [['a']]);
    for (const method of ['GET', 'PUT']) {
      front.intercept = (request) =>
        request.method === method && request.url.includes('tagging')
          ? s3Error(name, MARKER, status)
          : undefined;
      expect(await store.restrict(targets, true)).toEqual([{ outcome, code }]);
    }
    front.intercept = ({ url }) => (url.includes('tagging') ? s3Error(name, MARKER, status) : undefined);
    expect(await store.readBack([restricted(['a'])])).toEqual([{ state: 'unknown', code }]);
  }),
);

test('a masked version has the tag of the version that it replaces', () =>
  using('Enabled', async (store, bucket) => {
    for (const team of ['one', 'two']) await write(bucket, 'a', `team=${team}`);
    await restrict(store, 'a');
    expect(outcomesOf(await store.anonymise(await looked(store, [['a']]), MAIL_MASKS))).toEqual([
      'anonymised',
    ]);
    expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(1);
    expect(await tagsOf(bucket, 'a')).toEqual([{ Key: 'team', Value: 'two' }, MARK]);
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
  }));

test('a tag that somebody takes away is noticed', () =>
  using('Enabled', async (store, bucket) => {
    await write(bucket, 'a');
    await restrict(store, 'a');
    const Tagging = { TagSet: [] };
    await bench.client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: 'a', Tagging }));
    expect(await marksOf(store, [['a']])).toEqual([FREE]);
  }));

test('the example on the page denies what S3 can deny by the tag of the option', () => {
  const [example = ''] = documentedBlocks('s3', 'json');
  const { Statement } = JSON.parse(example) as {
    readonly Statement: readonly {
      readonly Effect: string;
      readonly Principal: string;
      readonly Action: readonly string[];
      readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
    }[];
  };
  for (const { Effect, Principal, Condition } of Statement) {
    expect([Effect, Principal]).toEqual(['Deny', '*']);
    expect(Condition['StringEquals']).toEqual({ [`s3:ExistingObjectTag/${TAG}`]: 'true' });
    // The roles of a deployment have this tag: see test/infra/lane-template.test.ts.
    expect(Object.keys(Condition['StringNotEquals'] ?? {})).toEqual(['aws:PrincipalTag/deployment']);
  }
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
  expect(Statement.flatMap(({ Action }) => Action).toSorted()).toEqual([
    's3:DeleteObjectTagging',
    's3:DeleteObjectVersionTagging',
    's3:GetObject',
    's3:GetObjectAttributes',
    's3:GetObjectVersion',
    's3:GetObjectVersionAttributes',
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
  ]);
});
