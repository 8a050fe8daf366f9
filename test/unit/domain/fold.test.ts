import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATE_BYTES } from '../../../shared/domain/facts/compact.ts';
import type { EntityState, Fact } from '../../../shared/domain/facts/facts.ts';
import { emptyState, fold, refold } from '../../../shared/domain/facts/fold.ts';
import {
  arbitraryArrivals,
  arbitraryHistory,
  factOf,
  onRecord,
  PROFILE,
} from '../../support/rules/arbitrary-facts.ts';
import { toldEntity } from '../../support/rules/told-entity.ts';

/** Without what counts writes. */
function said(state: EntityState): unknown {
  const { version: _version, rebuilt: _rebuilt, ...rest } = state;
  return rest;
}
const whole = (facts: readonly Fact[]): EntityState => refold(emptyState(PROFILE), facts, PROFILE);
const told = (facts: readonly Fact[]): EntityState => {
  const entity = toldEntity(PROFILE);
  for (const fact of facts) entity.arrives(fact);
  return entity.state;
};

describe('the same event sent twice with another time', () => {
  const early = factOf('e', { kind: 'event', occurred: '2026-03-09', sent: 1 });
  const late = { ...early, sent: early.sent + 72 * 3_600_000 };
  const undone = factOf('u', { kind: 'event', type: 'contract.renewed', occurred: '2026-03-02' });

  test('gives one answer, whichever comes first: it counts as sent when it was first sent', () => {
    for (const order of [
      [early, late, undone],
      [late, early, undone],
      [late, undone, early],
      [undone, late, early],
    ])
      expect(told(order).occurrences['contract.ended']).toEqual([]);
    expect(told([late, undone]).occurrences['contract.ended']).toHaveLength(1);
  });
});

describe('facts that arrive one by one', () => {
  test('end in one state, whatever their order and however often they come', () => {
    fc.assert(
      fc.property(arbitraryArrivals(8), (order) => {
        expect(said(told(order))).toEqual(said(whole(onRecord(order))));
      }),
      { numRuns: 2000 },
    );
  });

  test('end in one state in each of their orders', () => {
    fc.assert(
      fc.property(arbitraryHistory(5), (facts) => {
        const wanted = said(whole(facts));
        for (const order of permutations(facts)) expect(said(told(order))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('that are only events never need the history', () => {
    const entity = toldEntity(PROFILE);
    for (let n = 0; n < 100; n += 1) entity.arrives(factOf(`e${n}`, { kind: 'event', type: 'payment.made' }));
    expect(entity.histories).toBe(0);
  });

  test('do not need the history for what was taken back long ago', () => {
    const entity = toldEntity(PROFILE);
    entity.arrives(factOf('e', { kind: 'event' }));
    entity.arrives(factOf('r', { kind: 'retraction', about: 'e' }));
    expect(entity.histories).toBe(1);
    expect(entity.state.dangling).toEqual([]);
    entity.arrives(factOf('e2', { kind: 'event' }));
    expect(entity.histories).toBe(1);
  });

  test('need it when they are named by what came before them', () => {
    const entity = toldEntity(PROFILE);
    entity.arrives(factOf('c', { kind: 'correction', about: 'e', received: 7 }));
    expect(entity.state.dangling).toMatchObject([{ ref: 'c', about: 'e' }]);
    expect(entity.state.occurrences).toEqual({});
    entity.arrives(factOf('e', { kind: 'event' }));
    expect(entity.histories).toBe(2);
    expect(entity.state.occurrences['contract.ended']).toMatchObject([{ ref: 'c' }]);
    expect(entity.state.dangling).toEqual([]);
  });

  test('are not folded into a state that was rebuilt since before they were put', () => {
    const event = factOf('e', { kind: 'event' });
    const before = emptyState(PROFILE);
    const since = refold(before, [event, factOf('r', { kind: 'retraction', about: 'e' })], PROFILE);
    expect(fold(before, since, event, PROFILE)).toBe('history');
  });
});

describe('a state', () => {
  test('with one attribute that is too large keeps nothing, and says so', () => {
    const large = factOf('e', { kind: 'event', attributes: { note: 'x'.repeat(STATE_BYTES) } });
    expect(whole([large])).toMatchObject({ occurrences: {}, truncated: 'all' });
    expect(fold(whole([large]), whole([large]), factOf('f', { kind: 'event' }), PROFILE)).toMatchObject({
      occurrences: {},
      truncated: 'all',
    });
  });

  test('with too many corrections of what is not there says so, and every event reads the history', () => {
    const entity = toldEntity(PROFILE);
    for (let n = 0; n < 30; n += 1)
      entity.arrives(factOf(`c${n}`, { kind: 'correction', about: `typo${n}` }));
    expect(entity.state.dangling).toBe('too-many');
    entity.arrives(factOf('e', { kind: 'event' }));
    expect(entity.histories).toBe(31);
    expect(entity.state.occurrences['contract.ended']).toMatchObject([{ ref: 'e' }]);
  });

  test('that says a type is truncated has it back once the history is read and it fits', () => {
    const entity = toldEntity(PROFILE);
    const payments = Array.from({ length: 33 }, (_, n) =>
      factOf(`p${n}`, { kind: 'event', type: 'payment.made' }),
    );
    for (const payment of payments) entity.arrives(payment);
    expect(entity.state).toMatchObject({ truncated: ['payment.made'], occurrences: {} });
    entity.arrives(factOf('r', { kind: 'retraction', about: 'p7' }));
    expect(entity.state.truncated).toBeUndefined();
    expect(entity.state.occurrences['payment.made']).toHaveLength(32);
  });
});

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((tail) => [item, ...tail]),
  );
}
