import { afterAll, beforeAll, expect, test } from 'vitest';
import { censusSegment, startCensus } from '../../../shared/protocol/census.ts';
import { countedDisposal, DUE } from '../../support/counted/counted-disposal.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What records cost that were deleted in one minute, and are looked at again the day after. */
interface Costs {
  /** Write units of sweep, lane and seal. */
  readonly deletion: number;
  readonly statement: number;
  readonly check: number;
  readonly checkRequests: number;
}

let tables: TestTables;
let few: Costs;
let many: Costs;
beforeAll(async () => {
  tables = await startTables();
  few = await costsOf(100);
  many = await costsOf(600);
}, 240_000);
afterAll(() => tables.stop());

async function costsOf(count: number): Promise<Costs> {
  const { w } = await countedDisposal(tables, count, { store: { afterCare: [1] } });
  const deletion = w.counter.writeUnits();
  w.clock.set(DUE + DAY);
  w.reset();
  await startCensus(w.core);
  while (w.sweeps.length > 0) {
    for (const message of w.sweeps.splice(0))
      if (message.kind === 'walk') await censusSegment(w.core, message, () => true);
  }
  const statement = w.counter.writeUnits();
  w.reset();
  for (const bell of await w.wake(DUE + DAY + 2 * HOUR)) await w.work(bell);
  return { deletion, statement, check: w.counter.writeUnits(), checkRequests: w.requests().all };
}

/** Of one record more. */
const each = (cost: keyof Costs): number => (many[cost] - few[cost]) / 500;

test('deleting a record that will be looked at again costs at most 2.3 write units', () => {
  expect(each('deletion')).toBeLessThanOrEqual(2.3);
});

test('a check costs at most 1.2 write units and 0.15 requests a record', () => {
  expect(each('check')).toBeLessThanOrEqual(1.2);
  expect(each('checkRequests')).toBeLessThanOrEqual(0.15);
});

test('a census with its statement costs at most 0.05 write units a record that was due, and 40 besides', () => {
  expect(each('statement')).toBeLessThanOrEqual(0.05);
  expect(few.statement).toBeLessThanOrEqual(45);
});
