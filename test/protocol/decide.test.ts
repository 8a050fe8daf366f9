import { inEffectDigest } from '../../shared/domain/policy-plan/in-effect.ts';
import { describe, expect, test } from 'vitest';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import type { WideHold } from '../../shared/domain/record/hold.ts';
import type { Presence } from '../../shared/ports/store.ts';
import type { Begun } from '../../shared/protocol/lane/begin.ts';
import { decideOrSetAside, type Looked } from '../../shared/protocol/lane/decide.ts';
import type { States } from '../../shared/protocol/plan-of.ts';
import { at } from '../support/driver/dying-worker.ts';
import { STORE, world, type WorldOptions } from '../support/driver/world.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';

/** A record whose contract ended on 30 January: it is due on 2 March at 00:00, and 60 seconds later on any clock. */
const DUE = '2026-03-02T00:00:00Z';
const ON_ANY_CLOCK = '2026-03-02T00:01:00Z';
const PRESENT: Presence = { state: 'present', version: 'v-1' };

interface Case {
  readonly options?: WorldOptions;
  readonly now?: string;
  readonly presence?: Presence;
  readonly registeredAt?: string;
  readonly holds?: readonly WideHold[];
  /** By which the attempt began. */
  readonly policies?: string;
  readonly entityHolds?: readonly string[];
}

async function decided(one: Case = {}) {
  const w = world({ start: one.registeredAt ?? '2026-01-10T00:00:00Z', ...one.options });
  const contract = w.entity('contract', 'c-1');
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-01-30'));
  const holding = w.holding('n-1');
  const state = w.registry.allStates().get(contract.ref);
  if (holding === undefined || state === undefined) throw new Error('nothing was registered');
  const now = at(one.now ?? ON_ANY_CLOCK);
  const policies = inEffectDigest(w.core.configuration.policies, now);
  const begun = {
    holds: one.holds ?? [],
    policies: one.policies ?? policies,
    columns: new Map(),
  } as unknown as Begun;
  const states: States = new Map([[contract.ref, { ...state, holds: one.entityHolds ?? [] }]]);
  const looked: Looked = {
    holding,
    locator: ['n-1'],
    presence: one.presence ?? PRESENT,
    lookedAt: now,
    interrupted: false,
  };
  return decideOrSetAside({ ...w.core, clock: memoryClock(now) }, begun, looked, states);
}

async function said(one: Case = {}): Promise<string> {
  const answer = await decided(one);
  return answer.kind === 'told' ? answer.told.outcome : answer.kind;
}

const wide = (scope: WideHold['scope']): WideHold => ({
  id: 'h-1',
  kind: 'hold',
  scope,
  state: 'placed',
  at: at('2026-02-01T00:00:00Z'),
});

describe('the last decision before a record is acted on', () => {
  test('waits a minute if other policies are in effect than when the attempt began', async () => {
    expect(await said()).toBe('act');
    expect(await decided({ policies: 'others' })).toEqual({
      kind: 'later',
      until: at(ON_ANY_CLOCK) + 60_000,
    });
  });

  test('is to act when the window has begun on any clock', async () => {
    expect(await said()).toBe('act');
  });

  test('is to do nothing while the window may not have begun on some clock', async () => {
    expect(await said({ now: '2026-03-02T00:00:59.999Z' })).toBe('not-due');
    expect(await said({ now: DUE })).toBe('not-due');
  });

  test('is to do nothing when the plan has no date any more', async () => {
    expect(await said({ options: { rules: { notes: ['30 days after contract.cancelled'] } } })).toBe(
      'not-due',
    );
  });

  test('is made from the rules of now: a later minimum keeps the record', async () => {
    const policies = [
      aPolicy({ notes: [aRule('30 days after contract.ended')] }),
      aPolicy(
        { notes: [aRule('90 days after contract.ended')] },
        { version: '2', effectiveFrom: at('2026-03-01T00:00:00Z') },
      ),
    ];
    expect(await said({ options: { policies } })).toBe('not-due');
  });

  test('finds already so what is gone and was registered long ago', async () => {
    expect(await said({ presence: { state: 'gone' } })).toBe('already-so');
  });

  test('waits for a record that its application may still be writing', async () => {
    const registeredAt = '2026-03-01T23:30:00Z';
    expect(await said({ presence: { state: 'gone' }, registeredAt })).toBe('later');
    expect(await said({ registeredAt })).toBe('act');
  });

  test('fails without acting where the store cannot be read', async () => {
    const answer = await decided({ presence: { state: 'unknown', code: 'STORE_UNREACHABLE' } });
    expect(answer).toMatchObject({ kind: 'told', told: { outcome: 'failed', code: 'STORE_UNREACHABLE' } });
  });

  test.each([
    ['everything', { everything: true } as const, 'held'],
    ['its store', { store: STORE }, 'held'],
    ['another store', { store: 'other' }, 'act'],
    ['its policy', { policy: 'test-policy' }, 'held'],
    ['another policy', { policy: 'q' }, 'act'],
    ['its category', { category: 'notes' }, 'held'],
    ['another category', { category: 'bills' }, 'act'],
  ])('with a hold on %s is %s', async (_, scope, expected) => {
    expect(await said({ holds: [wide(scope)] })).toBe(expected);
  });

  test('names the hold on an entity, and before a wide one, also where the record is gone', async () => {
    const answer = await decided({
      holds: [wide({ everything: true })],
      entityHolds: ['case-7'],
      presence: { state: 'gone' },
    });
    expect(answer).toMatchObject({ kind: 'told', told: { outcome: 'held', hold: { id: 'case-7' } } });
  });

  test('sets aside what cannot be planned', async () => {
    const policies = [
      {
        ...aPolicy({ notes: [aRule('30 days after contract.ended')] }),
        get categories(): never {
          throw new Error('broken');
        },
      },
    ];
    const good = world();
    const contract = good.entity('contract', 'c-1');
    await good.register(await good.registration('n-1', [contract]));
    const holding = good.holding('n-1');
    if (holding === undefined) throw new Error('nothing was registered');
    const core = { ...good.core, configuration: { ...good.core.configuration, policies: { policies } } };
    const looked = { holding, locator: ['n-1'], presence: PRESENT, lookedAt: 0, interrupted: false };
    expect(decideOrSetAside(core, { holds: [] } as unknown as Begun, looked, new Map())).toEqual({
      kind: 'set-aside',
      code: 'PLAN_FAILED',
    });
  });
});
