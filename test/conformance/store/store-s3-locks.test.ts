import {
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';
import { gone, looked, MAIL_MASKS, mailMasked, outcomesOf, statesOf } from './store-rig.ts';
import { put, type S3Bench, s3Bench, textOf, versionIds } from './store-s3-bench.ts';

let bench: S3Bench;
beforeAll(async () => {
  bench = await s3Bench();
});
afterAll(() => bench.stop());

const UNTIL = Date.UTC(2190, 4, 17, 12);
const LATER = Date.UTC(2195, 0, 1);

async function retain(
  Bucket: string,
  Key: string,
  VersionId: string | undefined,
  until: number,
): Promise<void> {
  const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until) } as const;
  await bench.client.send(
    new PutObjectRetentionCommand({
      Bucket,
      Key,
      Retention,
      ...present({ VersionId }),
    }),
  );
}

async function hold(Bucket: string, Key: string, Status: 'ON' | 'OFF'): Promise<void> {
  await bench.client.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status } }));
}

test('refuses what Object Lock retains, with the date, and deletes the others of the batch', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  for (const key of ['locked', 'free']) await put(bench.client, { Bucket: bucket, Key: key, Body: key });
  await retain(bucket, 'locked', undefined, UNTIL);
  expect(await store.delete(await looked(store, [['locked'], ['free']]))).toEqual([
    { outcome: 'refused', code: 'STORE_LOCKED', until: UNTIL },
    { outcome: 'deleted', answer: 'DeleteObjects' },
  ]);
  expect(await textOf(bench.client, bucket, 'locked')).toBe('locked');
  expect(statesOf(await store.readBack([gone(['locked']), gone(['free'])]))).toEqual(['broken', 'kept']);
  await store.close();
});

test('with an older version locked the newest stays too: no older version becomes visible', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'first' });
  const [first] = await versionIds(bench.client, bucket, 'a');
  await retain(bucket, 'a', first, UNTIL);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'second' });
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'third' });
  expect(await store.delete(await looked(store, [['a']]))).toEqual([
    { outcome: 'refused', code: 'STORE_LOCKED', until: UNTIL },
  ]);
  expect(await textOf(bench.client, bucket, 'a')).toBe('third');
  await store.close();
});

test('a locked object whose key does not fit into XML is refused as well', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  const key = 'line\nbreak\u0001';
  await put(bench.client, { Bucket: bucket, Key: key, Body: 'locked' });
  await retain(bucket, key, undefined, UNTIL);
  expect(await store.delete(await looked(store, [[key]]))).toEqual([
    { outcome: 'refused', code: 'STORE_LOCKED', until: UNTIL },
  ]);
  await store.close();
});

test('several locks end with the last of them', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  for (const text of ['first', 'second', 'third'])
    await put(bench.client, { Bucket: bucket, Key: 'a', Body: text });
  const [, second, first] = await versionIds(bench.client, bucket, 'a');
  await retain(bucket, 'a', first, LATER);
  await retain(bucket, 'a', second, UNTIL);
  expect(await store.delete(await looked(store, [['a']]))).toEqual([
    { outcome: 'refused', code: 'STORE_LOCKED', until: LATER },
  ]);
  await store.close();
});

test('a legal hold has no date, and wins over one', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'held' });
  await hold(bucket, 'a', 'ON');
  const refused = { outcome: 'refused', code: 'STORE_LOCKED' };
  expect(await store.delete(await looked(store, [['a']]))).toEqual([refused]);
  await retain(bucket, 'a', undefined, UNTIL);
  expect(await store.delete(await looked(store, [['a']]))).toEqual([refused]);
  await hold(bucket, 'a', 'OFF');
  expect(await store.delete(await looked(store, [['a']]))).toEqual([{ ...refused, until: UNTIL }]);
  await store.close();
});

test("a bucket's default retention locks what is written, and a key is not hidden with a delete marker instead of being deleted", async () => {
  const bucket = await bench.bucket('Enabled', true);
  const ObjectLockConfiguration = {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
  } as const;
  await bench.client.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration }));
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'kept' });
  expect(await store.delete(await looked(store, [['a']]))).toMatchObject([
    { outcome: 'refused', code: 'STORE_LOCKED', until: expect.any(Number) },
  ]);
  expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(1);
  await store.close();
});

test('an object whose old version is locked is masked on top, and refused until the old one may go', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  await put(bench.client, {
    Bucket: bucket,
    Key: 'a',
    Body: '{"mail":"ada@example.org"}',
    ContentType: 'application/json',
  });
  await retain(bucket, 'a', undefined, UNTIL);
  const refused = { outcome: 'refused', code: 'STORE_LOCKED', until: UNTIL };
  expect(await store.anonymise(await looked(store, [['a']]), MAIL_MASKS)).toEqual([refused]);
  expect(await textOf(bench.client, bucket, 'a')).not.toContain('ada');
  expect(statesOf(await store.readBack([mailMasked(['a'])]))).toEqual(['broken']);
  expect(await store.anonymise(await looked(store, [['a']]), MAIL_MASKS)).toEqual([refused]);
  expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(2);
  expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['refused']);
  await store.close();
});
