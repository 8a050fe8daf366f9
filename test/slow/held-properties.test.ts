import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOf, pointOf, startOf } from '../../shared/domain/calendar/calendar.ts';
import type { Occurred } from '../../shared/domain/record/ids.ts';
import type { Moment, Rule } from '../../shared/domain/rule/ast.ts';
import { decide } from '../../shared/domain/plan/verdict.ts';
import { plan } from '../../shared/domain/plan/plan.ts';
import { aHolding } from '../support/samples.ts';
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
    fc.property(life, ({ a, b, begun, ended, now, zone: at, other, stage: { action, bound, moment } }) => {
      const rule: Rule = { stages: [{ action, [bound ? 'notBefore' : 'notAfter']: moment }] };
      const rules = [{ ...aRule('until 2019-01-01'), id: 'held', rule }];
      const events = Object.fromEntries(
        ['a.a', 'b.b', 'hold.begun', 'hold.ended'].map((name) => [name, anEvent()]),
      );
      const records = other ? [...rules, aRule('1 year after a.a')] : rules;
      const input = inputOf({
        policies: [aPolicy({ records }, { zone: at, events })],
        subjects: [{ events: { 'a.a': a, 'b.b': b, 'hold.begun': begun, 'hold.ended': ended } }],
        now: now.toISOString(),
      });
      const result = plan(input);
      const claim = { token: 't', leaseUntil: 0, stage: action, attempt: 1, claimedAt: 0, version: 1 };
      const verdict = decide({
        holding: { ...aHolding('record'), state: 'claimed', claim },
        plan: result,
        found: 'present',
        states: input.states,
        holds: [],
        writeLagSeconds: 0,
        now: now.getTime(),
        clockToleranceSeconds: 60,
      });
      // An end closes one beginning at most: with more beginnings than ends so far, one is open.
      const started = begun.filter((date) => startOf(pointOf(date as Occurred), at) <= now.getTime());
      const over = ended.filter((date) => endOf(pointOf(date as Occurred), at) <= now.getTime());
      if (started.length > over.length) {
        expect(verdict.kind).not.toBe('act');
        if (result.next?.heldByRule === true) stopped += 1;
      } else if (verdict.kind === 'act') acted += 1;
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(stopped, acted)).toBeGreaterThan(100);
});
