import { describe, expect, test } from 'vitest';
import { misplanned } from '../../support/driver/decision-from-facts.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, killedThroughout, type Scenario } from '../../support/driver/kill-scenario.ts';

const RULES = { notes: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';
const END = '2026-03-03T18:00:00Z';
const toTheEnd = (d: Driver): Promise<void> => d.runUntil(END);

function disposedOf(d: Driver, ...ids: readonly string[]): string[] {
  return [
    ...misplanned(d),
    ...ids
      .filter((id) => d.holding(id)?.state !== 'disposed' || d.store.fields([id]) !== undefined)
      .map((id) => `${id} is ${d.holding(id)?.state ?? 'unknown'} in the end`),
  ];
}

function kept(d: Driver, ...ids: readonly string[]): string[] {
  return [
    ...misplanned(d),
    ...ids
      .filter((id) => d.holding(id)?.state !== 'active' || d.store.fields([id]) === undefined)
      .map((id) => `${id} is ${d.holding(id)?.state ?? 'unknown'} in the end, and should be kept`),
  ];
}

async function registered(d: Driver, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    d.registers(id, ['c-1']);
    d.store.put([id], {});
  }
  await d.settle();
}

const first: Scenario = {
  options: { rules: RULES, start: START },
  verb: 'ingest',
  async prepare(d) {
    d.happens('contract.ended', 'c-1', ENDED);
    await d.settle();
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1'], {});
  },
  finish: toTheEnd,
  wrong: (d) => disposedOf(d, 'n-1'),
};
const ended: Scenario = {
  ...first,
  async prepare(d) {
    await registered(d, 'n-1', 'n-2');
    d.happens('contract.ended', 'c-1', ENDED);
  },
  wrong: (d) => disposedOf(d, 'n-1', 'n-2'),
};
const withdrawn: Scenario = {
  ...ended,
  async prepare(d) {
    await registered(d, 'n-1');
    d.happens('contract.ended', 'c-1', ENDED);
    await d.settle();
    d.clock.advance(1000);
    d.withdraws('n-1');
  },
  wrong: (d) => [
    ...misplanned(d),
    ...(d.holding('n-1')?.state === 'withdrawn' ? [] : [`it is ${d.holding('n-1')?.state}`]),
    ...(d.store.effects.length > 0 ? ['what was withdrawn was disposed of'] : []),
  ],
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a first registration': first,
  'a registration, and the end of its contract comes before it is repeated': {
    ...first,
    async prepare(d) {
      d.registers('n-1', ['c-1']);
      d.store.put(['n-1'], {});
    },
    async between(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await d.settle();
    },
  },
  'a registration, and another one comes before it is repeated': {
    ...first,
    async between(d) {
      d.registers('n-1', ['c-2']);
      await d.settle();
    },
    wrong: (d) => kept(d, 'n-1'),
  },
  'a second registration about a running contract': {
    ...first,
    async prepare(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await registered(d, 'n-1');
      d.registers('n-1', ['c-2']);
    },
    wrong: (d) => kept(d, 'n-1'),
  },
  'an end': ended,
  'an end, and the sweep comes before it is repeated': {
    ...ended,
    async between(d) {
      d.toSweep({ kind: 'hourly' });
      await d.settle();
    },
  },
  'a renewal, in the minute before the record is due': {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', ENDED);
      await d.runUntil('2026-03-03T10:00:00Z');
      d.happens('contract.renewed', 'c-1', '2026-03-03T09:59:00Z');
    },
    wrong: (d, { made }) =>
      made.includes('registry.putState') || d.store.fields(['n-1']) !== undefined
        ? kept(d, 'n-1')
        : disposedOf(d, 'n-1'),
  },
  'a correction': {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', '2026-12-24', { id: 'end' });
      await d.settle();
      d.corrects('contract.ended', 'c-1', ENDED, 'end');
    },
    wrong: (d) => disposedOf(d, 'n-1'),
  },
  'a retraction': {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', ENDED, { id: 'end' });
      await d.settle();
      d.retracts('c-1', 'end');
    },
    wrong: (d) => kept(d, 'n-1'),
  },
  'a withdrawal': withdrawn,
  'a registration after a withdrawal': {
    ...first,
    async prepare(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await registered(d, 'n-1');
      d.clock.advance(1000);
      d.withdraws('n-1');
      await d.settle();
      d.clock.advance(1000);
      d.registers('n-1', ['c-2']);
    },
    wrong: (d) => kept(d, 'n-1'),
  },
  'a registration over a tombstone': {
    ...first,
    async prepare(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await registered(d, 'n-1');
      await d.runUntil('2026-03-03T12:30:00Z');
      if (d.holding('n-1')?.state !== 'disposed') throw new Error('not disposed of before');
      d.registers('n-1', ['c-2']);
      d.store.put(['n-1'], {});
    },
    wrong: (d) => kept(d, 'n-1'),
  },
  'a fact that comes after the disposal that it would have prevented': {
    ...first,
    async prepare(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await registered(d, 'n-1');
      await d.runUntil('2026-03-03T12:00:00Z');
      if (d.holding('n-1')?.state !== 'disposed') throw new Error('not disposed of before');
      d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z');
    },
    wrong: (d) =>
      d.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT === undefined ? ['nothing says that it was late'] : [],
  },
};

describe('ingest is killed before and after each of its calls', () => {
  test.for(Object.entries(SCENARIOS))('%s: it ends as if nothing had been killed', async ([, scenario]) => {
    const { points, wrong } = await killedThroughout(scenario);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(0);
  });

  test('an end of a contract with more holdings than fit a page, in each of its runs', async () => {
    const ids = ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'];
    const big: Scenario = {
      ...ended,
      options: { rules: RULES, start: START, pageSize: 2 },
      async prepare(d) {
        await registered(d, ...ids);
        d.happens('contract.ended', 'c-1', ENDED);
      },
      wrong: (d) => disposedOf(d, ...ids),
    };
    const { points, wrong } = await everyRunKilled(big, 3);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(0);
  });
});
