import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Activation } from '../../../shared/domain/policy-plan/activation.ts';
import type { PolicyPlan } from '../../../shared/ports/policy-plans.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { aHolding, aHoldingRef, at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const NOW = at('2026-03-01T10:00:00Z');
const SOME = { policies: [aPolicy({ notes: [aRule('30 days after contract.ended')] })] };
const OTHERS = { policies: [aPolicy({ notes: [aRule('1 year after contract.ended')] })] };
const plan = (id: string, more: Partial<PolicyPlan> = {}): PolicyPlan => ({
  id,
  at: NOW,
  to: 'b'.repeat(32),
  sets: { to: OTHERS },
  ...more,
});

describe.each(registryKinds)('plans of policy changes in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('a plan is put once, and is read as it was put', async () => {
    expect(await registry.policyPlan('p-1')).toBeUndefined();
    const whole = plan('p-1', { from: 'a'.repeat(32), asIf: NOW + 5, sets: { from: SOME, to: OTHERS } });
    expect(await registry.putPolicyPlan(whole)).toBe('written');
    expect(await registry.putPolicyPlan(plan('p-1'))).toBe('taken');
    expect(await registry.putPolicyPlan(plan('p-2'))).toBe('written');
    expect(await registry.policyPlan('p-1')).toEqual(whole);
    expect(await registry.policyPlan('p-2')).toEqual(plan('p-2'));
  });

  test('what is active is written on its version', async () => {
    expect(await registry.activation()).toBeUndefined();
    const first: Activation = { version: 1, active: 'a', at: NOW };
    expect(await registry.putActivation(first)).toBe('written');
    expect(await registry.putActivation({ ...first, active: 'b' })).toBe('moved');
    const waiting = { policies: 'b', plan: 'p-1', since: NOW + 7 };
    expect(await registry.putActivation({ ...first, version: 2, waiting })).toBe('written');
    expect(await registry.activation()).toEqual({ ...first, version: 2, waiting });
    expect(await registry.putActivation({ version: 3, active: 'b', at: NOW + 9 })).toBe('written');
    expect(await registry.activation()).toEqual({ version: 3, active: 'b', at: NOW + 9 });
  });

  test('the sets that were active are kept beside it, each by its digest', async () => {
    expect(await registry.activeSet('a')).toBeUndefined();
    await registry.putActiveSet('a', SOME);
    await registry.putActiveSet('b', OTHERS);
    await registry.putActiveSet('a', SOME);
    expect(await registry.activation()).toBeUndefined();
    expect(await registry.activeSet('a')).toEqual(SOME);
    expect(await registry.activeSet('b')).toEqual(OTHERS);
  });

  test('a walk carries what it has found, and when it may go', async () => {
    const walk = { id: 'policy-plan/p-1/0', version: 1, at: NOW, expires: NOW + 86_400_000 };
    const cell = { store: 'crm', category: 'notes', counts: { due: 2, unchanged: 1 }, collections: 1 };
    const found = { examined: 3, unread: 1, cells: [{ ...cell, samples: { due: [aHoldingRef(1)] } }] };
    await registry.putWalk({ ...walk, found });
    expect(await registry.walk(walk.id)).toEqual({ ...walk, found });
  });
});

const ID = `t-1.do.${NOW}.crm`;

describe.each(registryKinds)('replays after a restore in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('a replay is written on its version, and is read as it was written', async () => {
    expect(await registry.restoreReplay(ID)).toBeUndefined();
    const begun = { id: ID, version: 1, at: NOW };
    expect(await registry.putRestoreReplay(begun)).toBe('written');
    expect(await registry.putRestoreReplay({ ...begun, at: NOW + 1 })).toBe('moved');
    expect(await registry.restoreReplay(ID)).toEqual(begun);
    const counting = { ...begun, version: 2, round: { number: 1, at: NOW + 5 } };
    expect(await registry.putRestoreReplay(counting)).toBe('written');
    expect(await registry.putRestoreReplay(counting)).toBe('moved');
    expect(await registry.restoreReplay(ID)).toEqual(counting);
  });

  test('a walk of a replay carries what it has counted', async () => {
    const walk = { id: `restore-replay/${ID}/1/0`, version: 1, at: NOW, expires: NOW + 86_400_000 };
    const cell = { category: 'notes', counts: { there: 2, gone: 1 }, samples: { there: [aHoldingRef(1)] } };
    const replayed = { damaged: 1, cells: [cell] };
    await registry.putWalk({ ...walk, replayed });
    expect(await registry.walk(walk.id)).toEqual({ ...walk, replayed });
  });

  test('a tombstone carries what a person asked about it, and the answer', async () => {
    const probe = { locator: 'sealed', at: NOW + 86_400_000 };
    const first = aHolding(1, { state: 'disposed', version: 1, probe, look: { at: NOW } });
    await registry.writeHoldings([{ before: undefined, after: first }]);
    const [before] = (await registry.holdings([first.ref])).values();
    expect(before).toEqual(first);
    const seen = { ...first, version: 2, look: { at: NOW, seen: 'there' as const } };
    await registry.writeHoldings([{ before, after: seen }]);
    const [again] = (await registry.holdings([first.ref])).values();
    expect(again).toEqual(seen);
    const { look: _look, ...without } = seen;
    await registry.writeHoldings([{ before: again, after: { ...without, version: 3 } }]);
    expect([...(await registry.holdings([first.ref])).values()]).toEqual([{ ...without, version: 3 }]);
  });
});
