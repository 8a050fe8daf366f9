import { CreateMultipartUploadCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Locator, Store } from '../../../shared/ports/store.ts';
import { frontedS3 } from '../engine/fronted-s3.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { put } from '../store/store-s3-bench.ts';

const { bench, front } = await frontedS3();

const names = (count: number, prefix = 'users/1/'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);
const locators = (keys: readonly string[]): readonly Locator[] => keys.map((key) => [key]);
const lists = (): number => front.seen.filter(({ method }) => method === 'GET').length;

async function using(body: (store: Store, Bucket: string) => Promise<void>): Promise<void> {
  const Bucket = await bench.bucket('Enabled');
  const store = await bench.open(Bucket, { endpoint: front.endpoint });
  front.seen.length = 0;
  try {
    await body(store, Bucket);
  } finally {
    front.intercept = () => undefined;
    await store.close();
  }
}

async function write(Bucket: string, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await put(bench.client, { Bucket, Key, Body: 'x' });
}

describe('objects that follow each other', () => {
  test('are looked at, deleted and read back with a few requests for hundreds of them', () =>
    using(async (store, Bucket) => {
      const keys = names(300);
      await write(Bucket, [...keys, 'users/10/0000', 'users/0/9']);
      front.seen.length = 0;
      const targets = await looked(store, locators(keys));
      expect(lists()).toBeLessThanOrEqual(2);
      expect(new Set(outcomesOf(await store.delete(targets)))).toEqual(new Set(['deleted']));
      expect(new Set(statesOf(await store.readBack(keys.map((key) => gone([key])))))).toEqual(
        new Set(['kept']),
      );
      // Versions and uploads before the deletion, and both after it.
      expect(front.seen.length).toBeLessThanOrEqual(10);
      expect(statesOf(await store.look([['users/10/0000'], ['users/0/9']]))).toEqual(['present', 'present']);
    }));

  test('take seven requests for a whole page of a list, and what is written in between stays', () =>
    using(async (store, Bucket) => {
      const keys = names(store.batch + 5);
      for (const key of keys)
        await (await fetch(`${bench.endpoint}/${Bucket}/${key}`, { method: 'PUT', body: 'x' })).text();
      front.seen.length = 0;
      const place = { by: 'users/{id}/', value: '1' };
      const first = await store.list(place, store.batch);
      if (first.state !== 'listed') throw new Error(first.code);
      expect(first.locators).toEqual(locators(keys.slice(0, store.batch)));
      const versions = (first.seen ?? []).map((one) => (one.state === 'present' ? one.version : undefined));
      const targets = first.locators.map((locator, index) => ({ locator, version: versions[index] ?? '' }));
      // Versions and uploads.
      expect(front.seen.splice(0)).toHaveLength(2);
      await write(Bucket, [keys[500] ?? '']);
      const outcomes = outcomesOf(await store.delete(targets));
      // Versions and uploads; then the deletion. The second version of one took another page.
      expect(front.seen.splice(0).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
      expect(outcomes.flatMap((outcome, index) => (outcome === 'deleted' ? [] : [index, outcome]))).toEqual([
        500,
        'changed',
      ]);
      const others = first.locators.filter((_, index) => index !== 500);
      expect(new Set(statesOf(await store.readBack(others.map(gone))))).toEqual(new Set(['kept']));
      // One version is still between them, so a second page is read.
      expect(front.seen.splice(0)).toHaveLength(3);
      const rest = await store.list(place, store.batch, first.next);
      expect(rest).toMatchObject({ locators: locators(keys.slice(store.batch)) });
      expect(front.seen).toHaveLength(2);
      expect(
        statesOf(await store.readBack([keys[500] ?? '', ...keys.slice(-5)].map((key) => gone([key])))),
      ).toEqual(Array.from({ length: 6 }, () => 'broken'));
    }));

  test('are told apart where some of them are gone, hidden, half uploaded or changed', () =>
    using(async (store, Bucket) => {
      const keys = names(40);
      await write(Bucket, keys.slice(0, 30));
      const targets = await looked(store, locators(keys.slice(0, 30)));
      await bench.client.send(new DeleteObjectCommand({ Bucket, Key: keys[3] ?? '' }));
      await write(Bucket, [keys[5] ?? '']);
      await bench.client.send(new CreateMultipartUploadCommand({ Bucket, Key: keys[35] ?? '' }));
      const states = statesOf(await store.look(locators(keys)));
      const there = states.flatMap((state, index) => (state === 'present' ? [index] : []));
      expect(there).toEqual([...Array.from({ length: 30 }, (_, index) => index), 35]);
      const outcomes = outcomesOf(await store.delete([...targets, { locator: [keys[35] ?? ''] }]));
      const changed = outcomes.flatMap((outcome, index) => (outcome === 'changed' ? [index] : []));
      expect(changed).toEqual([3, 5]);
      expect(outcomes[30]).toBe('deleted');
      const broken = statesOf(await store.readBack(keys.map((key) => gone([key]))));
      expect(broken.flatMap((state, index) => (state === 'broken' ? [index] : []))).toEqual([3, 5]);
    }));

  test('have all of their versions, wherever pages of the list end', () =>
    using(async (store, Bucket) => {
      const keys = names(25);
      for (let round = 0; round < 7; round += 1) await write(Bucket, keys);
      const targets = await looked(store, locators(keys));
      expect(new Set(outcomesOf(await store.delete(targets)))).toEqual(new Set(['deleted']));
      expect(new Set(statesOf(await store.readBack(keys.map((key) => gone([key])))))).toEqual(
        new Set(['kept']),
      );
      expect(await store.list({ by: 'users/{id}/', value: '1' }, 10)).toEqual({
        state: 'listed',
        locators: [],
      });
    }));
});

test('objects with others between them are asked for one by one, after one page that answered for too few', () =>
  using(async (store, Bucket) => {
    const keys = names(1200);
    await write(Bucket, keys);
    const every = keys.filter((_, index) => index % 100 === 0);
    front.seen.length = 0;
    expect(new Set(statesOf(await store.look(locators(every))))).toEqual(new Set(['present']));
    expect(lists()).toBe(1 + every.length - 1);
  }));

test('a page that fails is the answer for all that it was asked for', () =>
  using(async (store, Bucket) => {
    const keys = names(20);
    await write(Bucket, keys);
    front.intercept = ({ url }) =>
      url.includes('versions')
        ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined;
    const answers = await store.look(locators(keys));
    expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"state":"unknown","code":"STORE_DENIED"}']),
    );
  }));

test('a list of all keys may leave out that its prefix is empty', () =>
  using(async (store, Bucket) => {
    const keys = [...names(12, 'a'), ...names(12, 'b')];
    const isThere = (index: number): boolean => index % 2 === 0;
    await write(
      Bucket,
      keys.filter((_, index) => isThere(index)),
    );
    const body = '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>';
    front.intercept = ({ url }) => (url.includes('uploads') ? { status: 200, body } : undefined);
    const expected = keys.map((_, index) => (isThere(index) ? 'present' : 'gone'));
    expect(statesOf(await store.look(locators(keys)))).toEqual(expected);
    expect(lists()).toBe(2);
  }));

test('any objects, asked for together, have the same answers as one by one', () =>
  using(async (store, Bucket) => {
    const part = fc.constantFrom('a', 'b', '!', '~', '/', 'ä', '😀', '0', ' ', '%', '+');
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `k/${parts.join('')}x`);
    const all = fc.sample(key, { numRuns: 60, seed: 14 });
    await write(
      Bucket,
      all.filter((_, index) => index % 3 > 0),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.oneof(fc.constantFrom(...all), key), { minLength: 12, maxLength: 40 }),
        async (asked) => {
          const together = await store.look(locators(asked));
          const alone = [];
          for (const one of asked) alone.push(...(await store.look([[one]])));
          expect(together).toEqual(alone);
        },
      ),
      { numRuns: 25 },
    );
  }));
