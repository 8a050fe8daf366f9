import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { misplanned } from '../../support/driver/decision-from-facts.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { OTHER_PRODUCER, PRODUCER, STORE } from '../../support/driver/world.ts';

const START = '2026-03-03T08:30:00Z';
const options = {
  start: START,
  rules: { notes: ['30 days after contract.ended'], letters: ['2 years after contract.ended'] },
  collections: [
    { category: 'notes', entity: 'contract', by: 'contract', producer: PRODUCER },
    { category: 'letters', entity: 'contract', by: 'contract', producer: PRODUCER },
  ],
};

/** A message with its own id: sent twice, it counts once. */
type Message = (d: Driver) => void;

const MESSAGES: readonly Message[] = [
  (d) => d.happens('contract.started', 'c-1', '2025-03-01', { id: 'e0', sent: '2026-03-01T07:00:00Z' }),
  (d) =>
    d.happens('contract.ended', 'c-1', '2026-03-10T08:00:00Z', { id: 'e1', sent: '2026-03-01T08:00:00Z' }),
  (d) =>
    d.happens('contract.renewed', 'c-1', '2026-03-05T08:00:00Z', { id: 'e2', sent: '2026-03-02T00:00:00Z' }),
  (d) => d.happens('contract.ended', 'c-1', '2026-04-01', { id: 'e3', sent: START }),
  (d) => d.corrects('contract.ended', 'c-1', '2026-04-05', 'e3', { id: 'e4', sent: START }),
  (d) => d.retracts('c-2', 'e6', { id: 'e5', sent: START }),
  (d) => d.happens('contract.ended', 'c-2', '2026-02-01', { id: 'e6', sent: '2026-02-01T00:00:00Z' }),
  (d) => d.happens('contract.ended', 'c-2', '2026-03-02', { id: 'e7', sent: '2026-03-02T00:00:00Z' }),
  // Its own contract, whatever its id is.
  (d) =>
    d.happens('contract.ended', 'c-1', '2026-02-01', { id: 'e8', sent: START, producer: OTHER_PRODUCER }),
  // A record that is registered on its own names it, too.
  (d) => d.registers('n-1', ['c-3'], { id: 'e9', sent: START }),
];

/** Everything that a decision depends on, without how it came about. */
function stands(d: Driver): unknown {
  expect(misplanned(d)).toEqual([]);
  return d.registry.allHoldings().map(({ ref, generation, state, collection, decision, variants }) => {
    const said = variants.map(({ content, sent }) => ({ content, sent }));
    return { ref, generation, state, collection, decision, said };
  });
}

async function afterAll(messages: readonly Message[]): Promise<Driver> {
  const d = await driver(options);
  for (const say of messages) {
    say(d);
    await d.settle();
  }
  expect(d.registry.allQuarantined()).toEqual([]);
  return d;
}

test('any order and any repetition of facts ends in the same collections', async () => {
  const inOrder = stands(await afterAll(MESSAGES));
  const anyOrder = fc
    .tuple(
      fc.shuffledSubarray([...MESSAGES.keys()], { minLength: MESSAGES.length }),
      fc.array(fc.nat(MESSAGES.length - 1), { maxLength: 6 }),
      fc.array(fc.nat(MESSAGES.length + 5), { maxLength: 6 }),
    )
    .map(([order, again, places]) =>
      again.reduce((all, index, nth) => all.toSpliced(places[nth] ?? nth, 0, index), order),
    );
  await fc.assert(
    fc.asyncProperty(anyOrder, async (order) => {
      expect(stands(await afterAll(order.map((index) => MESSAGES[index] as Message)))).toEqual(inOrder);
    }),
    { numRuns: 100 },
  );
});

describe('the first fact about an entity', () => {
  test('registers its collections, with the id sealed and the date planned', async () => {
    const d = await afterAll(MESSAGES.slice(0, 2));
    for (const name of ['notes', 'letters']) {
      const holding = d.collection('c-1', name);
      expect(holding).toMatchObject({
        state: 'active',
        generation: 1,
        store: STORE,
        collection: name,
        variants: [
          {
            producer: PRODUCER,
            categories: [name],
            purposes: [],
            entities: [{ type: 'contract', ref: await d.contract('c-1') }],
            sent: Date.parse('2026-03-01T07:00:00Z'),
          },
        ],
      });
      const { ref, locator = '' } = holding ?? {};
      const opened = await d.core.keys.decrypt({ scope: STORE, context: ref ?? '' }, locator);
      expect(Buffer.from(opened).toString('utf8')).toBe('["c-1"]');
    }
    const at = d.collection('c-1')?.decision?.actAt;
    expect(at === undefined ? '' : dayId(at)).toBe('2026-04-09');
    expect(d.registry.allHoldings()).toHaveLength(2);
    expect(d.reports.lines.filter(({ code }) => code === 'register.collected')).toHaveLength(2);
  });

  test('of another producer about its own entity of that id registers none, and changes nothing', async () => {
    const others = await afterAll(MESSAGES.slice(8, 9));
    expect(others.registry.allHoldings()).toEqual([]);
    const both = await afterAll([...MESSAGES.slice(0, 4), ...MESSAGES.slice(8, 9)]);
    expect(stands(both)).toEqual(stands(await afterAll(MESSAGES.slice(0, 4))));
  });

  test('may be a record that names it', async () => {
    const d = await afterAll(MESSAGES.slice(9));
    expect(d.collection('c-3')).toMatchObject({ state: 'active', variants: [{ sent: Date.parse(START) }] });
  });

  test('counts by when it was sent first, however often its producer sends it', async () => {
    const say =
      (sent: string): Message =>
      (d) =>
        d.happens('contract.ended', 'c-1', '2026-03-01', { id: 'e', sent });
    const messages = [say('2026-03-03T08:00:00Z'), say('2026-03-02T08:00:00Z'), say('2026-03-03T08:10:00Z')];
    const d = await afterAll(messages);
    expect(d.collection('c-1')?.variants[0]?.sent).toBe(Date.parse('2026-03-02T08:00:00Z'));
  });
});
