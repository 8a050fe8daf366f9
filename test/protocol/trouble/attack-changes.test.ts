import { describe, expect, test } from 'vitest';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { rePlan } from '../../../shared/protocol/plan-writer.ts';
import { checkPolicies, rePlanSegment } from '../../../shared/protocol/policies.ts';
import { continueFanOut } from '../../../shared/protocol/record-fact.ts';
import { sweepHourly, sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import {
  at,
  beat,
  dies,
  due,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
  type World,
} from '../../support/driver/dying-worker.ts';
import { OTHER_PRODUCER, STORE, world } from '../../support/driver/world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

/** What changes while something is under way: policies, stores, timing, holds, entities and facts. */

const NULLED: Masks = { email: { kind: 'null' } };

function stagesOf(w: World): readonly string[] {
  return entriesOf(w).map(({ stage }) => stage);
}

describe('two stages', () => {
  const rules = [aRule('anonymise 10 days after contract.ended, then delete 60 days after contract.ended')];
  const policy = { ...aPolicy({}), categories: { notes: { rules, masks: NULLED } } };

  test('are done again from the first one, when the contract was renewed in between and ended again', async () => {
    const { w, contract } = await due({ policy });
    await w.run(at('2026-03-12T12:00:00Z'));
    expect(stagesOf(w)).toEqual(['anonymise']);
    await w.happened(contract, w.fact('contract.renewed', '2026-03-12'));
    await w.run(at('2026-04-20T00:00:00Z'));
    expect(stagesOf(w)).toEqual(['anonymise']);
    await w.happened(contract, w.fact('contract.ended', '2026-04-20'));
    await w.run(at('2026-07-01T00:00:00Z'));
    expect(stagesOf(w)).toEqual(['anonymise', 'anonymise', 'delete']);
    expect(w.store.size()).toBe(0);
  });

  test('of a record of two producers: one withdraws and registers again, and its new data is masked, too', async () => {
    const { w, contract } = await due({ policy });
    await w.register(await w.registration('n-1', [contract], { producer: OTHER_PRODUCER }));
    await w.run(at('2026-04-02T00:00:00Z'));
    await w.withdraw(await w.withdrawal('n-1'));
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(stagesOf(w)).toEqual(['anonymise']);
    w.store.put(['n-1'], { email: 'new' });
    await w.register(await w.registration('n-1', [contract]));
    await w.run(at('2026-04-04T00:00:00Z'));
    expect(stagesOf(w)).toEqual(['anonymise', 'anonymise']);
    expect(w.store.fields(['n-1'])).toEqual({ email: null });
    await w.run(at('2026-05-01T00:30:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('wait for a hold, and then for a pause that was placed meanwhile', async () => {
    const { w } = await due({ policy });
    const hold = {
      id: 'h-1',
      kind: 'hold',
      scope: { policy: 'test-policy' },
      state: 'placed',
      at: 0,
    } as const;
    const pause = { id: 'p-1', kind: 'pause', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at('2026-03-20T00:00:00Z'));
    expect(w.registry.allParked()).toHaveLength(1);
    await placeHold(w.core, pause);
    await release(w.core, hold);
    await w.run(at('2026-05-10T00:00:00Z'));
    expect(w.store.fields(['n-1'])).toEqual({ email: 'a' });
    await release(w.core, pause);
    await w.run(at('2026-05-10T02:00:00Z'));
    expect(entriesOf(w).map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['anonymise', 'held'],
      ['anonymise', 'anonymised'],
      ['delete', 'deleted'],
    ]);
    expect(w.store.size()).toBe(0);
  });
});

describe('policies', () => {
  const withPolicies = (core: LaneCore, all: readonly Policy[]): LaneCore => {
    const policies = { policies: all };
    const profile = foldProfile(policies);
    return { ...core, configuration: { ...core.configuration, policies, foldProfile: profile } };
  };
  const withoutNotes = (core: LaneCore): LaneCore =>
    withPolicies(core, [aPolicy({ other: [aRule('1 day after contract.ended')] })]);

  async function planAgain(w: World, core: LaneCore): Promise<void> {
    await checkPolicies(core);
    for (const message of w.sweeps.splice(0))
      if (message.kind === 'walk') await rePlanSegment(core, message, () => true);
  }

  test('that are taken away and put back, with a hold released in between, lose no record', async () => {
    const { w } = await due();
    const hold = {
      id: 'h-1',
      kind: 'hold',
      scope: { policy: 'test-policy' },
      state: 'placed',
      at: 0,
    } as const;
    await placeHold(w.core, hold);
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.registry.allParked()).toHaveLength(1);
    await planAgain(w, withoutNotes(w.core));
    expect(w.holding('n-1')?.decision?.status).toBe('undetermined');
    expect(w.registry.allParked()).toEqual([]);
    await release(w.core, hold);
    w.clock.set(at('2026-04-03T00:00:00Z'));
    await planAgain(w, w.core);
    await w.run(at('2026-04-03T03:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('that keep longer count for a chunk that was made before', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    const longer = {
      ...aPolicy({ notes: [aRule('1 year after contract.ended')] }),
      version: '2',
      effectiveFrom: at('2026-04-01T00:00:00Z'),
    };
    const core = withPolicies(w.core, [...w.core.configuration.policies.policies, longer]);
    expect(await workOnChunk(core, chunk)).toBe('done');
    expect(w.store.size()).toBe(1);
    expect(w.holding('n-1')?.decision?.actAt).toBe(at('2027-03-02T00:00:00Z'));
  });

  test('that no longer cover a record leave its interrupted deletion to be told', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    await workOnChunk(withoutNotes(w.core), chunk);
    expect(w.holding('n-1')?.state).toBe('disposed');
    expect(entriesOf(w)).toMatchObject([{ outcome: 'already-so', interrupted: true }]);
  });
});

describe('a configuration', () => {
  test('without the store keeps its chunk until the store is back', async () => {
    const { w } = await due();
    const core = { ...w.core, configuration: { ...w.core.configuration, stores: {} } };
    w.clock.set(at('2026-04-01T00:05:00Z'));
    await sweepWake(core);
    await sweepHourly(core);
    expect(w.registry.allChunks()).toHaveLength(1);
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('with a wider tolerance reads the hints of the former one when they are past on every clock', async () => {
    const { w } = await due();
    const timing = {
      ...w.core.configuration.timing,
      clockTolerance: 600,
      minimumHintDistance: 700,
      lease: 3600,
    };
    const core = { ...w.core, configuration: { ...w.core.configuration, timing } };
    await rePlan(core, [w.ref('n-1')]);
    w.clock.set(at('2026-04-01T00:05:00Z'));
    await sweepWake(core);
    expect(w.registry.allChunks()).toEqual([]);
    w.clock.set(at('2026-04-01T00:12:00Z'));
    await sweepWake(core);
    await beat(w);
    for (const chunk of w.registry.allChunks()) await workOnChunk(core, chunk);
    expect(w.store.size()).toBe(0);
  });
});

test('an end, its correction and retractions walk over many records at once: all end in what the facts say', async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `n-${index}`);
  const w = world({ pageSize: 5 });
  const contract = w.entity('contract', 'c-1');
  for (const id of ids) await w.register(await w.registration(id, [contract]));
  const corrected = at('2026-07-02T00:00:00Z');
  const dates = () => new Set(w.registry.allHoldings().map(({ decision }) => decision?.actAt));
  const walked = async (): Promise<void> => {
    // The newest message first.
    for (let last = w.fanOuts.pop(); last !== undefined; last = w.fanOuts.pop())
      await continueFanOut(w.core, last);
  };
  await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: 'end' }));
  w.clock.advance(1000);
  await w.happened(contract, w.fact('contract.ended', '2026-06-01', { id: 'correction', about: 'end' }));
  expect(w.fanOuts).toHaveLength(2);
  await walked();
  expect(dates()).toEqual(new Set([corrected]));
  w.clock.advance(1000);
  await w.happened(contract, w.fact('', '', { id: 'retraction', about: 'end' }));
  await walked();
  expect(dates()).toEqual(new Set([undefined]));
  await w.happened(contract, w.fact('', '', { id: 'mistake', about: 'retraction' }));
  await walked();
  expect(dates()).toEqual(new Set([corrected]));
});

test('a hold on an entity keeps a record no longer than the record is about that entity', async () => {
  const w = world();
  const [own, other] = [w.entity('contract', 'c-1'), w.entity('contract', 'c-2')];
  w.store.put(['n-1']);
  await w.register(await w.registration('n-1', [own]));
  await w.register(await w.registration('n-1', [other], { producer: OTHER_PRODUCER }));
  for (const contract of [own, other]) await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const state = (await w.registry.states([other.ref])).get(other.ref);
  if (state === undefined) throw new Error('no state');
  await w.registry.putState(other.ref, { ...state, holds: ['h-1'] });
  await w.run(at('2026-04-02T00:00:00Z'));
  expect(w.holding('n-1')?.parked).toEqual({ hold: 'h-1', entity: other.ref });
  w.clock.advance(1000);
  await w.withdraw(await w.withdrawal('n-1', { producer: OTHER_PRODUCER }));
  await w.run(at('2026-04-02T02:00:00Z'));
  expect(w.store.size()).toBe(0);
  expect(w.registry.allParked()).toEqual([]);
});
