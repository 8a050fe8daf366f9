import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { dies, dying, entriesOf, leaseEnds } from '../../support/driver/dying-worker.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';
import { rowsWorld, sweptRows, worked, writesRows } from '../../support/datasets/rows-world.ts';

const HOUR = 3_600_000;

/** Two groups of rows, and a worker that dies once the store has deleted them. */
async function died() {
  const w = rowsWorld();
  writesRows(w, rowNames(5), { days: 40 });
  writesRows(w, rowNames(3, 'u'), { days: 45, used: '2026-01-20' });
  const chunk = await sweptRows(w);
  await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
  expect(w.store.size()).toBe(0);
  return { w, chunk };
}

describe('an attempt that takes over the rows of a dataset', () => {
  test('tells of exactly those that are gone, by the rules that the former attempt had decided by', async () => {
    const { w, chunk } = await died();
    await leaseEnds(w);
    writesRows(w, ['r-000002'], { days: 40 });
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    // Rows that were due for more than a day are planned by their day.
    const first = '2026-02-20T00:00:00.000Z';
    const told = entriesOf(w).toSorted(
      (one, other) => Number(one.page?.records) - Number(other.page?.records),
    );
    expect(told).toMatchObject([
      { outcome: 'already-so', interrupted: true, facts: [{ type: 'record.used' }], page: { records: 3 } },
      {
        outcome: 'already-so',
        interrupted: true,
        rule: told[0]?.rule,
        facts: [{ type: 'record.created' }],
        page: { records: 4, range: { first } },
      },
    ]);
    expect(w.store.calls.range).toBe(1);
    // The row that was written again is read again, and decided again.
    expect(await worked(w.core, chunk)).toEqual(['done']);
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toHaveLength(3);
    expect([...(await pageViolations(w, ['r-000002'])), ...leftOver(w)]).toEqual([]);
  });

  test('keeps those uncertain that it cannot read, and tells of each once', async () => {
    const { w, chunk } = await died();
    await leaseEnds(w);
    for (const row of ['r-000001', 'u-000001'])
      w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: 1, locator: [row] });
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(
      entriesOf(w)
        .map(({ page }) => page?.records ?? 0)
        .toSorted((a, b) => a - b),
    ).toEqual([2, 4]);
    await w.run(w.clock.now() + 2.5 * HOUR);
    expect(
      entriesOf(w)
        .map(({ page }) => page?.records ?? 0)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 1, 2, 4]);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('dies, too, with its result written, and nothing is told twice', async () => {
    const { w, chunk } = await died();
    await leaseEnds(w);
    w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: 1, locator: ['r-000001'] });
    await dies(dying(w.core, 'registry', 'writeChunk', 'before'), chunk).catch(() => undefined);
    await leaseEnds(w);
    await w.run(w.clock.now() + 3.5 * HOUR);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('tells of them first where the dataset is not configured any more', async () => {
    const { w, chunk } = await died();
    await leaseEnds(w);
    const { notes, ...others } = w.core.configuration.stores;
    const stores = { ...others, notes: { ...notes!, datasets: [] } };
    const core = { ...w.core, configuration: { ...w.core.configuration, stores } };
    expect(await worked(core, chunk)).toEqual(['left', 'done']);
    expect(
      entriesOf(w)
        .map(({ page }) => page?.records ?? 0)
        .toSorted((a, b) => a - b),
    ).toEqual([3, 5]);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });
});
