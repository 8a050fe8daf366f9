import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import {
  ERASE_REQUESTED,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { world, type World } from '../../support/driver/world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const START = '2026-03-01T10:00:30Z';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const policies = [
  aPolicy({
    notes: [aRule('3 years after contract.ended')],
    invoices: [aRule('3 days after contract.ended', { level: 'statutory' })],
  }),
];

/** A note that only the policy keeps, an invoice that a law keeps, both of one person, whose contract ended today. */
async function twoRecords(): Promise<World> {
  const w = world({ start: START, policies, restricts: true });
  const [contract, person] = [w.entity('contract', 'c-1'), w.entity('person', 'p-1')];
  for (const [id, category] of [
    ['note', 'notes'],
    ['invoice', 'invoices'],
  ] as const) {
    w.store.put([id], { text: id });
    await w.register(await w.registration(id, [contract, person], { categories: [category] }));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  await w.run(w.clock.now() + 2 * HOUR);
  return w;
}

function asked(w: World, type: string, more: Attributes = {}): Fact {
  const occurred = new Date(w.clock.now()).toISOString();
  const scope = type === RESTRICTION_RELEASED ? {} : { scope: scopeText({ all: true }) };
  return {
    ...w.fact(type, occurred, { id: `${type} of r-1` }),
    attributes: { request: 'r-1', ...scope, ...more },
  };
}

const ask = (w: World, type: string, more: Attributes = {}) =>
  w.happened(w.entity('person', 'p-1'), asked(w, type, more));
const cancel = (w: World, type: string) =>
  w.happened(w.entity('person', 'p-1'), w.fact('', '', { id: 'cancelled', about: `${type} of r-1` }));

/** What the log says was done, in order. */
const entries = (w: World) =>
  w.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : result.entries))
    .map(({ categories, stage, outcome, rule, basis }) => [categories[0], stage, outcome, rule, basis]);

const pass = (w: World, time: Instant) => w.run(w.clock.now() + time);

describe('an erasure request', () => {
  test('deletes what only the policy keeps, restricts what a law keeps, and deletes that on the day of the law', async () => {
    const w = await twoRecords();
    const at = w.clock.now();
    await ask(w, ERASE_REQUESTED);
    await pass(w, HOUR);
    expect(w.store.fields(['note'])).toBeUndefined();
    expect(w.store.fields(['invoice'])).toEqual({ text: 'invoice' });
    expect(w.store.isRestricted(['invoice'])).toBe(true);
    expect(w.store.effects.every((effect) => effect.at >= at)).toBe(true);
    await pass(w, 4 * DAY);
    expect(w.store.fields(['invoice'])).toBeUndefined();
    const deleted = w.store.effects.find(
      ({ call, locator }) => call === 'delete' && locator[0] === 'invoice',
    );
    expect(deleted?.at).toBeGreaterThanOrEqual(Date.parse('2026-03-05T00:00:00Z'));
    const erasure = 'erasure request of the person';
    expect(entries(w)).toEqual(
      expect.arrayContaining([
        ['notes', 'delete', 'deleted', erasure, 'policy'],
        ['invoices', 'restrict', 'restricted', erasure, 'law'],
        ['invoices', 'delete', 'deleted', '3 days after contract.ended', 'law'],
      ]),
    );
    expect(entries(w)).toHaveLength(3);
  });

  test('that is cancelled in time is as if it had never been', async () => {
    const w = await twoRecords();
    await ask(w, ERASE_REQUESTED);
    await cancel(w, ERASE_REQUESTED);
    await pass(w, 2 * HOUR);
    expect(w.store.fields(['note'])).toEqual({ text: 'note' });
    expect(w.store.isRestricted(['invoice'])).toBe(false);
    expect(entries(w)).toEqual([]);
  });

  test('that is cancelled after it restricted lifts that again', async () => {
    const w = await twoRecords();
    await ask(w, ERASE_REQUESTED);
    await pass(w, HOUR);
    expect(w.store.isRestricted(['invoice'])).toBe(true);
    await cancel(w, ERASE_REQUESTED);
    await pass(w, HOUR);
    expect(w.store.isRestricted(['invoice'])).toBe(false);
    expect(entries(w)).toContainEqual([
      'invoices',
      'lift',
      'lifted',
      'nothing restricts the record any more',
      'policy',
    ]);
  });

  test('does not touch what was registered later', async () => {
    const w = await twoRecords();
    await ask(w, ERASE_REQUESTED);
    await pass(w, HOUR);
    w.store.put(['later'], { text: 'later' });
    const person = w.entity('person', 'p-1');
    await w.register(await w.registration('later', [w.entity('contract', 'c-2'), person]));
    await pass(w, 3 * HOUR);
    expect(w.store.fields(['later'])).toEqual({ text: 'later' });
    expect(w.holding('later')?.decision).toMatchObject({ status: 'undetermined' });
  });
});

describe('a restriction request', () => {
  test('restricts everything at once, and its release lifts it: the rules go on as before', async () => {
    const w = await twoRecords();
    const before = w.holding('note')?.decision;
    await ask(w, RESTRICT_REQUESTED);
    await pass(w, HOUR);
    expect(w.store.isRestricted(['note'])).toBe(true);
    expect(w.store.isRestricted(['invoice'])).toBe(true);
    await ask(w, RESTRICTION_RELEASED);
    await pass(w, HOUR);
    expect(w.store.isRestricted(['note'])).toBe(false);
    expect(w.store.isRestricted(['invoice'])).toBe(false);
    expect(w.holding('note')?.decision).toEqual(before);
    expect(w.store.effects.map(({ call }) => call).toSorted()).toEqual([
      'lift',
      'lift',
      'restrict',
      'restrict',
    ]);
  });

  test('that forbids deletion keeps what is due until it is released', async () => {
    const w = await twoRecords();
    await ask(w, RESTRICT_REQUESTED, { forbidsDeletion: true });
    await pass(w, 5 * DAY);
    expect(w.store.fields(['invoice'])).toEqual({ text: 'invoice' });
    expect(w.holding('invoice')?.decision).not.toHaveProperty('deadline');
    await ask(w, RESTRICTION_RELEASED);
    await pass(w, 3 * HOUR);
    expect(w.store.fields(['invoice'])).toBeUndefined();
    expect(w.store.fields(['note'])).toEqual({ text: 'note' });
  });

  test.for([
    { forbidsDeletion: true, what: 'forbids deletion', remarked: 'is remarked' },
    { forbidsDeletion: undefined, what: 'allows deletion', remarked: 'is not remarked' },
  ] as const)(
    'that $what, arrives after a deletion and counts from before it, $remarked',
    async ({ forbidsDeletion, remarked }) => {
      const w = await twoRecords();
      const asOf = w.clock.now();
      await pass(w, 4 * DAY);
      expect(w.holding('invoice')?.state).toBe('disposed');
      const late = new Date(asOf).toISOString();
      await w.happened(w.entity('person', 'p-1'), {
        ...w.fact(RESTRICT_REQUESTED, late, { id: 'late', sent: asOf }),
        attributes: {
          request: 'r-1',
          scope: scopeText({ all: true }),
          ...(forbidsDeletion && { forbidsDeletion }),
        },
      });
      await pass(w, HOUR);
      const remark = w.holding('invoice')?.remarks?.DISPOSED_BEFORE_FACT;
      expect(remark === undefined ? 'is not remarked' : 'is remarked').toBe(remarked);
      expect(w.store.isRestricted(['note'])).toBe(true);
    },
  );

  test('is carried out under a legal hold, which keeps the record from deletion', async () => {
    const w = await twoRecords();
    const hold = { id: 'h-1', kind: 'hold', scope: { store: 'notes' }, state: 'placed' } as const;
    await w.registry.placeWideHold({ ...hold, at: w.clock.now() });
    await ask(w, ERASE_REQUESTED);
    await ask(w, RESTRICT_REQUESTED);
    await pass(w, 2 * HOUR);
    expect(w.store.isRestricted(['note'])).toBe(true);
    expect(w.store.fields(['note'])).toEqual({ text: 'note' });
  });

  test('waits under a legal hold that freezes the record', async () => {
    const w = await twoRecords();
    const hold = {
      id: 'h-1',
      kind: 'hold',
      scope: { store: 'notes' },
      state: 'placed',
      freeze: true,
    } as const;
    await w.registry.placeWideHold({ ...hold, at: w.clock.now() });
    await ask(w, RESTRICT_REQUESTED);
    await pass(w, 2 * HOUR);
    expect(w.store.effects).toEqual([]);
  });
});
