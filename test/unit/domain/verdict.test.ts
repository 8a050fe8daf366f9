import { describe, expect, test } from 'vitest';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Plan, PlannedStage } from '../../../shared/domain/plan/plan.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { decide, type VerdictInput } from '../../../shared/domain/plan/verdict.ts';
import { present } from '../../../shared/domain/present.ts';

const at = (iso: string): Instant => Date.parse(iso);
const ENTITY = 'E'.repeat(22) as EntityRef;
const DUE = at('2026-03-01T10:00:00Z');

const holding: Holding = {
  ref: 'H'.repeat(22) as HoldingRef,
  version: 4,
  generation: 1,
  state: 'claimed',
  store: 'rows',
  registeredAt: at('2026-01-01T00:00:00Z'),
  registrations: [
    {
      producer: 'app',
      categories: ['profile'],
      purposes: ['service'],
      entities: [{ type: 'account', ref: ENTITY }],
    },
  ],
  claim: {
    token: 't',
    leaseUntil: at('2026-03-01T11:00:00Z'),
    stage: 'delete',
    attempt: 1,
    claimedAt: DUE,
    version: 4,
  },
};

const stage: PlannedStage = {
  action: 'delete',
  status: 'due',
  window: { notBefore: DUE, floor: at('2026-01-30T10:00:00Z'), basis: 'policy' },
  actAt: DUE,
  deadline: at('2026-03-04T10:00:00Z'),
  policy: 'p',
  policyVersion: '1',
  ruleText: '30 days after account.disconnected',
  facts: [],
  reasons: [],
};

function planWith(next: PlannedStage | undefined): Plan {
  return {
    status: next === undefined ? 'undetermined' : 'due',
    ...present({ next }),
    stages: next === undefined ? [] : [next],
    policies: 'digest',
    explanation: [],
    reasoning: [],
  };
}

function verdict(changes: Partial<VerdictInput>): string {
  return decide({
    holding,
    plan: planWith(stage),
    found: 'present',
    states: new Map(),
    holds: [],
    writeLagSeconds: 3600,
    now: at('2026-03-01T10:01:00Z'),
    clockToleranceSeconds: 60,
    ...changes,
  }).kind;
}

const wide = (scope: WideHold['scope'], kind: WideHold['kind'] = 'hold'): WideHold => ({
  id: 'h-1',
  kind,
  scope,
  state: 'placed',
  at: at('2026-02-01T00:00:00Z'),
});

describe('deciding after the claim', () => {
  test('acts when the window has begun on any clock', () => {
    expect(verdict({})).toBe('act');
  });

  test('does nothing while the window may not have begun on some clock', () => {
    expect(verdict({ now: at('2026-03-01T10:00:59.999Z') })).toBe('too-early');
  });

  test('does nothing before the floor, whatever the plan calls due', () => {
    const window = {
      floor: at('2026-03-05T00:00:00Z'),
      notAfter: at('2026-03-06T00:00:00Z'),
      basis: 'policy' as const,
    };
    expect(verdict({ plan: planWith({ ...stage, window }) })).toBe('too-early');
  });

  test('does nothing when the plan has no date any more', () => {
    expect(verdict({ plan: planWith(undefined) })).toBe('too-early');
  });

  test('does nothing when the plan names another stage than the claim', () => {
    expect(verdict({ plan: planWith({ ...stage, action: 'anonymise' }) })).toBe('too-early');
  });

  test('does nothing while a hold of a rule is open, and names a legal hold rather than that', () => {
    const plan = planWith({ ...stage, heldByRule: true });
    expect(verdict({ plan })).toBe('too-early');
    expect(verdict({ plan, found: 'gone' })).toBe('too-early');
    expect(verdict({ plan, holds: [wide({ everything: true })] })).toBe('held');
  });

  test('finds absent what is gone and was registered long ago', () => {
    expect(verdict({ found: 'gone' })).toBe('absent');
  });

  test('waits for a record that its application may still be writing', () => {
    const young = { ...holding, registeredAt: at('2026-03-01T09:30:00Z') };
    expect(verdict({ found: 'gone', holding: young })).toBe('not-written');
    expect(verdict({ found: 'gone', holding: { ...young, seen: true } })).toBe('absent');
  });

  test.each([
    ['everything', { everything: true } as const, 'held'],
    ['its store', { store: 'rows' }, 'held'],
    ['another store', { store: 'other' }, 'act'],
    ['its policy', { policy: 'p' }, 'held'],
    ['another policy', { policy: 'q' }, 'act'],
    ['one of its categories', { category: 'profile' }, 'held'],
    ['another category', { category: 'billing' }, 'act'],
  ])('with a hold on %s', (_, scope, expected) => {
    expect(verdict({ holds: [wide(scope)] })).toBe(expected);
  });

  test('is held by a hold on an entity that it is about', () => {
    const state: EntityState = {
      version: 1,
      profile: '',
      occurrences: {},
      rebuilt: 0,
      dangling: [],
      holds: ['case-7'],
    };
    const result = decide({
      holding,
      plan: planWith(stage),
      found: 'present',
      states: new Map([[ENTITY, state]]),
      holds: [wide({ everything: true }, 'pause')],
      writeLagSeconds: 3600,
      now: at('2026-03-01T10:01:00Z'),
      clockToleranceSeconds: 60,
    });
    expect(result).toEqual({ kind: 'held', by: { hold: 'case-7', kind: 'hold', entity: ENTITY } });
  });

  test('names a legal hold rather than a pause that covers it, too', () => {
    const holds = [wide({ everything: true }, 'pause'), { ...wide({ store: 'rows' }), id: 'case-8' }];
    const result = decide({
      holding,
      plan: planWith(stage),
      found: 'gone',
      states: new Map(),
      holds,
      writeLagSeconds: 0,
      now: at('2026-03-01T10:01:00Z'),
      clockToleranceSeconds: 60,
    });
    expect(result).toEqual({ kind: 'held', by: { hold: 'case-8', kind: 'hold' } });
  });
});
