import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CountedRePlan, countedRePlan } from '../../support/counted/counted-re-plan.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

/** What the policies, the walks and the ends of their runs take, however many holdings there are. */
const FIXED_READS = 40;

describe('a change of one policy that covers one of four holdings, every message delivered twice at once', () => {
  const HOLDINGS = 400;
  const CHANGED = HOLDINGS / 4;
  let planned: CountedRePlan;
  beforeAll(async () => {
    planned = await countedRePlan(tables, { holdings: HOLDINGS, everyOther: 4 });
  }, 120_000);

  test('plans exactly these, and writes no other holding and no hint: their dates move later', () => {
    const { H, B = 0, E = 0 } = planned.written;
    expect({ H, B, E }).toEqual({ H: CHANGED, B: 0, E: 0 });
    const under = planned.w.counter.writes().filter(({ PK, written }) => PK.startsWith('H#') && written);
    expect(under).toHaveLength(CHANGED);
  });

  test('reads the table once, and of each of these its state before and after the write', () => {
    expect(planned.reads - planned.onePass).toBeLessThanOrEqual(2 * CHANGED + FIXED_READS);
  });

  test('reads states a hundred at a time, and writes twenty-five at a time', () => {
    const { BatchGetItem = 0, BatchExecuteStatement = 0 } = planned.w.counter.requests();
    // A part of a hundred in each segment at most, with 25 at the end of each.
    expect(BatchGetItem).toBeLessThanOrEqual(2 * (CHANGED / 100 + 4));
    expect(BatchExecuteStatement).toBeLessThanOrEqual(CHANGED / 25 + 4);
  });
});

test('a walker that has time for one page a run, and is started twice at once, reads no page twice', async () => {
  const planning = { holdings: 500, everyOther: 500, attributeBytes: 16_000, pagesARun: 1 };
  const planned = await countedRePlan(tables, planning);
  // Several pages of a megabyte in each segment.
  expect(planned.w.counter.requests()['Scan']).toBeGreaterThanOrEqual(8);
  expect(planned.reads).toBeLessThanOrEqual(1.1 * planned.onePass);
}, 120_000);
