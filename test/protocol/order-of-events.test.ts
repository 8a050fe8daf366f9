import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../shared/domain/present.ts';
import { driver, type Driver } from '../support/driver/driver.ts';
import { OTHER_PRODUCER } from '../support/driver/world.ts';
import { misplanned } from '../support/driver/decision-from-facts.ts';
import { violations } from '../support/driver/violations.ts';

const START = '2026-03-03T08:30:00Z';
const options = { start: START, rules: { notes: ['30 days after contract.ended'] } };

/** A message with its own id: sent twice, it counts once. */
type Message = (d: Driver) => void;

const ended = (contract: string, occurred: string, id: string, sent = START): Message => {
  return (d) => d.happens('contract.ended', contract, occurred, { id, sent });
};
const renewed = (contract: string, occurred: string, id: string, sent = START): Message => {
  return (d) => d.happens('contract.renewed', contract, occurred, { id, sent });
};
const registered = (
  id: string,
  contracts: readonly string[],
  message: string,
  producer?: string,
): Message => {
  return (d) => d.registers(id, contracts, { id: message, ...present({ producer }) });
};

/** Every message about two contracts and two records, in the order in which they were sent. */
const MESSAGES: readonly Message[] = [
  registered('n-1', ['c-1'], 'r1'),
  registered('n-1', ['c-1', 'c-2'], 'r2'),
  registered('n-2', ['c-2'], 'r3'),
  registered('n-2', ['c-2'], 'r4', OTHER_PRODUCER),
  ended('c-1', '2026-03-10T08:00:00Z', 'e1', '2026-03-01T00:00:00Z'),
  renewed('c-1', '2026-03-05T08:00:00Z', 'e2', '2026-03-02T00:00:00Z'),
  ended('c-1', '2026-04-01', 'e3'),
  ended('c-2', '2026-03-20', 'e4'),
  (d) => d.corrects('contract.ended', 'c-2', '2026-03-25', 'e4', { id: 'e5', sent: START }),
  ended('c-2', '2026-02-01', 'e6', '2026-02-01T00:00:00Z'),
  (d) => d.retracts('c-2', 'e6', { id: 'e7', sent: START }),
  (d) =>
    d.happens('contract.ended', 'c-2', '2026-03-21', { id: 'e8', sent: START, producer: OTHER_PRODUCER }),
];

/** Everything that a decision depends on, without how it came about. */
async function stands(d: Driver): Promise<unknown> {
  expect(misplanned(d)).toEqual([]);
  const holdings = d.registry.allHoldings().map((holding) => {
    const { ref, generation, state, decision } = holding;
    const said = holding.variants
      .map(({ producer, content, sent }) => JSON.stringify([producer, content, sent]))
      .toSorted();
    return { ref, generation, state, decision, said };
  });
  const states = [...d.registry.allStates()]
    .map(([entity, state]) => [entity, { ...state, version: 0, rebuilt: 0 }] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { holdings, states, quarantined: d.registry.allQuarantined().length };
}

async function afterAll(messages: readonly Message[]): Promise<Driver> {
  const d = await driver(options);
  for (const say of messages) {
    say(d);
    await d.settle();
  }
  return d;
}

test('any order and any repetition of what is said ends in one state and one decision', async () => {
  const inOrder = await stands(await afterAll(MESSAGES));
  const anyOrder = fc
    .tuple(
      fc.shuffledSubarray([...MESSAGES.keys()], { minLength: MESSAGES.length }),
      fc.array(fc.nat(MESSAGES.length - 1), { maxLength: 8 }),
      fc.array(fc.nat(MESSAGES.length + 7), { maxLength: 8 }),
    )
    .map(([order, again, places]) =>
      again.reduce((all, index, nth) => all.toSpliced(places[nth] ?? nth, 0, index), order),
    );
  await fc.assert(
    fc.asyncProperty(anyOrder, async (order) => {
      const d = await afterAll(order.map((index) => MESSAGES[index] as Message));
      expect(await stands(d)).toEqual(inOrder);
    }),
    { numRuns: 150 },
  );
});

test('and in the same record disposed of at the same time', async () => {
  for (const order of [MESSAGES, MESSAGES.toReversed(), [...MESSAGES, ...MESSAGES]]) {
    const d = await afterAll(order);
    for (const id of ['n-1', 'n-2']) d.store.put([id]);
    await d.runUntil('2026-05-03T03:00:00Z');
    expect(await violations(d)).toEqual([]);
    // The first contract was renewed after both its ends were sent; the second ended on 25 March, the day included.
    expect(d.store.effects.map(({ locator, at }) => [locator, new Date(at).toISOString()])).toEqual([
      [['n-2'], '2026-04-25T00:02:20.000Z'],
    ]);
  }
});

describe('a record about two contracts', () => {
  test('is kept while one of them runs, and disposed of once that has ended too', async () => {
    const d = await driver(options);
    d.registers('n-1', ['c-1', 'c-2']);
    d.store.put(['n-1']);
    d.happens('contract.ended', 'c-1', '2026-03-02T00:00:00Z');
    await d.runUntil('2026-05-01T00:00:00Z');
    expect(d.holding('n-1')).toMatchObject({ state: 'active', decision: { status: 'undetermined' } });
    d.happens('contract.ended', 'c-2', '2026-04-20T00:00:00Z');
    await d.runUntil('2026-05-20T00:02:19Z');
    expect(d.store.size()).toBe(1);
    await d.runUntil('2026-05-20T00:02:20Z');
    expect(d.store.size()).toBe(0);
  });
});

describe('an end that was announced for December', () => {
  const october = { ...options, start: '2026-10-20T08:00:00Z' };

  async function announced(): Promise<Driver> {
    const d = await driver(october);
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1']);
    d.happens('contract.ended', 'c-1', '2026-12-31', { id: 'end' });
    await d.runUntil('2026-11-05T12:00:00Z');
    return d;
  }

  test('is undone by a renewal in November', async () => {
    const d = await announced();
    d.happens('contract.renewed', 'c-1', '2026-11-05T11:00:00Z');
    await d.runUntil('2027-02-01T00:00:00Z');
    expect(d.holding('n-1')).toMatchObject({ state: 'active', decision: { status: 'undetermined' } });
    expect(d.store.size()).toBe(1);
  });

  test('counts after all where the renewal is retracted', async () => {
    const d = await announced();
    d.happens('contract.renewed', 'c-1', '2026-11-05T11:00:00Z', { id: 'mistaken' });
    await d.runUntil('2026-12-01T00:00:00Z');
    d.retracts('c-1', 'mistaken');
    await d.runUntil('2027-02-01T00:00:00Z');
    expect(d.store.effects.map((effect) => effect.at)).toEqual([Date.parse('2027-01-31T00:02:20Z')]);
  });

  test('and that comes first in January, by a bus that was slow, is undone by November all the same', async () => {
    const d = await driver(october);
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1']);
    d.happens('contract.renewed', 'c-1', '2026-11-05T11:00:00Z', { sent: '2026-11-05T11:00:00Z' });
    d.happens('contract.ended', 'c-1', '2026-12-31', { sent: '2026-10-01T00:00:00Z' });
    await d.runUntil('2027-02-01T00:00:00Z');
    expect(d.store.size()).toBe(1);
  });
});

describe('a message that comes again, hours after its successor', () => {
  test('a withdrawal does not take back what was registered after it', async () => {
    const d = await driver(options);
    d.registers('n-1', ['c-1'], { id: 'r1', sent: START });
    await d.settle();
    d.withdraws('n-1', { id: 'w1', sent: '2026-03-03T08:30:01Z' });
    await d.settle();
    d.registers('n-1', ['c-1'], { id: 'r2', sent: '2026-03-03T08:30:02Z' });
    await d.settle();
    d.withdraws('n-1', { id: 'w1', sent: '2026-03-03T08:30:01Z' });
    await d.settle();
    expect(d.holding('n-1')).toMatchObject({ state: 'active' });
    expect(d.registry.allQuarantined()).toEqual([]);
  });

  test('a registration does not bring back what was withdrawn after it', async () => {
    const d = await driver(options);
    d.registers('n-1', ['c-1'], { id: 'r1', sent: START });
    await d.settle();
    d.withdraws('n-1', { id: 'w1', sent: '2026-03-03T08:30:01Z' });
    await d.settle();
    d.registers('n-1', ['c-1'], { id: 'r1', sent: START });
    await d.settle();
    expect(d.holding('n-1')).toMatchObject({ state: 'withdrawn', generation: 1 });
  });

  test('a registration of a record that is disposed of makes no new generation', async () => {
    const d = await driver(options);
    d.registers('n-1', ['c-1'], { id: 'r1', sent: START });
    d.store.put(['n-1']);
    d.happens('contract.ended', 'c-1', '2026-01-01', { id: 'e1' });
    await d.runUntil('2026-03-03T12:00:00Z');
    const before = d.holding('n-1');
    expect(before?.state).toBe('disposed');
    d.registers('n-1', ['c-1'], { id: 'r1', sent: START });
    d.happens('contract.ended', 'c-1', '2026-01-01', { id: 'e1' });
    await d.settle();
    expect(d.holding('n-1')).toEqual(before);
  });
});
