import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { replayed } from '../../support/driver/replay-play.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { anEvent, aPolicy, aRule } from '../../support/rules/rule-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = '2026-03-02T08:30:00Z';
const policyOf = (...rules: readonly string[]) =>
  aPolicy(
    {},
    {
      categories: { notes: { rules: rules.map((text) => aRule(text)), masks: { text: { kind: 'null' } } } },
      events: {
        'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
        'contract.renewed': anEvent(),
        'contract.started': anEvent(),
        'consent.withdrawn': anEvent(),
      },
    },
  );
const now = (d: Driver): string => new Date(d.clock.now()).toISOString();

/** The second generation of a record was masked. Then a backup of the first one is restored. */
async function maskedLater(begins: (d: Driver, since: Instant) => Promise<unknown>) {
  const policies = [
    policyOf('anonymise 1 hour after consent.withdrawn', 'delete 1 hour after contract.ended'),
  ];
  const d = await driver({ start: START, policies, store: { afterCare: [36] } });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'first' });
  await d.pass(HOUR);
  const since = d.clock.now();
  d.happens('contract.ended', 'c-1', now(d));
  await d.pass(3 * HOUR);
  expect(d.store.fields(['n-1'])).toBeUndefined();
  d.happens('contract.renewed', 'c-1', now(d));
  await d.pass(HOUR);
  await begins(d, since);
  d.happens('consent.withdrawn', 'c-1', now(d));
  await d.pass(3 * HOUR);
  expect(d.store.fields(['n-1'])).toEqual({ text: null });
  d.store.put(['n-1'], { text: 'first' });
  return { d, since };
}

test.each([
  [
    'registered again',
    async (d: Driver) => {
      d.registers('n-1', ['c-1']);
      d.store.put(['n-1'], { text: 'second' });
      await d.pass(2 * HOUR);
    },
    'repeated',
  ],
  [
    'that came back, and was kept,',
    async (d: Driver, since: Instant) => {
      d.store.put(['n-1'], { text: 'first' });
      expect(await replayed(d, { since, does: true })).toEqual({ planned: 1 });
    },
    'planned',
  ],
] as const)('the mask of a record %s is repeated like any other', async (_, begins, standing) => {
  const { d, since } = await maskedLater(begins);
  expect(await replayed(d, { since, token: 't-2' })).toEqual({ masked: 1 });
  expect(d.store.fields(['n-1'])).toEqual({ text: 'first' });
  await replayed(d, { since, does: true, token: 't-3' });
  await d.pass(2 * HOUR);
  expect(d.store.fields(['n-1'])).toEqual({ text: null });
  await replayed(d, { since, does: true, token: 't-3' });
  expect(await replayed(d, { since, does: true, token: 't-3' })).toEqual({ [standing]: 1 });
  const generations = entriesIn(d).map(({ entry }) => [entry.generation, entry.outcome]);
  expect(generations).toEqual([
    [1, 'deleted'],
    [2, 'anonymised'],
    [2, 'anonymised'],
  ]);
});

const EVENTS = ['contract.ended', 'contract.renewed', 'contract.started', 'consent.withdrawn'] as const;

interface Life {
  /** Minutes after the start. */
  readonly at: number;
  readonly record: 0 | 1;
  readonly event: (typeof EVENTS)[number];
}

interface Restore {
  /** Hours after the start. */
  readonly backup: number;
  readonly after: number;
  /** When replays are asked for: seconds after the restore. */
  readonly replays: readonly number[];
  readonly skew: number;
}

const RULES = policyOf(
  'restrict 2 hours after contract.ended',
  'anonymise 3 hours after consent.withdrawn',
  'delete 4 hours after contract.started',
);
const NAMES = ['n-0', 'n-1'] as const;

const stateOf = (d: Driver) =>
  NAMES.map((name) => {
    const fields = d.store.fields([name]);
    return fields && { text: fields['text'], isRestricted: d.store.isRestricted([name]) };
  });

/** Two records, with a restore and replays, or without. Answers what the store has in the end. */
async function lived(lives: readonly Life[], { backup, after, replays, skew }: Restore, isRestored: boolean) {
  const d = await driver({
    start: START,
    policies: [RULES],
    restricts: true,
    store: { afterCare: [36] },
    skew: (verb) => (verb === 'dispose' ? skew : 0),
  });
  for (const [n, name] of NAMES.entries()) {
    d.registers(name, [`c-${n}`]);
    d.store.put([name], { text: 'secret' });
  }
  const start = Date.parse(START);
  const since = start + backup * HOUR + MINUTE;
  const restore = since + after * HOUR + MINUTE;
  const ids: string[] = [];
  let copy: ReturnType<typeof stateOf> = [];
  const acts = lives.map(({ at, record, event }) => ({
    at: start + at * MINUTE,
    act: async () => d.happens(event, `c-${record}`, now(d)),
  }));
  acts.push({
    at: since,
    act: async () => {
      copy = stateOf(d);
    },
  });
  if (isRestored) {
    acts.push({
      at: restore,
      async act() {
        for (const [n, saved] of copy.entries()) {
          if (saved === undefined) continue;
          const locator = [`n-${n}`];
          d.store.put(locator, { text: saved.text });
          await d.store.restrict([{ locator }], saved.isRestricted);
        }
      },
    });
    for (const [n, seconds] of replays.entries())
      acts.push({
        at: restore + MINUTE + seconds * 1000,
        async act() {
          const id = replayId(`t-${n}`, { does: true, since, store: 'notes' });
          ids.push(id);
          await beginReplay(d.core, id);
        },
      });
  }
  const end = { at: Math.max(restore, start + 30 * HOUR) + 12 * HOUR, act: async () => undefined };
  for (const { at, act } of [...acts, end].toSorted((a, b) => a.at - b.at)) {
    while (d.clock.now() < at) {
      await d.pass(Math.min(5 * MINUTE, at - d.clock.now()));
      for (const id of ids) await readReplay(d.core, id);
    }
    await act();
  }
  return stateOf(d);
}

test('a store that is restored, with one replay or two, ends as the one that was not', async () => {
  const life = fc.record({
    at: fc.integer({ min: 1, max: 90 }).map((step) => 20 * step),
    record: fc.constantFrom(0 as const, 1 as const),
    event: fc.constantFrom(...EVENTS),
  });
  const restored = fc.record({
    backup: fc.integer({ min: 1, max: 20 }),
    after: fc.integer({ min: 1, max: 10 }),
    replays: fc.array(fc.nat(900), { minLength: 1, maxLength: 2 }),
    skew: fc.constantFrom(0, -50_000, 50_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 2, maxLength: 8 }), restored, async (lives, restore) => {
      expect(await lived(lives, restore, true)).toEqual(await lived(lives, restore, false));
    }),
    { numRuns: 25 },
  );
}, 120_000);
