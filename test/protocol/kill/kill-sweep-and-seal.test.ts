import { expect, test } from 'vitest';
import { misplanned } from '../../support/driver/decision-from-facts.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';
import { STORE } from '../../support/driver/world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const RULES = { notes: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';
const END = '2026-03-03T18:00:00Z';
const IDS = ['n-1', 'n-2', 'n-3'];
const options = { rules: RULES, start: START, pageSize: 2 };
const RUNS = 4;

/** Three records about one contract, due at 10:00. */
async function threeDue(d: Driver): Promise<void> {
  for (const id of IDS) {
    d.registers(id, ['c-1']);
    d.store.put([id], {});
  }
  d.happens('contract.ended', 'c-1', ENDED);
  await d.runUntil('2026-03-03T10:00:00Z');
}

/** Their results wait for `seal`, which runs next. */
async function disposedUnsealed(d: Driver): Promise<void> {
  d.down.add('seal');
  await d.runUntil('2026-03-03T10:20:00Z');
  d.down.clear();
}

function left(d: Driver): string[] {
  return IDS.flatMap((id) => {
    const state = d.holding(id)?.state;
    return state === 'disposed' && d.store.fields([id]) === undefined ? [] : [`${id} is ${state} in the end`];
  });
}

const HOLD = { id: 'hold-1', kind: 'hold', scope: { store: STORE }, at: 0 } as const;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'seal, rung by the result that was written': {
    options,
    verb: 'seal',
    async prepare(d) {
      await threeDue(d);
      await disposedUnsealed(d);
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  },
  'seal, when a note has no result': {
    options,
    verb: 'seal',
    async prepare(d) {
      await threeDue(d);
      // The note of a worker that died before it put its result.
      const putAt = Date.parse('2026-03-03T09:20:00Z');
      const until = Date.parse('2026-03-03T09:30:00Z');
      await d.registry.putToBeSealed({ token: '2026-03-03T09.lost', putAt, until });
      await disposedUnsealed(d);
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  },
  'the release of a hold, with more parked under it than fit a page': {
    options,
    verb: 'sweep',
    async prepare(d) {
      await d.registry.placeWideHold({ ...HOLD, state: 'placed' });
      await threeDue(d);
      await d.runUntil('2026-03-03T13:30:00Z');
      if (d.registry.allParked().length !== 3) throw new Error('not all of them are parked');
      await d.registry.releaseWideHold({ ...HOLD, state: 'released' });
      d.toSweep({ kind: 'release', hold: HOLD.id });
    },
    finish: (d) => d.runUntil(END),
    wrong: (d) => [...left(d), ...(d.registry.allParked().length > 0 ? ['something is still parked'] : [])],
  },
  'the hourly sweep, after hours in which none ran': {
    options: { ...options, wakeUps: () => [] },
    verb: 'sweep',
    async prepare(d) {
      d.down.add('sweep');
      await threeDue(d);
      d.clock.set(Date.parse('2026-03-03T13:00:00Z'));
      d.down.clear();
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  },
  'the census: what no hint points at is found': {
    options,
    verb: 'sweep',
    async prepare(d) {
      await d.runUntil('2026-03-03T23:10:00Z');
      for (const id of IDS) {
        d.registers(id, ['c-1']);
        d.store.put([id], {});
      }
      d.happens('contract.ended', 'c-1', '2026-03-03T03:00:00Z');
      await d.settle();
      // Must never happen: no hint leads to them any more.
      d.registry.expireHints(Date.parse('2027-01-01T00:00:00Z'));
      await d.runUntil('2026-03-04T00:00:00Z');
      d.clock.set(Date.parse('2026-03-04T06:00:00Z'));
    },
    finish: (d) => d.runUntil('2026-03-05T12:00:00Z'),
    wrong: left,
  },
};

test.for(Object.entries(SCENARIOS))(
  '%s is killed before and after each call of each of its runs: it ends as if nothing had been killed',
  async ([, scenario]) => {
    const { points, wrong } = await everyRunKilled(scenario, RUNS);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(0);
  },
);

const longer = [
  aPolicy({ notes: [aRule('1 day after contract.ended')] }),
  aPolicy(
    { notes: [aRule('25 hours after contract.ended')] },
    { version: '2', effectiveFrom: Date.parse('2026-03-03T09:10:00Z') },
  ),
];

/** A new version keeps longer: every date moves by an hour, from 10:00 to 11:00. */
const rePlanned: Scenario = {
  options: { ...options, policies: longer },
  verb: 'sweep',
  async prepare(d) {
    for (const id of IDS) {
      d.registers(id, ['c-1']);
      d.store.put([id], {});
    }
    d.happens('contract.ended', 'c-1', ENDED);
    await d.runUntil('2026-03-03T09:10:59Z');
    d.clock.set(Date.parse('2026-03-03T09:13:00Z'));
  },
  async finish(d) {
    await d.runUntil('2026-03-03T10:59:00Z');
    if (d.store.effects.length > 0) throw new Error('disposed of by the old version');
    const stale = misplanned(d);
    if (stale.length > 0) throw new Error(stale.join('; '));
    await d.runUntil(END);
  },
  wrong: left,
};

test('a plan for a new policy version is killed at each call of each of its runs: every holding is planned again', async () => {
  const { points, wrong } = await everyRunKilled(rePlanned, 5);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(0);
});
