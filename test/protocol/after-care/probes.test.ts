import { expect, test } from 'vitest';
import { afterCareDays, broughtBack, nextCheck, withProbe } from '../../../shared/domain/facts/after-care.ts';
import { foldRegistration, type RegistrationFact } from '../../../shared/domain/facts/fold-registration.ts';
import { tombstoneOf } from '../../../shared/domain/facts/tombstone.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';

const FIRST = Date.parse('2026-01-01T08:00:00Z');
const DELETED = Date.parse('2026-03-01T08:20:00Z');
const NOW = Date.parse('2026-03-08T09:00:00Z');

function registration(at: number): RegistrationFact {
  const content = {
    producer: 'crm',
    categories: ['notes'],
    purposes: [],
    entities: [],
    attributes: { a: 'b' },
  };
  return { ref: 'holding' as HoldingRef, store: 'notes', locator: 'sealed', content, sent: at, received: at };
}

function folded(before: Holding | undefined, at: number): Holding {
  const answer = foldRegistration(before, registration(at));
  if (answer.kind !== 'folded') throw new Error(answer.kind);
  return answer.next;
}

function tombstone(): Holding {
  const before = folded(undefined, FIRST);
  const done = [
    {
      stage: 'delete',
      outcome: 'deleted',
      at: DELETED,
      link: '',
      version: 1,
      facts: '',
      policies: '',
    } as const,
  ];
  return withProbe(tombstoneOf({ ...before, done }), before, { days: [1, 7], now: DELETED });
}

test('the first day without a backup is looked at, too', () => {
  expect(afterCareDays({ afterCare: [7, 1], backupDays: 35 })).toEqual([1, 7, 36]);
  expect(afterCareDays({ afterCare: [], backupDays: 35 })).toBeUndefined();
  expect(afterCareDays({})).toBeUndefined();
});

test('checks are at full hours, and those that were missed are not made up for', () => {
  expect(nextCheck(tombstone(), [1, 7], DELETED)).toBe(Date.parse('2026-03-02T09:00:00Z'));
  expect(nextCheck(tombstone(), [1, 7], NOW - 86_400_000)).toBe(NOW);
  expect(nextCheck(tombstone(), [1, 7], NOW)).toBeUndefined();
  expect(nextCheck(tombstone(), undefined, DELETED)).toBeUndefined();
});

test('what came back is registered as it was, and what is registered after that is registered then', () => {
  const back = broughtBack(tombstone(), NOW);
  expect(back).toMatchObject({ generation: 2, state: 'pending', locator: 'sealed', registeredAt: NOW });
  expect(back?.variants).toMatchObject([{ sent: FIRST, received: FIRST, attributes: { a: 'b' } }]);
  // The same message as before says nothing new.
  expect(foldRegistration(back, registration(FIRST))).toEqual({ kind: 'nothing' });
  const later = folded(back, NOW + 60_000);
  expect(later.variants).toHaveLength(1);
  expect(later.variants[0]).toMatchObject({ received: NOW + 60_000 });
  expect(later.variants[0]).not.toHaveProperty('registeredAt');
  // And the time of that one stays.
  expect(folded(later, NOW + 120_000).variants[0]).toMatchObject({ registeredAt: NOW + 60_000 });
});
