import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../../shared/domain/facts/fold.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { aFact, anEventRef } from '../../support/samples.ts';
import { at } from '../../support/driver/world.ts';

const hour = (number: number) => at('2026-03-01T00:00:00Z') + number * 3_600_000;
const ended = aFact('end', { sent: hour(0) });
const correction = (name: string, sent: number, kills = 'end'): Fact =>
  aFact(name, { kind: 'correction', kills: anEventRef(kills), sent: hour(sent) });
const retraction = (name: string, kills: string): Fact =>
  aFact(name, { kind: 'retraction', kills: anEventRef(kills), sent: hour(99) });
/** Which occurrences of the event stand. */
const standing = (facts: readonly Fact[]): readonly string[] =>
  judge(facts)
    .living.filter(({ kind }) => kind !== 'retraction')
    .map(({ ref }) => ref)
    .toSorted();

describe('of several corrections that name the same event', () => {
  test('the one that was sent last stands', () => {
    const facts = [ended, correction('c-1', 2), correction('c-2', 1)];
    expect(standing(facts)).toEqual([anEventRef('c-1')]);
    expect(judge(facts).killed).toContain(ended.ref);
  });

  test('the one before stands when the last is retracted', () => {
    expect(standing([ended, correction('c-1', 1), correction('c-2', 2), retraction('r', 'c-2')])).toEqual([
      anEventRef('c-1'),
    ]);
  });

  test('a retracted one does not bring back what came before it', () => {
    expect(
      standing([correction('c-1', 1), correction('c-2', 2), correction('c-3', 3), retraction('r', 'c-2')]),
    ).toEqual([anEventRef('c-3')]);
  });

  test('a correction of a correction is never older than what it corrects', () => {
    expect(standing([ended, correction('c-1', 5), correction('of-1', 1, 'c-1')])).toEqual([
      anEventRef('of-1'),
    ]);
    expect(
      standing([ended, correction('c-1', 5), correction('of-1', 1, 'c-1'), correction('c-2', 4)]),
    ).toEqual([anEventRef('of-1')]);
    expect(
      standing([ended, correction('c-1', 1), correction('of-1', 2, 'c-1'), correction('c-2', 3)]),
    ).toEqual([anEventRef('c-2')]);
  });

  test('exactly one occurrence stands, whatever they name, in whatever order they are read', () => {
    const sets = fc.array(fc.record({ sent: fc.nat(5), names: fc.nat(6) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sets, fc.infiniteStream(fc.nat()), (set, order) => {
        // Each names the event or a correction that was made before it.
        const corrections = set.map(({ sent, names }, index) =>
          correction(`c-${index}`, sent, names < index ? `c-${names}` : 'end'),
        );
        const facts = [ended, ...corrections];
        const shuffled = facts
          .map((fact) => ({ fact, place: order.next().value as number }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ fact }) => fact);
        expect(standing(facts)).toHaveLength(1);
        expect(standing(shuffled)).toEqual(standing(facts));
      }),
    );
  });
});
