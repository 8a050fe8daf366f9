import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { MOST_DOCUMENT_BYTES, type Store } from '../../../shared/ports/store.ts';
import { answering } from '../../../shared/stores/answering.ts';
import { memoryStore } from '../../../shared/stores/memory-store.ts';
import { toRead } from './reading-suite.ts';

const now = () => Date.UTC(2026, 2, 1);

test('records in memory are documents, without fields that are not there', async () => {
  const store = memoryStore({ now });
  store.put(['a'], {
    name: 'ada',
    born: undefined,
    score: 0.5,
    large: 1e21,
    none: null,
    so: true,
    wrong: NaN,
  });
  store.put(['large'], { text: 'x'.repeat(MOST_DOCUMENT_BYTES) });
  expect(await store.read(toRead([['a'], ['large'], ['b']]))).toEqual([
    {
      state: 'document',
      document: { name: 'ada', score: 0.5, large: 1e21, none: null, so: true, wrong: 'NaN' },
    },
    { state: 'too-large', bytes: MOST_DOCUMENT_BYTES + '{"text":""}'.length },
    { state: 'gone' },
  ]);
  expect(store.calls.read).toBe(1);
  expect(store.effects).toEqual([]);
});

test('or files, which go to the place that each was asked for', async () => {
  const copies = new Map<string, string>();
  const store = memoryStore({
    now,
    copy: (into, bytes) => void copies.set(into, Buffer.from(bytes).toString()),
  });
  store.put(['a'], { name: 'ada' });
  const [first, second] = toRead([['a'], ['a']]);
  const text = '{"name":"ada"}';
  const file = {
    state: 'file',
    bytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
    mediaType: 'application/json',
    extension: 'json',
  };
  expect(await store.read([first, second, ...toRead([['b']])].flatMap((one) => one ?? []))).toEqual([
    file,
    file,
    { state: 'gone' },
  ]);
  expect([...copies]).toEqual([first, second].map((one) => [one?.into, text]));
});

test('a fault is for one record, and for as many answers as it says', async () => {
  const store = memoryStore({ now });
  for (const id of ['a', 'b']) store.put([id], { id });
  store.fail({ call: 'read', code: 'STORE_DENIED', locator: ['a'], times: 1 });
  const batch = toRead([['a'], ['b']]);
  const there = (id: string) => ({ state: 'document', document: { id } });
  expect(await store.read(batch)).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }, there('b')]);
  expect(await store.read(batch)).toEqual([there('a'), there('b')]);
});

test('a read that throws is an answer for every item, and is told', async () => {
  const broken: Store = {
    ...memoryStore({ now }),
    read: () => Promise.reject(new TypeError('of ada@example.org')),
  };
  const told: unknown[] = [];
  const batch = toRead([['a'], ['b']]);
  expect(await answering(broken, (error) => told.push(error)).read(batch)).toEqual(
    batch.map(() => ({ state: 'unknown', code: 'STORE_ERROR' })),
  );
  expect(told).toHaveLength(1);
});
