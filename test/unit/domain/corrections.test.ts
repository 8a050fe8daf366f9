import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { standingOf } from '../../../shared/domain/facts/standing.ts';
import { arbitraryHistory, factOf, toldOf } from '../../support/rules/arbitrary-facts.ts';
import { danglingOf, factsThatCount } from '../../support/rules/reference-facts.ts';

const event = (id: string, sent = 0): Fact => factOf(id, { kind: 'event', sent });
const correction = (id: string, about: string, sent = 1): Fact =>
  factOf(id, { kind: 'correction', about, sent });
const retraction = (id: string, about: string, sent = 9): Fact =>
  factOf(id, { kind: 'retraction', about, sent });

/** What counts, and at which hour it was sent. */
const counting = (...facts: readonly Fact[]): Record<string, number> =>
  Object.fromEntries(
    standingOf(facts).counting.map(({ fact, sent }) => [
      fact.ref,
      (sent - Date.parse('2026-03-01T00:00:00Z')) / 3_600_000,
    ]),
  );
const dangling = (...facts: readonly Fact[]): readonly string[] =>
  standingOf(facts).dangling.map(({ ref }) => ref);

const chain = [event('e'), correction('c1', 'e', 1), correction('c2', 'c1', 2), correction('c3', 'c2', 3)];

describe('a retraction', () => {
  test('of the first event of a chain of corrections takes the whole chain back', () => {
    expect(counting(...chain)).toEqual({ c3: 0 });
    expect(counting(...chain, retraction('r', 'e'))).toEqual({});
  });

  test('of a corrected event is effective', () => {
    expect(counting(event('e'), correction('c1', 'e'), retraction('r', 'e'))).toEqual({});
    expect(counting(event('e'), correction('c1', 'e', 5), retraction('r', 'e', 2))).toEqual({});
  });

  test('of a correction brings back what it corrected', () => {
    expect(counting(...chain, retraction('r', 'c3'))).toEqual({ c2: 0 });
    expect(counting(...chain, retraction('r', 'c3'), retraction('r2', 'c2'))).toEqual({ c1: 0 });
  });

  test('of a correction takes back the corrections of it too', () => {
    expect(counting(...chain, retraction('r', 'c2'))).toEqual({ c1: 0 });
    expect(counting(...chain, retraction('r', 'c1'))).toEqual({ e: 0 });
  });

  test('that is retracted takes nothing back', () => {
    const twice = [event('e'), retraction('r', 'e'), retraction('r2', 'r')];
    expect(counting(...twice)).toEqual({ e: 0 });
    expect(counting(...twice, retraction('r3', 'r2'))).toEqual({});
  });

  test('in a circle of retractions takes nothing back, until the circle is broken', () => {
    const circle = [event('e'), retraction('r1', 'r2'), retraction('r2', 'r1'), retraction('r', 'e')];
    expect(counting(...circle)).toEqual({});
    expect(dangling(...circle)).toEqual(['r1', 'r2']);
    expect(dangling(...circle, retraction('r3', 'r1'))).toEqual([]);
    expect(dangling(retraction('self', 'self'))).toEqual(['self']);
  });
});

describe('of several corrections of one event', () => {
  test('the one that was sent last stands, whichever of the others it names', () => {
    expect(counting(event('e'), correction('a', 'e', 2), correction('b', 'e', 1))).toEqual({ a: 0 });
    expect(
      counting(event('e'), correction('a', 'e', 1), correction('b', 'e', 3), correction('a2', 'a', 2)),
    ).toEqual({ b: 0 });
  });

  test('the one before stands when the last is retracted, and the last when the one before is', () => {
    const two = [event('e'), correction('a', 'e', 1), correction('b', 'e', 2)];
    expect(counting(...two, retraction('r', 'b'))).toEqual({ a: 0 });
    expect(counting(...two, retraction('r', 'a'))).toEqual({ b: 0 });
  });

  test('that were sent at once, the correction of the other stands, else the one with the greater reference', () => {
    expect(counting(event('e'), correction('b', 'e', 1), correction('a', 'b', 1))).toEqual({ a: 0 });
    expect(counting(event('e'), correction('b', 'e', 1), correction('a', 'e', 1))).toEqual({ b: 0 });
  });

  test('one is never older than what it corrects', () => {
    expect(
      counting(event('e'), correction('a', 'e', 5), correction('a2', 'a', 1), correction('b', 'e', 4)),
    ).toEqual({ a2: 0 });
  });
});

test('a correction keeps the time at which the event was sent', () => {
  expect(counting(event('e', 2), correction('c', 'e', 7))).toEqual({ c: 2 });
});

describe('a correction of an id that is not there', () => {
  test('counts for nothing until that id arrives', () => {
    expect(counting(event('e'), correction('c', 'typo'))).toEqual({ e: 0 });
    expect(counting(event('e'), correction('c', 'typo'), event('typo'))).toEqual({ e: 0, c: 0 });
  });

  test('is listed with when it was received, the oldest first, and so is a retraction', () => {
    const late = factOf('c', { kind: 'correction', about: 'typo', received: 8 });
    const early = factOf('r', { kind: 'retraction', about: 'other', received: 3 });
    expect(standingOf([event('e'), late, early]).dangling).toEqual([
      { ref: 'r', about: 'other', received: early.received },
      { ref: 'c', about: 'typo', received: late.received },
    ]);
  });

  test('is not listed any more when it is retracted, nor what corrects it', () => {
    const facts = [correction('c', 'typo'), correction('c2', 'c')];
    expect(dangling(...facts)).toEqual(['c', 'c2']);
    expect(dangling(...facts, retraction('r', 'c'))).toEqual([]);
  });

  test('neither does one that leads to a retraction, or to itself', () => {
    const facts = [event('e'), retraction('r', 'e'), correction('c', 'r')];
    expect(counting(...facts)).toEqual({});
    expect(dangling(...facts)).toEqual(['c']);
    expect(dangling(correction('a', 'b'), correction('b', 'a'), correction('tail', 'b'))).toEqual([
      'a',
      'b',
      'tail',
    ]);
  });
});

test('what does not count is named with the fact because of which it does not', () => {
  const facts = [...chain, retraction('r', 'c3'), retraction('r2', 'c1'), retraction('r3', 'r2')];
  const why = standingOf(facts).replaced.map(({ fact, by }) => `${fact.ref} by ${by.ref}`);
  expect(why).toEqual(['e by c2', 'c1 by c2', 'c3 by r', 'r2 by r3']);
});

test('any facts in any order count as a slow reading of the sentences says', () => {
  const history = arbitraryHistory(9).chain((facts) =>
    fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
  );
  fc.assert(
    fc.property(history, ([facts, shuffled]) => {
      const told = facts.map(toldOf);
      const { counting: counts, dangling: waiting, replaced } = standingOf(shuffled);
      expect(new Map(counts.map(({ fact, sent }) => [String(fact.ref), sent]))).toEqual(
        new Map(factsThatCount(told).map(({ told: { id }, sent }) => [id, sent])),
      );
      expect(waiting.map(({ ref }) => ref).toSorted()).toEqual(
        danglingOf(told)
          .map(({ id }) => id)
          .toSorted(),
      );
      const inOrder = standingOf(facts);
      expect(waiting).toEqual(inOrder.dangling);
      expect(new Map(replaced.map(({ fact, by }) => [fact.ref, by]))).toEqual(
        new Map(inOrder.replaced.map(({ fact, by }) => [fact.ref, by])),
      );
    }),
    { numRuns: 5000 },
  );
});
