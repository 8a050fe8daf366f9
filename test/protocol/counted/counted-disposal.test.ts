import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CountedDisposal,
  countedDisposal,
  countedSealing,
} from '../../support/counted/counted-disposal.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

describe('disposing of 1,000 holdings that are due in one minute', () => {
  const COUNT = 1000;
  let disposal: CountedDisposal;
  beforeAll(async () => {
    disposal = await countedDisposal(tables, COUNT);
  }, 240_000);

  test('disposes of all of them, in full chunks', () => {
    expect(disposal.worked).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(disposal.w.store.size()).toBe(0);
  });

  test('costs at most 1.3 write units a holding, sweep, dispose and seal together', () => {
    expect(disposal.w.counter.writeUnits() / COUNT).toBeLessThanOrEqual(1.3);
  });

  test('costs at most 0.26 requests a holding to registry, log and queues together', () => {
    expect(disposal.requests.all / COUNT).toBeLessThanOrEqual(0.26);
  });

  test('takes at most 50 requests, and one for each 80 holdings, to hand them to the lane', () => {
    expect(disposal.waking.all).toBeLessThanOrEqual(50 + COUNT / 80);
  });

  test('writes each holding once, one unit, and no hint', () => {
    const writes = disposal.w.counter.writes();
    const holdings = writes.filter(({ PK }) => PK.startsWith('H#'));
    expect(holdings).toHaveLength(COUNT);
    expect(holdings.every(({ units, written }) => units === 1 && written)).toBe(true);
    expect(writes.filter(({ PK }) => PK.startsWith('B#'))).toEqual([]);
  });

  test('runs no transaction and no scan', () => {
    expect(Object.keys(disposal.w.counter.requests()).toSorted()).toEqual([
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
    const { sealing, worked, w } = disposal;
    expect(sealing.all / worked.length).toBeLessThanOrEqual(4);
    expect(await w.registry.head()).toMatchObject({ size: COUNT, published: true });
    const heads = w.counter.writes().filter(({ PK }) => PK === 'M#log');
    expect(heads).toHaveLength(2);
    expect(Math.max(...heads.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4096);
  });
});

test('sealing, indexing and signing the first result of a log takes at most 31 requests', async () => {
  const { requests, sealed } = await countedSealing(tables, 1, 3);
  expect(requests.all).toBeLessThanOrEqual(31);
  expect(sealed).toBe(3);
});
