import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { CUSTOMERS, PAYMENTS } from '../../support/driver/contract-messages.ts';
import { countedDeployment, type CountedDeployment } from '../../support/counted/counted-deployment.ts';
import {
  CUSTOMERS_DUE,
  dueCustomers,
  duePayments,
  PAYMENTS_DUE,
  wakeUp,
  type WakeUpCost,
} from '../../support/counted/counted-wake-up.ts';
import { demoDeployment } from '../../support/deployment.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { at } from '../../support/samples.ts';

let tables: TestTables;
let configuration: Configuration;

beforeAll(async () => {
  [tables, configuration] = await Promise.all([startTables(), demoDeployment()]);
});
afterAll(() => tables.stop());

describe('disposing of 1,000 holdings that are due in one minute', () => {
  const DUE = 1000;
  let counted: CountedDeployment;
  let cost: WakeUpCost;

  beforeAll(async () => {
    counted = await countedDeployment(tables, configuration, at(CUSTOMERS_DUE));
    await dueCustomers(counted, DUE);
    cost = await wakeUp(counted, CUSTOMERS_DUE);
  }, 240_000);

  test('disposes of all of them', () => {
    expect(counted.store(CUSTOMERS).effects).toHaveLength(DUE);
    expect(counted.store(CUSTOMERS).size()).toBe(0);
  });

  test('sends them in full chunks', () => {
    expect(cost.chunks).toEqual(Array.from({ length: 10 }, () => 100));
  });

  test('costs at most 2.2 write units a holding, sweep, dispose and seal together', () => {
    expect(cost.units / DUE).toBeLessThanOrEqual(2.2);
  });

  test('costs at most 2.3 requests a holding to registry, log and queues together', () => {
    expect(cost.requests.all / DUE).toBeLessThanOrEqual(2.3);
  });

  test('writes each holding twice, one unit each, and no hint', () => {
    const writes = counted.counter.writes();
    const holdings = writes.filter(({ PK }) => PK.startsWith('H#'));
    expect(holdings).toHaveLength(2 * DUE);
    expect(holdings.every(({ units, written }) => units === 1 && written)).toBe(true);
    expect(writes.filter(({ PK }) => PK.startsWith('B#'))).toEqual([]);
  });

  test('runs no transaction and no scan', () => {
    const commands = Object.keys(counted.counter.requests()).toSorted();
    expect(commands).toEqual(['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
  });

  test('seals every entry, with a head that stays within 4 KB', async () => {
    expect(await counted.index.head()).toMatchObject({ size: DUE, published: true });
    const heads = counted.counter.writes().filter(({ PK }) => PK.startsWith('Y#'));
    expect(heads.length).toBeGreaterThan(0);
    expect(Math.max(...heads.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4096);
  });
});

test('a stage with a next one costs one write unit more: the hint of the next stage', async () => {
  const count = 200;
  const counted = await countedDeployment(tables, configuration, at(PAYMENTS_DUE));
  await duePayments(counted, count);
  const cost = await wakeUp(counted, PAYMENTS_DUE);
  const { effects } = counted.store(PAYMENTS);
  expect(effects.map(({ call }) => call)).toEqual(Array.from({ length: count }, () => 'anonymise'));
  const holdings = counted.counter.writes().filter(({ PK }) => PK.startsWith('H#'));
  const hints = counted.counter.writes().filter(({ PK }) => PK.startsWith('B#'));
  expect([holdings.length, hints.length]).toEqual([2 * count, count]);
  expect(cost.units / count).toBeLessThanOrEqual(2.2 + 1);
  expect(counted.counter.writes().filter(({ bytes, PK }) => bytes > 1024 && PK.startsWith('H#'))).toEqual([]);
}, 240_000);
