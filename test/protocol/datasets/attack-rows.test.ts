import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import {
  LOG_RULE,
  LOGS,
  ROW_EVENTS,
  rowsWorld,
  sweptRows,
  worked,
  writesRows,
} from '../../support/datasets/rows-world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;

describe('an attribute of a row', () => {
  const RULE =
    'if archived is true, 10 years after record.created, otherwise if size is at most 5, 10 years after record.created, otherwise 30 days after record.created';
  const dataset = { ...LOGS, attributes: { archived: 'archived', size: 'size' } };
  const declared = { archived: { type: 'boolean' }, size: { type: 'number' } } as const;
  const policies = [aPolicy({ logs: [aRule(RULE)] }, { events: ROW_EVENTS, attributes: declared })];
  test.each([
    [1, 9],
    ['true', 9],
    [false, '3'],
    [false, Number.NaN],
  ])('keeps it if it is of another type than the policy declares: %s and %s', async (archived, size) => {
    const w = rowsWorld({ policies, store: { datasets: [dataset] } });
    const created = isoUtc(w.clock.now() - 40 * DAY);
    w.store.put(['a'], { created, used: null, archived, size, contract: null });
    w.store.put(['b'], { created, used: null, archived: false, size: 9, contract: null });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.fields(['b'])).toBeUndefined();
    expect(w.store.size()).toBe(1);
    expect(entriesOf(w)).toMatchObject([{ page: { records: 1, undated: 1 } }]);
  });
});

test('a version of the policy that comes into effect after the first rows were decided counts for them', async () => {
  const from = Date.parse('2026-03-01T10:01:00Z');
  const categories = (rule: string) => ({
    logs: [aRule(rule)],
    notes: [aRule('1 day after contract.ended')],
  });
  const w = rowsWorld({
    policies: [
      aPolicy(categories(LOG_RULE), { events: ROW_EVENTS }),
      aPolicy(categories('10 years after record.created'), {
        events: ROW_EVENTS,
        version: '2',
        effectiveFrom: from,
      }),
    ],
  });
  writesRows(w, rowNames(2500), { days: 40 });
  const chunk = await sweptRows(w);
  const { store } = w.core;
  let slices = 0;
  const slow = {
    ...store,
    async range(...asked: Parameters<typeof store.range>) {
      slices += 1;
      if (slices === 2) w.clock.set(from + MINUTE / 2);
      return store.range(...asked);
    },
  };
  await workOnChunk({ ...w.core, store: slow }, chunk);
  expect(slices).toBeGreaterThan(1);
  expect(w.store.size()).toBe(2500);
});

test('a row of which it stays unknown whether it is gone stops no other', async () => {
  const w = rowsWorld();
  writesRows(w, rowNames(5), { days: 31 });
  w.store.fail({ call: 'readBack', code: 'STORE_DENIED', locator: ['r-000001'] });
  await sweptRows(w);
  await w.run(w.clock.now() + 30 * 3_600_000);
  expect(w.store.size()).toBe(0);
  writesRows(w, rowNames(20, 'later'), { days: 31 });
  await w.run(w.clock.now() + 30 * 3_600_000);
  expect(w.store.size()).toBe(0);
  const told = () => entriesOf(w).reduce((sum, { page }) => sum + (page?.records ?? 0), 0);
  expect(told()).toBe(24);
  expect(w.registry.allChunks()).toMatchObject([{ failure: { code: 'STORE_DENIED' } }]);
  w.store.repair();
  await w.run(w.clock.now() + 30 * 3_600_000);
  expect(told()).toBe(25);
  for (const chunk of w.registry.allChunks()) expect(chunk).toMatchObject({ uncertain: [], failures: 0 });
});
