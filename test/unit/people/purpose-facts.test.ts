import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { EntityState, Fact, Occurrence } from '../../../shared/domain/facts/facts.ts';
import { emptyState, refold } from '../../../shared/domain/facts/fold.ts';
import { purposeOf } from '../../../shared/domain/facts/purpose-of.ts';
import { factOf } from '../../support/rules/arbitrary-facts.ts';
import { aPolicy, anEvent } from '../../support/rules/rule-world.ts';
import { toldEntity } from '../../support/rules/told-entity.ts';

const byPurpose = { byPurpose: true, attributes: { purpose: 'text' } } as const;
const PROFILE = foldProfile({
  policies: [
    aPolicy(
      {},
      {
        events: {
          'consent.withdrawn': anEvent({ ...byPurpose, undoneBy: ['consent.given', 'account.reopened'] }),
          'consent.given': anEvent(byPurpose),
          'account.reopened': anEvent(),
        },
      },
    ),
  ],
});

const PURPOSES = ['marketing', 'newsletter', 'statistics'];
const OCCURRED = ['2026-03-01', '2026-03-02', '2026-03-01T10:00:00Z', '2026-03-04T23:30:00-05:00'];

/** Consents that are given and withdrawn; some of what was sent is taken back. */
const history: fc.Arbitrary<Fact[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Fact['kind'][]>('event', 'event', 'event', 'correction', 'retraction'),
      type: fc.constantFrom('consent.withdrawn', 'consent.withdrawn', 'consent.given', 'account.reopened'),
      occurred: fc.constantFrom(...OCCURRED),
      sent: fc.nat(40),
      about: fc.nat(12),
      purpose: fc.constantFrom(...PURPOSES),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) =>
    list.map(({ purpose, about, ...parts }, index) =>
      factOf(`f${index}`, {
        ...parts,
        about: `f${about}`,
        ...(parts.type !== 'account.reopened' && { attributes: { purpose } }),
      }),
    ),
  );

const whole = (facts: readonly Fact[]): EntityState => refold(emptyState(PROFILE), facts, PROFILE);
const of = (state: EntityState, type: string, purpose: string): readonly Occurrence[] =>
  (state.occurrences[type] ?? []).filter((one) => purposeOf(one) === purpose);

describe('consents that arrive one by one', () => {
  test('end in one state, whatever their order and however often they come', () => {
    fc.assert(
      fc.property(
        history.chain((facts) =>
          fc.tuple(
            fc.constant(facts),
            fc.shuffledSubarray([...facts, ...facts], { minLength: 2 * facts.length }),
          ),
        ),
        ([facts, order]) => {
          const entity = toldEntity(PROFILE);
          for (const fact of order) entity.arrives(fact);
          expect(entity.state.occurrences).toEqual(whole(facts).occurrences);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('say of each purpose what they would say if the others had never been named', () => {
    let kept = 0;
    fc.assert(
      fc.property(history, (facts) => {
        const events = facts.filter(({ kind }) => kind === 'event');
        for (const purpose of PURPOSES) {
          const own = events.filter((one) => [purpose, undefined].includes(purposeOf(one)));
          for (const type of ['consent.withdrawn', 'consent.given']) {
            expect(of(whole(events), type, purpose)).toEqual(of(whole(own), type, purpose));
            kept += of(whole(own), type, purpose).length;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(kept).toBeGreaterThan(500);
  });
});

test('a consent that is given again undoes the withdrawal of its own purpose only', () => {
  const consent = (id: string, type: string, purpose: string, occurred: string): Fact =>
    factOf(id, { kind: 'event', type, occurred, sent: 1000, attributes: { purpose } });
  const facts = [
    consent('a', 'consent.withdrawn', 'marketing', '2026-03-01'),
    consent('b', 'consent.withdrawn', 'newsletter', '2026-03-01'),
    consent('c', 'consent.given', 'marketing', '2026-03-05'),
  ];
  expect(of(whole(facts), 'consent.withdrawn', 'marketing')).toEqual([]);
  expect(of(whole(facts), 'consent.withdrawn', 'newsletter')).toMatchObject([{ ref: 'b' }]);
});

test('what names no purpose and undoes, undoes the withdrawal of every purpose', () => {
  const facts = [
    ...PURPOSES.map((purpose) =>
      factOf(purpose, { kind: 'event', type: 'consent.withdrawn', attributes: { purpose } }),
    ),
    factOf('r', { kind: 'event', type: 'account.reopened', occurred: '2026-03-09' }),
  ];
  expect(whole(facts).occurrences['consent.withdrawn']).toEqual([]);
});
