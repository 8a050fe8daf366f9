import { describe, expect, test } from 'vitest';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import { aboutToBeDue, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { killAt } from '../../support/driver/kill-points.ts';
import { EXTENSION } from '../../support/driver/interleavings.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { STORE } from '../../support/driver/world.ts';

const at = (iso: string): number => Date.parse(iso);

/** Overdue an hour after it was due. */
const play = { ...DELETING, policy: { graceSeconds: 3600 } };
const HOUR = 3_600_000;

function down(d: Driver): void {
  for (const call of ['look', 'delete', 'readBack'] as const)
    d.store.fail({ call, code: 'STORE_UNREACHABLE' });
}

const outcomes = (d: Driver): readonly string[] => entriesIn(d).map(({ entry }) => entry.outcome);

async function overdue(d: Driver): Promise<readonly (readonly [string, number])[]> {
  const all: (readonly [string, number])[] = [];
  let page = await listOverdue(d.core, d.clock.now());
  for (;;) {
    all.push(...page.groups.map(({ because, count }) => [because, count] as const));
    if (page.next === undefined) return all;
    page = await listOverdue(d.core, d.clock.now(), page.next);
  }
}

describe('a store that is down for a day', () => {
  test('is asked less and less often; what waits is listed as overdue, and disposed of once it is up', async () => {
    const d = await aboutToBeDue(play);
    down(d);
    await d.runUntil('2026-03-04T10:00:00Z');
    const failed = outcomes(d);
    expect(failed).toEqual(['failed']);
    expect(d.store.calls.look).toBeGreaterThan(4);
    expect(d.store.calls.look).toBeLessThan(12);
    expect(await overdue(d)).toEqual([['failing', 1]]);
    d.store.repair();
    await d.runUntil('2026-03-05T12:00:00Z');
    expect(outcomes(d).filter((outcome) => outcome !== 'failed')).toEqual(['deleted']);
    expect(await overdue(d)).toEqual([]);
    expect(await violations(d)).toEqual([]);
  });

  test.for(['registry.actOn', 'store.delete'])(
    'right after a worker was killed after %s: one result, however often it was taken over in vain',
    async (call) => {
      const calls = await callsOf(DELETING);
      const d = await aboutToBeDue(play);
      d.onNext('dispose', killAt(calls.indexOf(call) + 1, 'after'));
      await untilRun(d, 'dispose');
      down(d);
      await d.runUntil('2026-03-04T10:00:00Z');
      expect(await overdue(d)).toEqual([['failing', 1]]);
      expect(d.registry.allChunks()).toHaveLength(1);
      d.store.repair();
      await d.runUntil('2026-03-04T12:00:00Z');
      const [entry, ...more] = entriesIn(d).map((found) => found.entry);
      expect(more).toEqual([]);
      expect(entry).toMatchObject({
        outcome: call === 'store.delete' ? 'already-so' : 'deleted',
        interrupted: true,
      });
      await d.runUntil('2026-03-04T16:00:00Z');
      expect(await violations(d)).toEqual([]);
    },
  );
});

describe('a call whose answer is lost', () => {
  test('is read back at once: what was done counts as done, and the result does not say by which attempt', async () => {
    const d = await aboutToBeDue(play);
    d.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', acts: true, times: 1 });
    await untilRun(d, 'dispose');
    expect(entriesIn(d).map(({ entry }) => [entry.outcome, entry.answer])).toEqual([
      ['already-so', 'STORE_TIMEOUT'],
    ]);
    await d.runUntil('2026-03-03T16:00:00Z');
    expect(await violations(d)).toEqual([]);
  });

  test('is read back at once: what was not done is done later', async () => {
    const d = await aboutToBeDue(play);
    d.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', times: 1 });
    await d.runUntil('2026-03-03T16:00:00Z');
    expect(outcomes(d)).toEqual(['failed', 'deleted']);
    expect(await violations(d)).toEqual([]);
  });

  test.for([
    { acts: true, says: ['already-so'], state: 'disposed', beforeFact: true, records: 0 },
    { acts: false, says: [], state: 'active', beforeFact: false, records: 1 },
  ])(
    'and that cannot be read for hours, while an extension comes: the store is read before anything is decided (acts: $acts)',
    async ({ acts, says, state, beforeFact, records }) => {
      const d = await aboutToBeDue(play);
      d.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', acts, times: 1 });
      d.store.fail({ call: 'readBack', code: 'STORE_UNREACHABLE' });
      await untilRun(d, 'dispose');
      await EXTENSION.happens(d);
      await d.runUntil('2026-03-03T12:30:00Z');
      expect(d.holding('n-1')?.state).toBe('active');
      expect(d.registry.allChunks().map(({ uncertain }) => uncertain.length)).toEqual([1]);
      d.store.repair();
      await d.runUntil('2026-03-03T16:00:00Z');
      expect(outcomes(d)).toEqual(says);
      expect(d.holding('n-1')).toMatchObject({ state });
      expect(d.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT !== undefined).toBe(beforeFact);
      expect(d.store.size()).toBe(records);
      await EXTENSION.later?.(d);
      await d.runUntil('2026-03-03T18:00:00Z');
      expect(await violations(d)).toEqual([]);
    },
  );
});

test('what a store refuses until a date is asked for at most once a day, and goes on that date', async () => {
  const d = await aboutToBeDue(play);
  const until = at('2026-03-20T00:00:00Z');
  d.store.fail({ call: 'delete', code: 'STORE_LOCKED', until });
  await d.runUntil('2026-03-19T23:59:00Z');
  const refused = entriesIn(d).map(({ entry }) => entry);
  expect(new Set(refused.map((entry) => `${entry.outcome} ${entry.answer} ${entry.until}`))).toEqual(
    new Set(['refused STORE_LOCKED 2026-03-20T00:00:00.000Z']),
  );
  const days = refused.map(({ leased }) => leased.slice(0, 10));
  expect(new Set(days).size).toBe(days.length);
  // It is in no chunk until then: the census counts it as overdue.
  expect(d.registry.allChunks()).toEqual([]);
  d.store.repair();
  await d.runUntil('2026-03-20T01:00:00Z');
  expect(outcomes(d).filter((outcome) => outcome !== 'refused')).toEqual(['deleted']);
  expect(d.store.effects[0]?.at).toBe(until + 140_000);
});

test('the hourly cap of a lane stops it, says so, and lets it go on in the next hour', async () => {
  const d = await driver({ rules: DELETING.rules ?? {}, start: '2026-03-03T08:30:00Z', hourlyCap: 2 });
  const ids = ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'];
  for (const id of ids) {
    d.registers(id, ['c-1']);
    d.store.put([id], {});
  }
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  const gone: number[] = [];
  for (const hour of ['10', '11', '12', '13']) {
    await d.runUntil(`2026-03-03T${hour}:59:00Z`);
    gone.push(ids.length - d.store.size());
  }
  expect(gone).toEqual([2, 4, 5, 5]);
  const capped = d.reports.lines.filter(({ code }) => code === 'dispose.capped');
  expect(capped.map(({ fields }) => fields)).toEqual([
    { store: STORE, count: 3 },
    { store: STORE, count: 1 },
  ]);
  await d.runUntil('2026-03-03T18:00:00Z');
  expect(await violations(d)).toEqual([]);
});

describe('a pause', () => {
  const PAUSE = { id: 'pause-1', kind: 'pause', scope: { everything: true }, at: 0 } as const;

  test('keeps what comes due in its lane, lists it once it is overdue, and brings it back when it ends', async () => {
    const d = await aboutToBeDue(play);
    await d.registry.placeWideHold({ ...PAUSE, state: 'placed' });
    await d.runUntil('2026-03-08T10:20:00Z');
    expect(d.store.size()).toBe(1);
    expect(d.registry.allParked()).toEqual([]);
    expect(outcomes(d)).toEqual([]);
    expect(await overdue(d)).toEqual([['paused', 1]]);
    d.toSweep({ kind: 'release', hold: PAUSE.id });
    await d.registry.releaseWideHold({ ...PAUSE, state: 'released' });
    await d.runUntil('2026-03-08T10:22:00Z');
    expect(outcomes(d)).toEqual(['deleted']);
    expect(d.registry.allParked()).toEqual([]);
    await d.runUntil('2026-03-08T16:00:00Z');
    expect(await violations(d)).toEqual([]);
  });
});

describe('a legal hold', () => {
  const HOLD = { id: 'hold-1', kind: 'hold', scope: { category: 'notes' }, at: 0 } as const;

  test('keeps what comes due for as long as it stands, says so once, and does not make it overdue', async () => {
    const d = await aboutToBeDue(play);
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    await d.runUntil('2026-03-10T10:00:00Z');
    expect(d.store.size()).toBe(1);
    expect(outcomes(d)).toEqual(['held']);
    expect(await overdue(d)).toEqual([]);
  });

  test('that is released lets it be disposed of, also when the release dies after its first step', async () => {
    const d = await aboutToBeDue(play);
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    await d.runUntil('2026-03-10T10:00:00Z');
    d.toSweep({ kind: 'release', hold: HOLD.id });
    d.onNext('sweep', killAt(2, 'after'));
    await d.pass(HOUR);
    expect(outcomes(d)).toEqual(['held', 'deleted']);
    await d.pass(5 * HOUR);
    expect(await violations(d)).toEqual([]);
  });

  test('under which nothing came due yet keeps nothing once it is released', async () => {
    const d = await aboutToBeDue(play);
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    d.toSweep({ kind: 'release', hold: HOLD.id });
    await d.runUntil('2026-03-03T10:05:00Z');
    expect(outcomes(d)).toEqual(['deleted']);
  });

  test('beside another one keeps it until both are gone', async () => {
    const d = await aboutToBeDue(play);
    const other = { ...HOLD, id: 'hold-2', scope: { store: STORE } };
    await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
    await d.registry.placeWideHold({ ...other, state: 'placed' });
    await d.runUntil('2026-03-04T10:00:00Z');
    d.toSweep({ kind: 'release', hold: HOLD.id });
    await d.runUntil('2026-03-05T10:00:00Z');
    expect(d.store.size()).toBe(1);
    d.toSweep({ kind: 'release', hold: other.id });
    await d.runUntil('2026-03-05T11:00:00Z');
    expect(d.store.size()).toBe(0);
    expect(outcomes(d)).toEqual(['held', 'held', 'deleted']);
  });
});
