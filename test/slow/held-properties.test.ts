import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOf, pointOf, startOf } from '../../shared/domain/calendar/calendar.ts';
import type { Occurred } from '../../shared/domain/record/ids.ts';
import type { Moment, Rule } from '../../shared/domain/rule/ast.ts';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import type { Chunk } from '../../shared/domain/record/work.ts';
import type { Begun } from '../../shared/protocol/lane/begin.ts';
import { decideOrSetAside } from '../../shared/protocol/lane/decide.ts';
import { deployedPolicies } from '../../shared/protocol/policy-plan/activation.ts';
import { STORE, world } from '../support/driver/world.ts';
import { aHolding, anEntityRef } from '../support/samples.ts';
import { anEvent, aPolicy, aRule, inputOf } from '../support/rules/rule-world.ts';

const instants = fc.date({
  min: new Date('2018-01-01T00:00:00Z'),
  max: new Date('2026-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const occurred = fc.oneof(
  instants.map((instant) => instant.toISOString()),
  instants.map((instant) => instant.toISOString().slice(0, 10)),
);
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Apia', 'America/Sao_Paulo', 'Asia/Almaty');
const years = fc.integer({ min: 0, max: 4 });

/** A moment with one hold somewhere in it, and without conditions and overrides: every part of it counts. */
const held = fc.letrec<{ free: Moment; held: Moment }>((tie) => ({
  free: fc.oneof(
    fc.constantFrom<Moment>(
      { kind: 'event', name: 'a.a', pick: 'last' },
      { kind: 'event', name: 'b.b', pick: 'first' },
      { kind: 'date', date: '2021-06-30' },
    ),
    fc.record({
      kind: fc.constant('after' as const),
      period: years.map((count) => ({ years: count })),
      start: fc.constantFrom<Moment>(
        { kind: 'event', name: 'a.a', pick: 'last' },
        { kind: 'event', name: 'b.b', pick: 'last' },
      ),
    }),
  ),
  held: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      kind: fc.constant('suspended' as const),
      how: fc.constant('held' as const),
      of: tie('free'),
      intervals: fc.constant([{ from: 'hold.begun', until: 'hold.ended' }]),
    }),
    fc.record({
      kind: fc.constantFrom('later' as const, 'earlier' as const),
      of: fc.tuple(
        fc.record({ moment: tie('held'), optional: fc.boolean() }),
        fc.record({ moment: tie('free'), optional: fc.constant(false) }),
      ),
    }),
    fc.record({
      kind: fc.constant('end-of' as const),
      unit: fc.constant('month' as const),
      of: tie('held'),
    }),
  ) as fc.Arbitrary<Moment>,
})).held;

const stage = fc.record({ action: fc.constant('delete' as const), bound: fc.boolean(), moment: held });
const dates = (most: number) => fc.array(occurred, { maxLength: most });

const w = world({ policy: { writeLagSeconds: 0 } });
const about = { type: 'contract', ref: anEntityRef('c-1') };
const holding = aHolding('record', {
  store: STORE,
  registeredAt: 0,
  variants: aHolding('record').variants.map((one) => ({
    ...one,
    categories: ['records'],
    entities: [about],
    received: 0,
  })),
});
const chunk: Chunk = {
  lane: STORE,
  producer: 'customer-portal',
  minute: 0,
  id: 'chunk',
  version: 1,
  refs: [holding.ref],
  attempts: 0,
  failures: 0,
  uncertain: [],
};
const begun: Omit<Begun, 'policies'> = {
  chunk,
  work: { lane: STORE, chunk, token: 't', begunAt: 0, until: Infinity, refs: [holding.ref], actedOn: [] },
  holds: [],
  columns: new Map(),
};

test('as long as a hold of a rule is open, no decision is to act', () => {
  let [stopped, acted] = [0, 0];
  const life = fc.record({
    a: dates(2),
    b: dates(2),
    begun: dates(3),
    ended: dates(3),
    now: instants,
    zone,
    /** A second rule without a hold, which may decide the date. */
    other: fc.boolean(),
    stage,
  });
  fc.assert(
    fc.property(life, (lived) => {
      const { a, b, now, zone: at, other } = lived;
      const { action, bound, moment } = lived.stage;
      const rule: Rule = { stages: [{ action, [bound ? 'notBefore' : 'notAfter']: moment }] };
      const rules = [{ ...aRule('until 2019-01-01'), id: 'held', rule }];
      const events = Object.fromEntries(
        ['a.a', 'b.b', 'hold.begun', 'hold.ended'].map((name) => [name, anEvent()]),
      );
      const records = other ? [...rules, aRule('1 year after a.a')] : rules;
      const { policies, states: told } = inputOf({
        policies: [aPolicy({ records }, { zone: at, events, writeLagSeconds: 0 })],
        subjects: [{ events: { 'a.a': a, 'b.b': b, 'hold.begun': lived.begun, 'hold.ended': lived.ended } }],
      });
      const core = {
        ...w.core,
        configuration: { ...w.core.configuration, policies },
        clock: memoryClock(now.getTime()),
      };
      const states = new Map([...told.values()].map((state) => [about.ref, state]));
      const [ifThere, ifGone] = (['present', 'gone'] as const).map((state) => {
        const looked = { presence: { state }, lookedAt: now.getTime(), interrupted: false };
        const own = { ...begun, policies: deployedPolicies(core) };
        return decideOrSetAside(core, own, { ...looked, holding, locator: ['n-1'] }, states);
      });
      // An end closes one beginning at most: with more beginnings than ends so far, one is open.
      const started = lived.begun.filter((date) => startOf(pointOf(date as Occurred), at) <= now.getTime());
      const over = lived.ended.filter((date) => endOf(pointOf(date as Occurred), at) <= now.getTime());
      expect(ifThere?.kind).not.toBe('set-aside');
      if (started.length > over.length) {
        expect(['not-due', 'later']).toContain(ifThere?.kind);
        expect(ifGone).toEqual(ifThere);
        if (ifThere?.kind === 'later') stopped += 1;
      } else if (ifThere?.kind === 'act') {
        expect(ifGone?.kind).toBe('told');
        acted += 1;
      }
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(stopped, acted)).toBeGreaterThan(100);
}, 300_000);
