import { expect, test } from 'vitest';
import type { Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { isMisplanned } from '../../support/driver/decision-from-facts.ts';
import { STORE } from '../../support/driver/world.ts';

const RULES = { note: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';
const END = '2026-03-03T18:00:00Z';
const IDS = ['n-1', 'n-2', 'n-3'];
const options = { rules: RULES, start: START, pageSize: 2 };

/** Three records about one contract, due at 10:01. */
async function threeDue(d: Driver): Promise<void> {
  for (const id of IDS) {
    d.registers(id, ['c-1']);
    d.store.put([id], {});
  }
  d.happens('contract.ended', 'c-1', ENDED);
  await d.runUntil('2026-03-03T10:00:00Z');
}

function left(d: Driver): string[] {
  return IDS.flatMap((id) => {
    const state = d.holding(id)?.state;
    return state === 'disposed' && d.store.read([id]) === undefined ? [] : [`${id} is ${state} in the end`];
  });
}

const PAUSE = { id: 'pause-1', kind: 'pause', scope: { store: STORE }, at: 0 } as const;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'seal, rung by the chunk that was written': {
    options,
    verb: 'seal',
    async prepare(d) {
      await threeDue(d);
      d.down.add('seal');
      await d.runUntil('2026-03-03T10:02:00Z');
      d.down.clear();
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  },
  'seal, when a chunk has no object yet': {
    options,
    verb: 'seal',
    async prepare(d) {
      await threeDue(d);
      // The chunk of a worker that died before it put the object.
      await d.index.putPending({
        chunk: '2026-03-03T09/lost/0',
        state: 'pending',
        putAt: Date.parse('2026-03-03T09:45:00Z'),
        store: STORE,
        rules: [],
        counts: {},
      });
      d.down.add('seal');
      await d.runUntil('2026-03-03T10:02:00Z');
      d.down.clear();
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  },
  'the release of a hold, with more parked under it than fit a page': {
    options,
    verb: 'sweep',
    async prepare(d) {
      await d.registry.placeWideHold({ ...PAUSE, state: 'placed' });
      await threeDue(d);
      // Hours later no hint is left that a sweep would still read.
      await d.runUntil('2026-03-03T13:30:00Z');
      if (d.registry.allParked().length !== 3) throw new Error('not all of them are parked');
      d.toSweep({ kind: 'release', hold: PAUSE.id });
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
};

test.for(Object.entries(SCENARIOS))(
  '%s is killed at each call of each of its runs: it ends as if nothing had been killed',
  async ([, scenario]) => {
    const { points, wrong } = await everyRunKilled(scenario, 3);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(0);
  },
);

const longer = [
  aPolicy({ note: [aRule('1 day after contract.ended')] }),
  aPolicy(
    { note: [aRule('25 hours after contract.ended')] },
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
    const stale = d.registry.allHoldings().flatMap((holding) => isMisplanned(d.world, holding) ?? []);
    if (stale.length > 0) throw new Error(stale.join('; '));
    await d.runUntil(END);
  },
  wrong: left,
};

test('a re-plan for a new policy version is killed at each call of each of its runs: every holding is planned again', async () => {
  const { points, wrong } = await everyRunKilled(rePlanned, 6);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(0);
});

test('the weekly proof is killed at each call of each of its runs: what no hint points at is found', async () => {
  const proof: Scenario = {
    options,
    verb: 'sweep',
    async prepare(d) {
      await threeDue(d);
      // Must never happen: no hint would lead to them any more.
      d.registry.expireHints(Date.parse('2027-01-01T00:00:00Z'));
      d.toSweep({ kind: 'weekly' });
    },
    finish: (d) => d.runUntil(END),
    wrong: left,
  };
  const { points, wrong } = await everyRunKilled(proof, 5);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(0);
});
