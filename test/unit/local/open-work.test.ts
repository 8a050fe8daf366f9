import { expect, test } from 'vitest';
import { openWork } from '../../../local/open-work.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { Chunk, WorkRecord } from '../../../shared/domain/record/work.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aRequest } from '../../support/people-requests.ts';

const KEY = { lane: 'crm', producer: 'shop', minute: 60_000, id: 'a'.repeat(22) };
const CHUNK: Chunk = {
  ...KEY,
  version: 7,
  refs: ['r' as HoldingRef],
  attempts: 0,
  failures: 0,
  uncertain: [],
};

function workOf(token: string): WorkRecord {
  return { lane: 'crm', chunk: KEY, token, begunAt: 0, until: 600_000, refs: CHUNK.refs, actedOn: [] };
}

/** What one of the writes leaves open; each list of writes is made on a registry of its own. */
async function openAfter(...writes: readonly ((registry: Registry) => Promise<unknown>)[]) {
  const work = openWork(memoryRegistry());
  for (const write of writes) await write(work.registry);
  return work.isOpen();
}

const put = (registry: Registry) => registry.putChunks([CHUNK]);
const begin = (registry: Registry) => registry.putWork(workOf('1970-01-01T00.first'));
const takeOver = (registry: Registry) =>
  registry.putWork(workOf('1970-01-01T00.second'), '1970-01-01T00.first');
const end = (token: string) => (registry: Registry) => registry.deleteWork(workOf(`1970-01-01T00.${token}`));

test('a chunk is open until it is deleted', async () => {
  expect(await openAfter()).toBe(false);
  expect(await openAfter(put)).toBe(true);
  expect(await openAfter(put, (registry) => registry.writeChunk({ ...CHUNK, version: 8 }))).toBe(true);
  expect(await openAfter(put, (registry) => registry.deleteChunk(CHUNK))).toBe(false);
});

test('a chunk that another worker wrote stays open, and one that another worker deleted does not', async () => {
  const write = (registry: Registry) => registry.writeChunk({ ...CHUNK, version: 8 });
  const remove = (version: number) => (registry: Registry) => registry.deleteChunk({ ...CHUNK, version });
  expect(await openAfter(put, write, remove(7))).toBe(true);
  expect(await openAfter(put, remove(7), remove(7))).toBe(false);
});

test('a work record is open until it is deleted, also after a take-over', async () => {
  expect(await openAfter(begin)).toBe(true);
  expect(await openAfter(begin, end('first'))).toBe(false);
  expect(await openAfter(begin, takeOver, end('first'))).toBe(true);
  expect(await openAfter(begin, takeOver, end('second'))).toBe(false);
  const tooLate = (registry: Registry) => registry.putWork(workOf('1970-01-01T00.third'));
  expect(await openAfter(begin, tooLate, end('first'))).toBe(false);
});

test('a result is open until it is in the log', async () => {
  const token = '1970-01-01T00.first';
  const note = (registry: Registry) => registry.putToBeSealed({ token, putAt: 0, until: 600_000 });
  expect(await openAfter(note)).toBe(true);
  expect(await openAfter(note, (registry) => registry.deleteToBeSealed([token]))).toBe(false);
});

test('a copy for a person is open from its identity on until the request is over', async () => {
  const asked = aRequest({ kind: 'export' });
  const step = (version: number, change: Partial<PersonRequest>) => (registry: Registry) =>
    registry.putRequest({ ...asked, ...change, version });
  expect(await openAfter(step(1, { state: 'awaiting-identity' }))).toBe(false);
  expect(await openAfter(step(1, { state: 'awaiting-identity' }), step(2, { state: 'running' }))).toBe(true);
  expect(await openAfter(step(1, { state: 'running' }), step(2, { state: 'closed' }))).toBe(false);
  // Another writer was first: what it wrote is still to be done.
  expect(await openAfter(step(1, { state: 'running' }), step(1, { state: 'closed' }))).toBe(true);
  expect(await openAfter(step(1, { kind: 'erase', state: 'running' }))).toBe(false);
});

test('what is being written is open before it is there', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = openWork({ ...memoryRegistry(), putChunks: () => promise });
  const putting = work.registry.putChunks([CHUNK]);
  expect(work.isOpen()).toBe(true);
  resolve();
  await putting;
});

test('a write of a holding is told once', async () => {
  const work = openWork(memoryRegistry());
  expect(work.wroteSince()).toBe(false);
  await work.registry.writeHoldings([]);
  expect(work.wroteSince()).toBe(true);
  expect(work.wroteSince()).toBe(false);
});

test('days on which nothing was sealed are known to be empty, and only those', async () => {
  const asked: string[] = [];
  const memory = memoryRegistry();
  const { registry } = openWork({
    ...memory,
    sealedOfDay(day) {
      asked.push(day);
      return memory.sealedOfDay(day);
    },
  });
  const sealed = { token: '2026-03-01T10.first', first: 0, count: 1, store: 'crm', rules: [], outcomes: {} };
  await registry.putSealed([sealed]);
  expect(await registry.sealedOfDay('2026-03-01')).toEqual([sealed]);
  expect(await registry.sealedOfDay('2026-03-02')).toEqual([]);
  expect(asked).toEqual(['2026-03-01']);
});

test('a chunk of a dataset that waits for a person is not open again when the next sweep puts it once more', async () => {
  const waits = [{ code: 'RULE_STOPPED' as const, count: 3, rule: 'a rule' }];
  const wait = (registry: Registry) => registry.writeChunk({ ...CHUNK, version: 8, waits });
  expect(await openAfter(put, wait, put)).toBe(false);
  const goOn = (registry: Registry) => registry.writeChunk({ ...CHUNK, version: 9 });
  expect(await openAfter(put, wait, put, goOn)).toBe(true);
  const remove = (registry: Registry) => registry.deleteChunk({ ...CHUNK, version: 8 });
  expect(await openAfter(put, wait, remove, put)).toBe(true);
});

test('while rows are not looked for, each dataset has just had its pass', async () => {
  const memory = memoryRegistry();
  let now: number | undefined = 7_200_000;
  const { registry } = openWork(memory, () => now);
  expect(await registry.walk('dataset/logs')).toEqual({ id: 'dataset/logs', version: 1, at: 7_200_000 });
  expect(await registry.walk('census/0')).toEqual(await memory.walk('census/0'));
  now = undefined;
  expect(await registry.walk('dataset/logs')).toEqual(await memory.walk('dataset/logs'));
});
