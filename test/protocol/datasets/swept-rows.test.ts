import { expect, test } from 'vitest';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import { LOGS, rowsWorld, writesRows } from '../../support/datasets/rows-world.ts';
import { chunksOfDatasets, withStores } from '../../support/datasets/swept-world.ts';
import { beat, entriesOf } from '../../support/driver/dying-worker.ts';
import { OTHER_PRODUCER, STORE, type World } from '../../support/driver/world.ts';
import { rowNames } from '../../support/pages/collection-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function codes(w: World): readonly string[] {
  return w.reports.lines.map(({ code }) => code);
}

test('rows go within about an hour after they are due, each once, and a lane that is idle has no chunk', async () => {
  const w = rowsWorld({ start: '2026-03-01T10:20:00Z' });
  // One comes due every 20 minutes for two days.
  const first = w.clock.now() - 30 * DAY;
  const due = new Map<string, number>();
  for (const [index, name] of rowNames(144).entries()) {
    const created = first + index * 20 * 60_000;
    w.store.put([name], { created: isoUtc(created), used: null, country: null, contract: null });
    due.set(name, created + 30 * DAY);
  }
  const gone = new Map<string, number>();
  while (w.clock.now() < first + 33 * DAY) {
    await w.run(w.clock.now() + 5 * 60_000);
    for (const name of due.keys())
      if (!gone.has(name) && w.store.fields([name]) === undefined) gone.set(name, w.clock.now());
  }
  expect(gone.size).toBe(144);
  for (const [name, at] of due) {
    expect((gone.get(name) ?? 0) - at).toBeGreaterThanOrEqual(0);
    expect((gone.get(name) ?? 0) - at).toBeLessThan(1.1 * HOUR);
  }
  const records = entriesOf(w).reduce((sum, { page }) => sum + (page?.records ?? 0), 0);
  expect(records).toBe(144);
  expect(chunksOfDatasets(w)).toEqual([]);
  expect(codes(w)).not.toContain('sweep.waiting-too-long');
});

test('a lane deletes the chunk of a dataset that is not configured any more, or has another producer now', async () => {
  for (const datasets of [[], [{ ...LOGS, producer: OTHER_PRODUCER }]]) {
    const w = rowsWorld();
    writesRows(w, rowNames(3), { days: 31 });
    await sweepHourly(w.core);
    await beat(w);
    const { configuration } = withStores(w.core, { [STORE]: { datasets } });
    Object.assign(w.core, { configuration });
    await w.run(w.clock.now() + 10 * 60_000);
    expect(chunksOfDatasets(w)).toEqual([]);
    expect(codes(w)).toContain('dataset.unknown');
    expect(w.store.size()).toBe(3);
    await w.run(w.clock.now() + HOUR + 10 * 60_000);
    expect(w.store.size()).toBe(datasets.length === 0 ? 3 : 0);
  }
});
