import { describe, expect, test } from 'vitest';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { deployedPolicies, waitingForPerson } from '../../../shared/protocol/policy-plan/activation.ts';
import { walkOfPlan } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import {
  FIFTY_DAYS,
  type GateWorld,
  gateWorld,
  HOUR,
  MINUTE,
  notesPolicy,
  TEN_DAYS,
  YEAR,
} from '../../support/policy-plan/gate-world.ts';
import type { WorldCore } from '../../support/driver/world.ts';
import { anEvent } from '../../support/rules/rule-world.ts';

const reported = (w: GateWorld): readonly unknown[] =>
  w.reports.lines.filter(({ code }) => code === 'sweep.waiting-too-long').map(({ fields }) => fields?.code);

const waiting = (w: GateWorld): readonly unknown[] =>
  reported(w).filter((code) => code === 'policies-waiting');

async function active(w: GateWorld, core: WorldCore): Promise<boolean> {
  return (await w.registry.activation())?.active === deployedPolicies(core);
}

/** A deployment, and everything that the function `sweep` does about it at once. */
async function deploy(w: GateWorld, core: WorldCore): Promise<void> {
  await w.hourly(core);
  await w.walks(core);
}

describe('the first policies of a deployment', () => {
  test('are active at once, and lanes do not wait for the sweep that records it', async () => {
    const w = await gateWorld();
    const core = w.deployed(YEAR);
    expect(await w.registry.activation()).toBeUndefined();
    await w.hourly(core);
    expect(await w.registry.activation()).toMatchObject({ version: 1, active: deployedPolicies(core) });
    expect(await w.registry.activeSet(deployedPolicies(core))).toEqual(YEAR);
    expect(await w.lanes(core)).toEqual(['done']);
    expect(await w.left()).toBe(3);
  });
});

describe('other policies', () => {
  test('are active as soon as they are counted, if few enough records become due', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    w.bells.length = 0;
    const next = w.deployed(FIFTY_DAYS);
    await w.hourly(next);
    expect(await active(w, next)).toBe(false);
    expect(await w.lanes(next)).toEqual(['policies-waiting']);
    expect(await w.left()).toBe(4);
    await w.walks(next);
    expect(await active(w, next)).toBe(true);
    // They are rung at once, and not with the next hour.
    expect((await w.lanes(next)).length).toBeGreaterThan(0);
    expect(reported(w)).not.toContain('policies-waiting');
  });

  test('wait for a person if more become due, are listed and alarmed each hour, and nothing is disposed of', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const next = w.deployed(TEN_DAYS);
    await deploy(w, next);
    w.clock.advance(HOUR);
    w.reports.lines.length = 0;
    for (let hour = 1; hour < 30; hour += 1) {
      await deploy(w, next);
      expect((await w.lanes(next)).every((ended) => ended === 'policies-waiting')).toBe(true);
      w.clock.advance(HOUR);
    }
    expect(await w.left()).toBe(4);
    expect(await active(w, next)).toBe(false);
    expect(waiting(w)).toHaveLength(29);
    // The cause is told, and not what follows from it.
    expect(reported(w)).not.toContain('lane-stalled');
    // Each day they are counted again.
    expect(w.registry.allPolicyPlans()).toHaveLength(2);
    const { groups } = await listAttention(next, w.clock.now(), { in: 'quarantine' });
    expect(groups).toMatchObject([{ reason: 'policies-waiting', status: 'policies', count: 3 }]);
    expect(await waitingForPerson(next)).toMatchObject({ newlyDue: 3 });
  });

  test('are not active by a count that is older than a day', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const next = w.deployed(TEN_DAYS);
    await deploy(w, next);
    expect(await waitingForPerson(next)).toMatchObject({ newlyDue: 3 });
    // Many more are registered while they wait.
    for (let index = 0; index < 6; index += 1) {
      const contract = w.entity('contract', `late-${index}`);
      await w.register(await w.registration(`late-${index}`, [contract]));
      await w.happened(contract, w.fact('contract.ended', '2026-02-11'));
    }
    w.clock.advance(25 * HOUR);
    const more = w.deployed(TEN_DAYS, 4);
    await deploy(w, more);
    expect(await active(w, more)).toBe(false);
    expect(await waitingForPerson(more)).toMatchObject({ newlyDue: 9 });
  });

  test('of any number are active where the configuration says so', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const next = w.deployed(TEN_DAYS, null);
    await deploy(w, next);
    expect(await active(w, next)).toBe(true);
  });

  test('wait for a person where those of a dataset change, whose rows are not counted', async () => {
    const w = await gateWorld();
    const withDataset = (core: WorldCore): WorldCore => {
      const { notes } = core.configuration.stores;
      if (notes === undefined) throw new TypeError('it is the only store');
      const datasets = [{ category: 'notes', producer: 'portal', clock: { 'contract.ended': 'ended_at' } }];
      return {
        ...core,
        configuration: { ...core.configuration, stores: { notes: { ...notes, datasets } } } as never,
      };
    };
    await deploy(w, withDataset(w.deployed(YEAR)));
    const next = withDataset(w.deployed(FIFTY_DAYS));
    await deploy(w, next);
    expect(await active(w, next)).toBe(false);
    expect(await waitingForPerson(next)).toMatchObject({
      newlyDue: 1,
      datasets: [{ store: 'notes', category: 'notes' }],
    });
    await deploy(w, withDataset(w.deployed(FIFTY_DAYS, null)));
    expect(await active(w, next)).toBe(true);
  });

  test('that are deployed before the first ones were recorded are counted against nothing', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(TEN_DAYS));
    expect(await active(w, w.deployed(TEN_DAYS))).toBe(true);
  });

  test('are counted as all newly due where what was active is lost', async () => {
    const w = await gateWorld();
    await w.registry.putActivation({ version: 1, active: 'f'.repeat(32), at: 0 });
    const next = w.deployed(YEAR, 0);
    await deploy(w, next);
    expect(await waitingForPerson(next)).toMatchObject({ newlyDue: 1 });
  });

  test('that are too large to be stored for a plan wait for a person', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const registry = { ...w.registry, putPolicyPlan: async () => 'too-large' as const };
    const next = w.deployed(FIFTY_DAYS, null, { registry });
    await deploy(w, next);
    await deploy(w, next);
    expect(await active(w, next)).toBe(false);
    expect(await waitingForPerson(next)).toEqual({ since: w.clock.now() });
    expect(reported(w)).toContain('policies-waiting');
  });

  test('are told of when counting them fails or takes hours, and the rest of the sweep goes on', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const registry = { ...w.registry, activation: async () => Promise.reject(new Error('down')) };
    await w.hourly(w.deployed(TEN_DAYS, 2, { registry }));
    expect(waiting(w)).toHaveLength(1);
    expect(w.reports.lines.map(({ code }) => code)).toContain('sweep.caught-up');
    const next = w.deployed(TEN_DAYS);
    await w.hourly(next);
    w.clock.advance(HOUR);
    await w.hourly(next);
    expect(waiting(w)).toHaveLength(1);
    w.clock.advance(HOUR);
    await w.hourly(next);
    expect(waiting(w)).toHaveLength(2);
  });

  test('are counted although the facts of an entity cannot be read, whose records are kept', async () => {
    for (const read of ['states', 'history'] as const) {
      const w = await gateWorld();
      await deploy(w, w.deployed(YEAR));
      const damaged = w.entity('contract', 'c-1').ref;
      const failing = async (): Promise<never> =>
        Promise.reject(Object.assign(new Error('it was changed by hand'), { code: 'ITEM_INVALID' }));
      const registry: GateWorld['registry'] = {
        ...w.registry,
        states: async (entities) =>
          read === 'states' && entities.includes(damaged) ? failing() : w.registry.states(entities),
        history: async (entity) => (entity === damaged ? failing() : w.registry.history(entity)),
      };
      const event = anEvent({ undoneBy: ['contract.started'] });
      const events = { 'contract.ended': event, 'contract.started': anEvent() };
      const next = w.deployed(notesPolicy('10 days after contract.ended', { events }), 1, { registry });
      await deploy(w, next);
      expect(await waitingForPerson(next), read).toMatchObject({ newlyDue: 2 });
    }
  });

  test('are not active because a walk ended that has counted nothing', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const next = w.deployed(TEN_DAYS);
    await w.hourly(next);
    const [plan] = w.registry.allPolicyPlans();
    for (const segment of [0, 1, 2, 3])
      await w.registry.putWalk({
        id: `${walkOfPlan(plan?.id ?? '')}/${segment}`,
        version: 1,
        at: 0,
        done: true,
      });
    await deploy(w, next);
    expect(await active(w, next)).toBe(false);
  });
});

describe('a deployment in between', () => {
  test('of other policies replaces those that wait', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    await deploy(w, w.deployed(TEN_DAYS));
    const third = w.deployed(FIFTY_DAYS);
    await deploy(w, third);
    expect(await active(w, third)).toBe(true);
    expect((await w.registry.activation())?.waiting).toBeUndefined();
  });

  test('while they are counted does not change what is counted, and only their own sweep makes them active', async () => {
    const w = await gateWorld();
    const former = w.deployed(YEAR);
    await deploy(w, former);
    const next = w.deployed(FIFTY_DAYS);
    await w.hourly(next);
    await w.walks(former);
    expect(await active(w, next)).toBe(false);
    await w.hourly(next);
    expect(await active(w, next)).toBe(true);
  });

  test('of the former policies again goes on at once, and what waited is forgotten', async () => {
    const w = await gateWorld();
    const former = w.deployed(YEAR);
    await deploy(w, former);
    w.bells.length = 0;
    await deploy(w, w.deployed(TEN_DAYS));
    await w.hourly(former);
    expect(await w.lanes(former)).toContain('done');
    // A function of the former release may still run: what has just begun to wait stays.
    expect((await w.registry.activation())?.waiting).toBeDefined();
    w.clock.advance(HOUR);
    await w.hourly(former);
    expect((await w.registry.activation())?.waiting).toBeUndefined();
    expect(await waitingForPerson(former)).toBeUndefined();
    // Later they are counted as of then.
    await deploy(w, w.deployed(TEN_DAYS));
    expect(w.registry.allPolicyPlans()).toHaveLength(2);
  });

  test('back from policies that are active is counted, too', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    await deploy(w, w.deployed(TEN_DAYS, null));
    const back = w.deployed(YEAR, 0);
    await w.hourly(back);
    expect(await active(w, back)).toBe(false);
    await w.walks(back);
    expect(await active(w, back)).toBe(true);
  });

  test('lets lanes of the former release go on by the active policies, beside lanes that wait', async () => {
    const w = await gateWorld();
    const former = w.deployed(YEAR);
    await deploy(w, former);
    const next = w.deployed(TEN_DAYS);
    await w.hourly(next);
    const bells = [...w.bells];
    expect(new Set(await w.lanes(next))).toEqual(new Set(['policies-waiting']));
    w.bells.push(...bells);
    expect(await w.lanes(former)).toContain('done');
    expect(await w.left()).toBe(3);
  });

  test('after a restore counts against what the restored registry knows as active', async () => {
    const w = await gateWorld();
    await deploy(w, w.deployed(YEAR));
    const [activation, set] = [
      await w.registry.activation(),
      await w.registry.activeSet(deployedPolicies(w.deployed(YEAR))),
    ];
    const restored = await gateWorld();
    if (activation === undefined || set === undefined) throw new TypeError('they were recorded');
    await restored.registry.putActiveSet(activation.active, set);
    await restored.registry.putActivation(activation);
    const next = restored.deployed(TEN_DAYS);
    await deploy(restored, next);
    expect(await waitingForPerson(next)).toMatchObject({ newlyDue: 3 });
    expect(await restored.left()).toBe(4);
  });
});

describe('a version that comes into effect', () => {
  const later = new Date('2026-04-01T00:00:00Z').getTime();
  const both = {
    policies: [
      ...YEAR.policies,
      ...notesPolicy('10 days after contract.ended', { version: '2', effectiveFrom: later }).policies,
    ],
  };

  test('is counted then, and lanes wait for that', async () => {
    const w = await gateWorld();
    const core = w.deployed(both);
    await deploy(w, core);
    const before = await w.registry.activation();
    await w.lanes(core);
    w.clock.set(later + 5 * MINUTE);
    expect(await w.registry.activation()).toEqual(before);
    await deploy(w, core);
    expect((await w.lanes(core)).every((ended) => ended === 'policies-waiting')).toBe(true);
    expect(await waitingForPerson(core)).toMatchObject({ newlyDue: 3 });
    expect(await w.left()).toBe(3);
  });

  test('is not acted on by an attempt that began before it', async () => {
    const w = await gateWorld();
    const core = w.deployed(both);
    w.clock.set(later - 2 * MINUTE);
    await deploy(w, core);
    w.clock.set(later - 1000);
    await w.registry.putHeartbeat(w.clock.now());
    // The store answers only after the version has come into effect on every clock.
    const store: WorldCore['store'] = {
      ...w.store,
      async look(batch) {
        w.clock.set(later + 3 * MINUTE);
        return w.store.look(batch);
      },
    };
    await w.lanes({ ...core, store });
    expect(await w.left()).toBe(4);
  });
});

test('a lane whose policies wait still settles what a dead attempt left, so that registrations do not wait for it', async () => {
  const w = await gateWorld();
  const former = w.deployed(YEAR);
  await deploy(w, former);
  const [bell] = w.bells;
  const other = await gateWorld();
  await deploy(other, other.deployed(YEAR));
  const { calls, registry } = dyingRegistry(other.registry, {});
  await other.lanes(other.deployed(YEAR, 2, { registry }));
  const dying = dyingRegistry(w.registry, { at: calls.indexOf('putResult') });
  await expect(w.lanes({ ...former, registry: dying.registry })).rejects.toThrow('killed');
  expect(w.registry.allWorkRecords()).toHaveLength(1);
  w.clock.advance(20 * MINUTE);
  const next = w.deployed(TEN_DAYS);
  await w.hourly(next);
  if (bell === undefined) throw new TypeError('it was rung');
  w.bells.push(bell);
  expect(await w.lanes(next)).toContain('policies-waiting');
  expect(w.registry.allWorkRecords()).toEqual([]);
});

test('wherever it dies, and with two sweeps at once, few enough become active and too many never do', async () => {
  for (const [policies, isActive] of [
    [FIFTY_DAYS, true],
    [TEN_DAYS, false],
  ] as const) {
    const first = await gateWorld({ pageSize: 2 });
    await deploy(first, first.deployed(YEAR));
    const recorded = dyingRegistry(first.registry, {});
    await deploy(first, first.deployed(policies, 2, { registry: recorded.registry }));
    const calls = recorded.calls.length;
    expect(calls).toBeGreaterThan(40);
    for (let at = 0; at < calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const w = await gateWorld({ pageSize: 2 });
        await deploy(w, w.deployed(YEAR));
        const dying = dyingRegistry(w.registry, { at, when });
        await deploy(w, w.deployed(policies, 2, { registry: dying.registry })).catch(() => {});
        w.clock.advance(HOUR);
        const core = w.deployed(policies);
        await Promise.all([w.hourly(core), w.hourly(core)]);
        await w.walks(core);
        w.clock.advance(HOUR);
        await Promise.all([w.hourly(core), w.hourly(core)]);
        await w.walks(core);
        await w.hourly(core);
        expect(await active(w, core), `${recorded.calls[at]} ${when}`).toBe(isActive);
        const counted = isActive ? undefined : { newlyDue: 3 };
        if (counted !== undefined) expect(await waitingForPerson(core)).toMatchObject(counted);
      }
    }
  }
});
