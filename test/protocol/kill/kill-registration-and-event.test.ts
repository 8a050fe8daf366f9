import { describe, expect, test } from 'vitest';
import { OTHER_PRODUCER, type Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, killedThroughout, type Scenario } from '../../support/driver/kill-scenario.ts';
import { isMisplanned } from '../../support/driver/decision-from-facts.ts';

const RULES = { note: ['1 day after contract.ended'] };
const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';
const END = '2026-03-03T18:00:00Z';
const toTheEnd = (d: Driver): Promise<void> => d.runUntil(END);

/** Every plan matches the facts, and no message needs an operator. */
function misplanned(d: Driver): string[] {
  const holdings = d.registry.allHoldings().filter(({ state }) => state === 'active');
  return [
    ...holdings.flatMap((holding) => isMisplanned(d.world, holding) ?? []),
    ...d.registry.allQuarantined().map(({ code }) => `a message is quarantined: ${code}`),
  ];
}

function disposedOf(d: Driver, ...ids: readonly string[]): string[] {
  return [
    ...misplanned(d),
    ...ids
      .filter((id) => d.holding(id)?.state !== 'disposed' || d.store.read([id]) !== undefined)
      .map((id) => `${id} is ${d.holding(id)?.state ?? 'unknown'} in the end`),
  ];
}

function kept(d: Driver, ...ids: readonly string[]): string[] {
  return [
    ...misplanned(d),
    ...ids
      .filter((id) => d.holding(id)?.state !== 'active' || d.store.read([id]) === undefined)
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

describe('ingest is killed at each of its calls', () => {
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
  const second: Scenario = {
    ...first,
    async prepare(d) {
      d.happens('contract.ended', 'c-1', ENDED);
      await registered(d, 'n-1');
      d.registers('n-1', ['c-2']);
    },
    wrong: (d) => kept(d, 'n-1'),
  };
  const ended: Scenario = {
    ...first,
    async prepare(d) {
      await registered(d, 'n-1', 'n-2');
      d.happens('contract.ended', 'c-1', ENDED);
    },
    wrong: (d) => disposedOf(d, 'n-1', 'n-2'),
  };
  /** Sent in the minute before the record is due. */
  const renewed: Scenario = {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', ENDED);
      await d.runUntil('2026-03-03T10:00:00Z');
      d.happens('contract.renewed', 'c-1', '2026-03-03T09:59:00Z');
    },
    wrong: (d, { made }) =>
      made.includes('registry.putState') || d.store.read(['n-1']) !== undefined
        ? kept(d, 'n-1')
        : disposedOf(d, 'n-1'),
  };
  const corrected: Scenario = {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', '2026-12-24', { id: 'end' });
      await d.settle();
      d.corrects('contract.ended', 'c-1', ENDED, 'end');
    },
    wrong: (d) => disposedOf(d, 'n-1'),
  };
  const retracted: Scenario = {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', ENDED, { id: 'end' });
      await d.settle();
      d.retracts('c-1', 'end');
    },
    wrong: (d) => kept(d, 'n-1'),
  };
  const withdrawn: Scenario = {
    ...ended,
    async prepare(d) {
      await registered(d, 'n-1');
      d.happens('contract.ended', 'c-1', ENDED);
      await d.settle();
      d.withdraws('n-1');
    },
    wrong: (d) => [
      ...misplanned(d),
      ...(d.holding('n-1')?.state === 'withdrawn' ? [] : [`it is ${d.holding('n-1')?.state}`]),
      ...(d.store.effects.length > 0 ? ['what was withdrawn was disposed of'] : []),
    ],
  };
  /** The other producer's contract with the same id goes on. */
  const withdrawnByOne: Scenario = {
    ...withdrawn,
    async prepare(d) {
      await registered(d, 'n-1');
      d.registers('n-1', ['c-1'], { producer: OTHER_PRODUCER });
      d.happens('contract.ended', 'c-1', ENDED);
      await d.settle();
      d.withdraws('n-1', { producer: OTHER_PRODUCER });
    },
    wrong: (d) => disposedOf(d, 'n-1'),
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
    'a second registration about a running contract': second,
    'an end': ended,
    'an end, and the sweep comes before it is repeated': {
      ...ended,
      async between(d) {
        d.toSweep({ kind: 'hourly' });
        await d.settle();
      },
    },
    'a renewal, in the minute before the record is due': renewed,
    'a correction': corrected,
    'a retraction': retracted,
    'a withdrawal': withdrawn,
    'a withdrawal by one of two producers': withdrawnByOne,
  };

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

describe('a registration that is killed and never comes again', () => {
  test('is found within two hours once its holding is on record', async () => {
    const lost: Scenario = {
      options: { rules: RULES, start: START },
      verb: 'ingest',
      async prepare(d) {
        d.happens('contract.ended', 'c-1', ENDED);
        await d.settle();
        d.registers('n-1', ['c-1']);
        d.store.put(['n-1'], {});
      },
      async finish(d) {
        d.down.add('ingest');
        await d.runUntil(END);
      },
      wrong: (d, { made }) => (made.includes('registry.putHolding') ? disposedOf(d, 'n-1') : []),
    };
    expect((await killedThroughout(lost)).wrong).toEqual([]);
  });
});
