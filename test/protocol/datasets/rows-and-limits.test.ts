import { describe, expect, test } from 'vitest';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { approvedStop, stopsOf } from '../../../shared/domain/guard/breaker.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { surveyStore } from '../../../shared/protocol/coverage/survey-store.ts';
import { sweepGuards } from '../../../shared/protocol/guard/sweep-guards.ts';
import type { World } from '../../support/driver/world.ts';
import { STORE } from '../../support/driver/world.ts';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { aRule } from '../../support/rules/rule-world.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { LOG_RULE, rowsWorld, sweptRows, worked, writesRows } from '../../support/datasets/rows-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const left = (w: World, prefix: string, count: number): number =>
  rowNames(count, prefix).filter((row) => w.store.fields([row]) !== undefined).length;
const waitsOf = (w: World) => w.registry.allChunks().flatMap(({ waits = [] }) => waits);

describe('the limits of a lane count rows of a dataset', () => {
  test('an hourly cap lets the oldest go first, and the others in the next hours', async () => {
    const w = rowsWorld({ hourlyCap: 30 });
    writesRows(w, rowNames(40, 'new'), { days: 31 });
    writesRows(w, rowNames(40, 'old'), { days: 50 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['left']);
    expect([left(w, 'old', 40), left(w, 'new', 40)]).toEqual([10, 40]);
    expect(waitsOf(w)).toEqual([{ code: 'HOURLY_CAP', count: 50 }]);
    await w.run(w.clock.now() + 1.5 * HOUR);
    expect([left(w, 'old', 40), left(w, 'new', 40)]).toEqual([0, 20]);
    await w.run(w.clock.now() + HOUR);
    expect(w.store.size()).toBe(0);
  });

  test('rows that always fail do not use up each hour', async () => {
    const w = rowsWorld({ hourlyCap: 30 });
    writesRows(w, rowNames(100), { days: 31 });
    for (const row of rowNames(60))
      w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: [row] });
    await sweptRows(w);
    await w.run(w.clock.now() + 40 * HOUR);
    expect(w.store.size()).toBe(60);
  });

  test('the store is not read in quiet hours, nor where the minute or hour is used up', async () => {
    const quiet = rowsWorld({
      store: { quietHours: { zone: 'UTC', hours: [{ from: '09:00', to: '12:00' }] } },
    });
    writesRows(quiet, rowNames(5), { days: 31 });
    const chunk = await sweptRows(quiet);
    expect(await workOnChunk(quiet.core, chunk)).toBe('left');
    expect([quiet.store.calls.range, waitsOf(quiet)]).toEqual([0, [{ code: 'QUIET_HOURS', count: 1 }]]);
    await quiet.run(quiet.clock.now() + 3 * HOUR);
    expect(quiet.store.size()).toBe(0);
  });

  test('a canary takes the first rows of a rule, and the others once these are read back', async () => {
    const w = rowsWorld({ store: { canary: 7 } });
    writesRows(w, rowNames(50), { days: 31 });
    const chunk = await sweptRows(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.size()).toBe(43);
    await w.run(w.clock.now() + 10 * 60_000);
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w).map(({ page }) => page?.records)).toEqual([7, 43]);
  });

  test('a breaker’s share goes by all rows of the store, although a census knows none of them', async () => {
    const w = rowsWorld({ store: { breaker: { share: 0.4 } } });
    writesRows(w, rowNames(700, 'old'), { days: 31 });
    writesRows(w, rowNames(300, 'new'), { days: 1 });
    await w.registry.putNewestCensus('census-1');
    await sweepGuards(w.core);
    await surveyStore(w.core);
    await worked(w.core, await sweptRows(w));
    expect(w.store.size()).toBe(600);
    const guard = await w.registry.laneGuard(STORE);
    expect(stopsOf(guard!)).toMatchObject([{ because: 'SHARE', taken: 400, most: 400 }]);
  });

  test('a canary that fails stops the rule before its other rows', async () => {
    const w = rowsWorld({ store: { canary: 7 } });
    writesRows(w, rowNames(50), { days: 31 });
    w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT' });
    await sweptRows(w);
    await w.run(w.clock.now() + 12 * HOUR);
    w.store.repair();
    await w.run(w.clock.now() + 12 * HOUR);
    expect(w.store.size()).toBe(50);
    expect(waitsOf(w)).toMatchObject([{ code: 'RULE_STOPPED', count: 50 }]);
  });

  test('a breaker stops one rule, the rows of others go on, and what a person approves goes', async () => {
    const german = aRule('20 days after record.created', { level: 'jurisdiction', jurisdiction: 'DE' });
    const w = rowsWorld({ store: { breaker: { recordsPerDay: 20 } } }, [LOG_RULE, german]);
    writesRows(w, rowNames(50), { days: 32, country: 'FR' });
    writesRows(w, rowNames(15, 'german'), { days: 31, country: 'DE' });
    await sweptRows(w);
    await w.run(w.clock.now() + 3 * HOUR);
    expect(w.store.size()).toBe(30);
    expect(waitsOf(w)).toMatchObject([{ code: 'RULE_STOPPED', count: 30 }]);
    const guard = await w.core.registry.laneGuard(STORE);
    const [stop] = stopsOf(guard!);
    const approved = approvedStop(guard!, stop!.key, 30, w.clock.now());
    await w.core.registry.writeLaneGuard(STORE, { ...approved, version: guard!.version + 1, by: 'p' });
    await w.run(w.clock.now() + 7.5 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('a rule that is paused waits for a person, and the pass goes by its rows', async () => {
    const w = rowsWorld();
    const pause: WideHold = {
      id: 'p',
      kind: 'pause',
      scope: { store: STORE },
      only: { policy: 'test-policy' },
      state: 'placed',
      at: 0,
    };
    await w.core.registry.placeWideHold(pause);
    writesRows(w, rowNames(2500), { days: 31 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['left']);
    expect([w.store.size(), waitsOf(w)]).toEqual([2500, [{ code: 'RULE_PAUSED', count: 2500 }]]);
    await w.core.registry.releaseWideHold({ ...pause, state: 'released' });
    await w.run(w.clock.now() + 7.5 * HOUR);
    expect(w.store.size()).toBe(0);
  });

  test('a dry run counts all rows that are due, once a day, and deletes none', async () => {
    const w = rowsWorld({ store: { dryRun: true } });
    writesRows(w, rowNames(6000), { days: 31 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['left', 'left']);
    expect(w.store.size()).toBe(6000);
    expect(w.store.calls.delete).toBe(0);
    const counts = async () => (await w.core.registry.laneGuard(STORE))?.dryRun;
    expect(await counts()).toMatchObject({ counts: [{ records: 6000 }] });
    await w.run(w.clock.now() + 3 * HOUR);
    expect(await counts()).toMatchObject({ day: '2026-03-01', counts: [{ records: 6000 }] });
    await w.run(w.clock.now() + DAY);
    expect(await counts()).toMatchObject({ day: '2026-03-02', counts: [{ records: 6000 }] });
  });
});
