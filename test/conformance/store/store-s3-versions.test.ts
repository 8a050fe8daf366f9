import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectLegalHoldCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';
import { put, type S3Bench, s3Bench, textOf, versionIds, type Versioning } from './store-s3-bench.ts';

let bench: S3Bench;
beforeAll(async () => {
  bench = await s3Bench();
});
afterAll(() => bench.stop());

const VERSIONINGS: Versioning[] = ['Enabled', 'Suspended', 'never'];

/** The application deletes it as most do: a delete marker, where versions are kept. */
async function plainDelete(Bucket: string, Key: string): Promise<void> {
  await bench.client.send(new DeleteObjectCommand({ Bucket, Key }));
}

async function leaveUpload(Bucket: string, Key: string): Promise<void> {
  const { UploadId } = await bench.client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  await bench.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'half' }));
}

async function uploadsIn(Bucket: string): Promise<(string | undefined)[]> {
  const { Uploads = [] } = await bench.client.send(new ListMultipartUploadsCommand({ Bucket }));
  return Uploads.map(({ Key }) => Key);
}

test('deletes every version of a key and every delete marker', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket);
  for (const text of ['one', 'two']) await put(bench.client, { Bucket: bucket, Key: 'a', Body: text });
  await plainDelete(bucket, 'a');
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'three' });
  expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(4);
  expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['deleted']);
  expect(await versionIds(bench.client, bucket, 'a')).toEqual([]);
  expect(statesOf(await store.readBack([gone(['a'])]))).toEqual(['kept']);
  await store.close();
});

test('an object that a delete marker hides is present: its data is still there', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'one' });
  const before = await looked(store, [['a']]);
  await plainDelete(bucket, 'a');
  expect(await textOf(bench.client, bucket, 'a')).toBeUndefined();
  expect(statesOf(await store.look([['a']]))).toEqual(['present']);
  expect(statesOf(await store.readBack([gone(['a'])]))).toEqual(['broken']);
  expect(outcomesOf(await store.delete(before))).toEqual(['changed']);
  expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(2);
  expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['deleted']);
  expect(await versionIds(bench.client, bucket, 'a')).toEqual([]);
  await store.close();
});

test('deletes more versions than one list or one request can hold', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket, { timeoutSeconds: 50 });
  await put(bench.client, { Bucket: bucket, Key: 'a0', Body: 'a neighbour' });
  for (let round = 0; round < 42; round += 1) {
    await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        put(bench.client, { Bucket: bucket, Key: 'a', Body: `${round} ${index}` }),
      ),
    );
  }
  expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['deleted']);
  expect(statesOf(await store.readBack([gone(['a']), gone(['a0'])]))).toEqual(['kept', 'broken']);
  expect(await textOf(bench.client, bucket, 'a0')).toBe('a neighbour');
  await store.close();
});

test.each(VERSIONINGS)('a key that others begin with goes alone (versioning: %s)', async (versioning) => {
  const bucket = await bench.bucket(versioning);
  const store = await bench.open(bucket);
  const keys = ['a', 'a/', 'a/b', 'a/b/c', 'ab', 'A', 'b'];
  for (const key of keys) await put(bench.client, { Bucket: bucket, Key: key, Body: key });
  for (const key of ['a', 'a/b', 'a/']) {
    expect(outcomesOf(await store.delete(await looked(store, [[key]])))).toEqual(['deleted']);
    expect(statesOf(await store.look([[key]]))).toEqual(['gone']);
  }
  const left = ['a/b/c', 'ab', 'A', 'b'];
  for (const key of left) expect(await textOf(bench.client, bucket, key)).toBe(key);
  // Keys that only share the prefix do not make an object present.
  expect(statesOf(await store.look([['a'], ['a/'], ['a/b']]))).toEqual(['gone', 'gone', 'gone']);
  await store.close();
});

test.each(VERSIONINGS)('finds keys of all scripts under a prefix (versioning: %s)', async (versioning) => {
  const bucket = await bench.bucket(versioning);
  const store = await bench.open(bucket, { prefix: 'Bilder & Töne/' });
  const names = [
    'Zoë.png',
    'e\u0301.png',
    'é.png',
    '写真 1+2%20.jpg',
    '👩‍👩‍👧',
    '<a>&"b"',
    '../up',
    'a//b',
    '.',
    '?x=1#y',
  ];
  for (const name of names)
    await put(bench.client, { Bucket: bucket, Key: `Bilder & Töne/${name}`, Body: name });
  await put(bench.client, { Bucket: bucket, Key: 'é.png', Body: 'outside of the prefix' });
  const locators = names.map((name) => [name]);
  expect(statesOf(await store.look(locators))).toEqual(names.map(() => 'present'));
  const [first, ...rest] = await looked(store, locators);
  expect(outcomesOf(await store.delete(first ? [first] : []))).toEqual(['deleted']);
  for (const name of names.slice(1))
    expect(await textOf(bench.client, bucket, `Bilder & Töne/${name}`)).toBe(name);
  expect(outcomesOf(await store.delete(rest))).toEqual(rest.map(() => 'deleted'));
  expect(statesOf(await store.readBack(locators.map(gone)))).toEqual(names.map(() => 'kept'));
  expect(await textOf(bench.client, bucket, 'é.png')).toBe('outside of the prefix');
  await store.close();
});

test('uploads that were never completed are data: they go with the object, and those of other keys stay', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'whole' });
  for (const key of ['a', 'a', 'ab', 'only']) await leaveUpload(bucket, key);
  expect(statesOf(await store.look([['a'], ['only'], ['o']]))).toEqual(['present', 'present', 'gone']);
  expect(statesOf(await store.readBack([gone(['only'])]))).toEqual(['broken']);
  const targets = await looked(store, [['a'], ['only']]);
  expect(outcomesOf(await store.delete(targets))).toEqual(['deleted', 'deleted']);
  expect(await uploadsIn(bucket)).toEqual(['ab']);
  expect(statesOf(await store.readBack([gone(['a']), gone(['only'])]))).toEqual(['kept', 'kept']);
  await store.close();
});

test('an object written before versions were kept goes with them, also when it is the newest', async () => {
  const bucket = await bench.bucket('never');
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'newest', Body: 'from before' });
  await put(bench.client, { Bucket: bucket, Key: 'older', Body: 'from before' });
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await bench.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  await put(bench.client, { Bucket: bucket, Key: 'older', Body: 'from after' });
  const targets = await looked(store, [['newest'], ['older']]);
  expect(outcomesOf(await store.delete(targets))).toEqual(['deleted', 'deleted']);
  for (const key of ['newest', 'older']) expect(await versionIds(bench.client, bucket, key)).toEqual([]);
  await store.close();
});

test('where versioning is suspended, no version and no delete marker stays', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'kept version' });
  const VersioningConfiguration = { Status: 'Suspended' } as const;
  await bench.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'null version' });
  expect(outcomesOf(await store.delete(await looked(store, [['a']])))).toEqual(['deleted']);
  expect(await versionIds(bench.client, bucket, 'a')).toEqual([]);
  await store.close();
});

test('a hundred objects in one batch each get their own outcome', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  const ids = Array.from({ length: 100 }, (_, id) => id);
  const here = ids.filter((id) => id % 4 !== 0);
  for (const id of here)
    await put(bench.client, { Bucket: bucket, Key: `object ${id}`, Body: `first ${id}` });
  const found = await store.look(ids.map((id) => [`object ${id}`]));
  for (const id of here.filter((one) => one % 4 === 1))
    await put(bench.client, { Bucket: bucket, Key: `object ${id}`, Body: 'again' });
  const LegalHold = { Status: 'ON' } as const;
  for (const id of here.filter((one) => one % 4 === 2)) {
    const Key = `object ${id}`;
    await bench.client.send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key, LegalHold }));
  }
  const targets = found.map((presence, id) => {
    const locator = [`object ${id}`];
    return presence.state === 'present' && presence.version !== undefined
      ? { locator, version: presence.version }
      : { locator };
  });
  const expected = ['already-so', 'changed', 'refused', 'deleted'];
  expect(outcomesOf(await store.delete(targets))).toEqual(ids.map((id) => expected[id % 4]));
  const left = await store.readBack(ids.map((id) => gone([`object ${id}`])));
  expect(statesOf(left)).toEqual(ids.map((id) => (id % 4 === 1 || id % 4 === 2 ? 'broken' : 'kept')));
  await store.close();
});
