import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { contract, registersCustomer, eventMessage } from '../../support/driver/contract-messages.ts';
import { countedDeployment, type CountedDeployment } from '../../support/counted/counted-deployment.ts';
import { messageCost } from '../../support/counted/counted-message.ts';
import { demoDeployment } from '../../support/deployment.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { at } from '../../support/samples.ts';

const NOW = at('2026-03-01T10:00:00Z');

let tables: TestTables;
let configuration: Configuration;
let counted: CountedDeployment;

beforeAll(async () => {
  [tables, configuration] = await Promise.all([startTables(), demoDeployment()]);
});
afterAll(() => tables.stop());
beforeEach(async () => {
  counted = await countedDeployment(tables, configuration, NOW);
});

/** What one message costs, in write units. */
async function costOf(body: string): Promise<{ readonly units: number; readonly hints: number }> {
  const { units, hints, large, scans } = await messageCost(counted, body);
  expect([large, scans]).toEqual([0, 0]);
  return { units, hints };
}

describe('registering', () => {
  test('costs four write units while no date is known', async () => {
    expect(await costOf(registersCustomer(1, NOW))).toEqual({ units: 4, hints: 1 });
  });

  test('costs five write units when the event came first and the date is known', async () => {
    await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
    expect(await costOf(registersCustomer(1, NOW))).toEqual({ units: 5, hints: 2 });
  });

  test('costs no more when the same message comes again', async () => {
    await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
    await counted.ingest(registersCustomer(1, NOW));
    const again = await costOf(registersCustomer(1, NOW));
    expect(again.units).toBeLessThanOrEqual(5);
  });
});

describe('an event', () => {
  test('costs two write units when the entity has no holding', async () => {
    expect(await costOf(eventMessage('contract.ended', contract(1), '2026-02-01', NOW))).toEqual({
      units: 2,
      hints: 0,
    });
  });

  test('costs two more for each holding whose date becomes known', async () => {
    for (let n = 0; n < 40; n += 1) await counted.ingest(registersCustomer(n, NOW, contract('wide')));
    expect(await costOf(eventMessage('contract.ended', contract('wide'), '2026-02-01', NOW))).toEqual({
      units: 2 + 2 * 40,
      hints: 40,
    });
  });

  test('costs one more for a holding whose date stays, and writes no hint', async () => {
    await counted.ingest(registersCustomer(1, NOW));
    await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
    const earlier = eventMessage('contract.ended', contract(1), '2026-01-01', NOW);
    expect(await costOf(earlier)).toEqual({ units: 2 + 1, hints: 0 });
  });

  test('costs one more for a holding whose date moves later, and writes no hint', async () => {
    await counted.ingest(registersCustomer(1, NOW));
    await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
    const extended = eventMessage('contract.ended', contract(1), '2027-02-01', NOW);
    expect(await costOf(extended)).toEqual({ units: 2 + 1, hints: 0 });
  });

  test('costs one more for a holding whose date becomes unknown, and writes no hint', async () => {
    await counted.ingest(registersCustomer(1, NOW));
    await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
    const renewed = eventMessage('contract.renewed', contract(1), '2026-02-15', NOW);
    expect(await costOf(renewed)).toEqual({ units: 2 + 1, hints: 0 });
  });

  test('costs two more for a holding whose date moves earlier', async () => {
    await counted.ingest(registersCustomer(1, NOW));
    await counted.ingest(eventMessage('contract.ended', contract(1), '2030-02-01', NOW));
    await counted.ingest(eventMessage('contract.renewed', contract(1), '2026-03-02', NOW));
    counted.clock.set(at('2026-03-10T10:00:00Z'));
    const sooner = eventMessage('contract.ended', contract(1), '2026-03-09', counted.clock.now());
    expect(await costOf(sooner)).toEqual({ units: 2 + 2, hints: 1 });
  });

  test('costs the same when it comes twice', async () => {
    await counted.ingest(registersCustomer(1, NOW));
    const ended = eventMessage('contract.ended', contract(1), '2026-02-01', NOW);
    await counted.ingest(ended);
    expect(await costOf(ended)).toEqual({ units: 2 + 1, hints: 0 });
  });
});

test('neither registering nor an event runs a transaction, a batch write or a query without an end', async () => {
  await counted.ingest(registersCustomer(1, NOW));
  await counted.ingest(eventMessage('contract.ended', contract(1), '2026-02-01', NOW));
  expect(Object.keys(counted.counter.requests()).toSorted()).toEqual([
    'BatchGetItem',
    'GetItem',
    'PutItem',
    'Query',
  ]);
});
