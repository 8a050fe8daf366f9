import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import { bytesOf, STATE_BYTES } from '../../shared/domain/facts/compact.ts';
import type { EntityState, Fact } from '../../shared/domain/facts/facts.ts';
import { emptyState, refold } from '../../shared/domain/facts/fold.ts';
import { plan } from '../../shared/domain/plan/plan.ts';
import type { EntityRef, EventRef } from '../../shared/domain/record/ids.ts';
import { arbitraryArrivals, factOf, onRecord, toldOf } from '../support/rules/arbitrary-facts.ts';
import { factsThatCount } from '../support/rules/reference-facts.ts';
import { aPolicy, anEvent, aRule, inputOf } from '../support/rules/rule-world.ts';
import { toldEntity } from '../support/rules/told-entity.ts';

describe('a state', () => {
  const types = Object.fromEntries(
    Array.from({ length: 80 }, (_, n) => [
      `some.rather-long-name-of-an-event-${n}`,
      { undoneBy: [], keepAll: n % 2 === 0 },
    ]),
  );
  const profile = { digest: 'p'.repeat(64), types };
  const ref = (name: string): EventRef => name.padEnd(22, '-') as EventRef;
  const manyFacts = fc
    .array(
      fc.record({
        kind: fc.constantFrom<Fact['kind'][]>('event', 'event', 'event', 'correction', 'retraction'),
        type: fc.constantFrom(...Object.keys(types).slice(0, 12), ...Object.keys(types)),
        day: fc.integer({ min: 1, max: 28 }),
        about: fc.nat(400),
        note: fc.option(fc.nat(4000), { nil: undefined, freq: 8 }),
      }),
      { maxLength: 300, size: 'max' },
    )
    .map((list) =>
      list.map(({ day, about, note, ...one }, n) => {
        const occurred = `2026-03-${String(day).padStart(2, '0')}T10:00:00+02:00`;
        const attributes = note === undefined ? undefined : { note: 'ä'.repeat(note) };
        const fact = factOf(`f${n}`, { ...one, occurred, about: `f${about}`, sent: n, attributes });
        return {
          ...fact,
          ref: ref(fact.ref),
          ...(fact.about === undefined ? {} : { about: ref(fact.about) }),
        };
      }),
    );

  test('never has more bytes than its bound, whatever was sent', () => {
    let truncated = 0;
    fc.assert(
      fc.property(manyFacts, (facts) => {
        const entity = toldEntity(profile);
        for (const fact of facts) {
          entity.arrives(fact);
          expect(bytesOf(entity.state)).toBeLessThanOrEqual(STATE_BYTES);
        }
        if (entity.state.truncated !== undefined) truncated += 1;
        expect(bytesOf(refold(emptyState(profile), facts, profile))).toBeLessThanOrEqual(STATE_BYTES);
      }),
      { numRuns: 40 },
    );
    expect(truncated).toBeGreaterThan(5);
  });
});

describe('a plan', () => {
  const policies = [
    aPolicy(
      {
        last: [aRule('1 day after contract.ended')],
        first: [aRule('1 day after the first contract.ended')],
        counted: [aRule('2 newer payment.made than contract.ended')],
      },
      {
        events: {
          'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
          'contract.renewed': anEvent(),
          'payment.made': anEvent(),
        },
      },
    ),
  ];
  const profile = foldProfile({ policies });
  const planned = (state: EntityState, category: string, zone: string) => {
    const input = inputOf({ policies, subjects: [{ events: {} }], categories: [category] });
    const { status, next } = plan({
      ...input,
      variants: [{ zone }],
      states: new Map([['contract-0' as EntityRef, { ...state, version: 1 }]]),
    });
    return { status, next };
  };

  test('with the compact state is that with all facts, in every zone', () => {
    const zones = fc.constantFrom('UTC', 'Pacific/Kiritimati', 'Etc/GMT+12', 'Europe/Berlin');
    fc.assert(
      fc.property(arbitraryArrivals(8), zones, (order, zone) => {
        const entity = toldEntity(profile);
        for (const fact of order) entity.arrives(fact);
        const all = onRecord(order);
        const byId = new Map(all.map((fact) => [String(fact.ref), fact]));
        const occurrences = Map.groupBy(
          factsThatCount(all.map(toldOf)).flatMap(({ told: { id }, sent }) => {
            const fact = byId.get(id);
            if (fact?.occurred === undefined) return [];
            const { ref, type, occurred, attributes } = fact;
            return [{ type, one: { ref, occurred, sent, ...(attributes && { attributes }) } }];
          }),
          ({ type }) => type,
        );
        const everything: EntityState = {
          ...emptyState(profile),
          occurrences: Object.fromEntries(
            [...occurrences].map(([type, list]) => [type, list.map(({ one }) => one)]),
          ),
        };
        expect(entity.state.truncated).toBeUndefined();
        for (const category of ['last', 'first', 'counted'])
          expect(planned(entity.state, category, zone)).toEqual(planned(everything, category, zone));
      }),
      { numRuns: 1000 },
    );
  });
});
