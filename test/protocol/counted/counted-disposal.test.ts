import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '../../support/samples.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import { countedWorld, type Requests } from '../../support/counted/counted-world.ts';

/** Thirty days after the end, the clock tolerance, and the sweep's own. */
const DUE = at('2026-04-01T00:02:00Z');
const START = { start: '2026-03-01T10:00:00Z' };
const ENDED = '2026-03-01';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

describe('disposing of 1,000 holdings that are due in one minute', () => {
  const COUNT = 1000;
  let w: Awaited<ReturnType<typeof countedWorld>>;
  let requests: Requests;
  let sealing: Requests;
  let waking: Requests;
  const worked: string[] = [];

  beforeAll(async () => {
    w = await countedWorld(tables, START);
    await w.prepare(COUNT, ENDED);
    w.reset();
    const bells = await w.wake(DUE);
    waking = w.requests();
    for (const bell of bells) worked.push(await w.work(bell));
    const before = w.requests();
    await w.seal();
    requests = w.requests();
    sealing = difference(requests, before);
  }, 240_000);

  test('disposes of all of them, in full chunks', () => {
    expect(worked).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(w.store.size()).toBe(0);
  });

  test('costs at most 1.3 write units a holding, sweep, dispose and seal together', () => {
    expect(w.counter.writeUnits() / COUNT).toBeLessThanOrEqual(1.3);
  });

  test('costs at most 0.25 requests a holding to registry, log and queues together', () => {
    expect(requests.all / COUNT).toBeLessThanOrEqual(0.25);
  });

  test('takes at most 50 requests, and one for each 80 holdings, to hand them to the lane', () => {
    expect(waking.all).toBeLessThanOrEqual(50 + COUNT / 80);
  });

  test('writes each holding once, one unit, and no hint', () => {
    const writes = w.counter.writes();
    const holdings = writes.filter(({ PK }) => PK.startsWith('H#'));
    expect(holdings).toHaveLength(COUNT);
    expect(holdings.every(({ units, written }) => units === 1 && written)).toBe(true);
    expect(writes.filter(({ PK }) => PK.startsWith('B#'))).toEqual([]);
  });

  test('runs no transaction and no scan', () => {
    expect(Object.keys(w.counter.requests()).toSorted()).toEqual([
      'BatchExecuteStatement',
      'BatchGetItem',
      'BatchWriteItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'UpdateItem',
    ]);
  });

  test('seals every entry in one batch, with at most 4 requests a chunk and a head within 4 KB', async () => {
    expect(sealing.all / worked.length).toBeLessThanOrEqual(4);
    expect(await w.registry.head()).toMatchObject({ size: COUNT, published: true });
    const heads = w.counter.writes().filter(({ PK, SK }) => PK === 'M#' && SK === 'log');
    expect(heads).toHaveLength(2);
    expect(Math.max(...heads.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4096);
  });
});

test('sealing one result alone takes at most 14 requests', async () => {
  const w = await countedWorld(tables, START);
  await w.prepare(3, ENDED);
  for (const bell of await w.wake(DUE)) await w.work(bell);
  w.reset();
  await w.seal();
  expect(w.requests().all).toBeLessThanOrEqual(14);
  expect(await w.registry.head()).toMatchObject({ size: 3, published: true });
});

function difference(a: Requests, b: Requests): Requests {
  return {
    registry: a.registry - b.registry,
    log: a.log - b.log,
    messages: a.messages - b.messages,
    all: a.all - b.all,
  };
}
