import { expect, test } from 'vitest';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { LOGS, ROW_EVENTS } from '../../support/datasets/rows-world.ts';
import type { Driver, DriverOptions } from '../../support/driver/driver.ts';
import { killedThroughout, type Scenario } from '../../support/driver/kill-scenario.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const DUE = rowNames(5);
const YOUNG = rowNames(2, 'young');
const DAY = 86_400_000;

const options: DriverOptions = {
  start: '2026-03-03T08:30:00Z',
  policies: [
    aPolicy(
      { logs: [aRule('30 days after record.created')], notes: [aRule('1 day after contract.ended')] },
      { events: ROW_EVENTS, attributes: { country: ['DE', 'FR'] } as never },
    ),
  ],
  entityTypes: { record: { ids: 'owned', normalise: [] } },
  store: { datasets: [{ ...LOGS, clock: { 'record.created': { column: 'created' } } }] },
  pageSize: 2,
};

function writes(d: Driver, names: readonly string[], days: number): void {
  const created = isoUtc(d.clock.now() - days * DAY);
  for (const name of names) d.store.put([name], { created, used: null, country: null, contract: null });
}

/** Each row that was due is gone, and told once; the others are there; and nothing is left in the lane. */
function wrong(d: Driver): readonly string[] {
  const there = [...DUE, ...YOUNG].filter((name) => d.store.fields([name]) !== undefined);
  const results = d.registry.allResults().flatMap((one) => ('void' in one ? [] : [one]));
  const told = results.flatMap(({ entries }) => entries.map(({ page }) => page?.records ?? 0));
  const records = told.reduce((sum, count) => sum + count, 0);
  const open = [...d.registry.allChunks(), ...d.registry.allWorkRecords()];
  return [
    ...(there.join() === YOUNG.join() ? [] : [`there are ${there.join()}`]),
    ...(records === DUE.length ? [] : [`${records} rows are told`]),
    ...(open.length === 0 ? [] : [`${open.length} chunks and work records are left`]),
  ];
}

const scenario: Scenario = {
  options,
  verb: 'sweep',
  async prepare(d) {
    writes(d, DUE, 31);
    writes(d, YOUNG, 3);
    await d.runUntil('2026-03-03T08:59:00Z');
    d.toSweep({ kind: 'hourly' });
  },
  // Up to just before a sweep, so that no chunk of it is left.
  finish: (d) => d.runUntil('2026-03-03T09:55:00Z'),
  wrong,
};

test('rows of a dataset go and are told once, wherever the hourly sweep dies', async () => {
  const { points, wrong: found } = await killedThroughout(scenario);
  // The audit of all lives knows no rows: `wrong` counts them.
  expect(found.filter((one) => !one.endsWith('a deletion has no entry'))).toEqual([]);
  expect(points).toBeGreaterThan(50);
});
