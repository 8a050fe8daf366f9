import { describe, expect, test } from 'vitest';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { placeHold, release } from '../../shared/protocol/hold.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import type { Masks } from '../../shared/domain/record/masks.ts';
import { LogKeyMissing } from '../../shared/ports/keys.ts';
import { recordFact } from '../../shared/protocol/record-fact.ts';
import { register } from '../../shared/protocol/registration.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';
import {
  at,
  Died,
  dies,
  DUE,
  due,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
} from '../support/driver/dying-worker.ts';
import { STORE, world } from '../support/driver/world.ts';

const NULLED: Masks = { email: { kind: 'null' } };

/** Anonymise, and later delete. */
function twoStages() {
  const rules = [aRule('anonymise 30 days after contract.ended, then delete 60 days after contract.ended')];
  const categories = { notes: { rules, masks: NULLED } };
  return { policy: { ...aPolicy({}), categories } };
}

describe('a stage whose attempt died', () => {
  test('two stages of one holding, both uncertain, are settled one after the other', async () => {
    const rules = [aRule('anonymise 30 days after contract.ended, then delete 1 day after contract.started')];
    const policy = { ...aPolicy({}), categories: { notes: { rules, masks: NULLED } } };
    const { w, contract } = await due({ policy }, ['n-1', 'n-2']);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'anonymise'), chunk);
    // The second stage is due before the first one when the lane goes on.
    await w.happened(contract, w.fact('contract.started', '2026-02-01'));
    await leaseEnds(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.store.size()).toBe(0);
    expect(w.registry.allHoldings().map(({ state }) => state)).toEqual(['disposed', 'disposed']);
    expect(entriesOf(w).map(({ stage, interrupted }) => [stage, interrupted])).toEqual([
      ['delete', true],
      ['delete', true],
    ]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('says of a mask that was withdrawn with its record only that it was interrupted', async () => {
    const { w } = await due(twoStages());
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'anonymise'), chunk);
    w.clock.advance(1000);
    await w.withdraw(await w.withdrawal('n-1'));
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.store.fields(['n-1'])).toEqual({ email: 'a' });
    expect(entriesOf(w)).toMatchObject([
      { stage: 'anonymise', outcome: 'failed', interrupted: true, answer: 'MASKS_UNKNOWN' },
    ]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('of a withdrawn record is read back, and named in an entry', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    w.clock.advance(1000);
    await w.withdraw(await w.withdrawal('n-1'));
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w)).toMatchObject([{ stage: 'delete', outcome: 'already-so', interrupted: true }]);
    expect(w.holding('n-1')?.state).toBe('disposed');
  });

  test('is not due again by itself, and its entry names the rule', async () => {
    const { w } = await due(twoStages());
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'anonymise', 'after'), chunk);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.holding('n-1')?.decision).toMatchObject({ stage: 'delete', actAt: at('2026-05-01T00:00:00Z') });
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(entriesOf(w)).toMatchObject([
      { stage: 'anonymise', interrupted: true, policy: 'test-policy', facts: [{ type: 'contract.ended' }] },
    ]);
  });

  test('is read back, or kept as uncertain, when its locator does not open for a while', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    const keys = {
      ...w.core.keys,
      decrypt: async () => {
        throw Object.assign(new Error('encrypted for something else'), { code: 'CIPHERTEXT_BROKEN' });
      },
    };
    await workOnChunk({ ...w.core, keys }, chunk);
    await w.run(at('2026-04-03T12:00:00Z'));
    expect(entriesOf(w)).toMatchObject([{ outcome: 'already-so', interrupted: true }]);
  });
});

describe('a key', () => {
  test('that does not open one locator stops no other record, and is tried again', async () => {
    const { w } = await due({}, ['n-1', 'n-2', 'n-3']);
    const chunk = await handedOver(w);
    const open = (...args: Parameters<LaneCore['keys']['decrypt']>) => w.core.keys.decrypt(...args);
    const keys: LaneCore['keys'] = {
      ...w.core.keys,
      decrypt: async (from, sealed) => {
        if (from.context === w.ref('n-2')) throw Object.assign(new Error('x'), { code: 'KEY_UNAVAILABLE' });
        return open(from, sealed);
      },
    };
    expect(await workOnChunk({ ...w.core, keys }, chunk)).toBe('left');
    expect(w.store.size()).toBe(1);
    expect(w.registry.allChunks()).toMatchObject([{ refs: [w.ref('n-2')], failures: 1 }]);
    expect(w.registry.allSetAside()).toEqual([]);
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('of the log that is missing leaves the record untouched', async () => {
    const { w } = await due({}, ['n-1', 'n-2']);
    const chunk = await handedOver(w);
    const keys: LaneCore['keys'] = {
      ...w.core.keys,
      logKey: async () => {
        throw Object.assign(new Error('x'), { code: 'KEY_DESTROYED' });
      },
    };
    expect(await workOnChunk({ ...w.core, keys }, chunk)).toBe('left');
    expect(w.store.size()).toBe(2);
    expect(w.registry.allChunks()[0]?.failure?.code).toBe('KEY_DESTROYED');
    expect(w.registry.allWorkRecords()).toEqual([]);
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.size()).toBe(0);
  });
});

describe('a key of the log', () => {
  test('that was destroyed leaves one generation uncertain, and stops no other one', async () => {
    const { w } = await due({ policy: { writeLagSeconds: 0 } }, ['n-1', 'n-2']);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    w.clock.advance(1000);
    await w.withdraw(await w.withdrawal('n-1'));
    w.clock.set(at('2027-01-01T10:00:00Z'));
    const again = await w.registration('n-1', [w.entity('contract', 'c-2')]);
    await w.register(again);
    await leaseEnds(w);
    const keys: LaneCore['keys'] = {
      ...w.core.keys,
      logKey: async (year) => {
        if (year === 2026) throw new LogKeyMissing(year);
        return w.core.keys.logKey(year);
      },
    };
    expect(await workOnChunk({ ...w.core, keys }, chunk)).toBe('left');
    expect(entriesOf(w)).toEqual([]);
    expect(w.registry.allChunks()).toMatchObject([
      { failure: { code: 'LOG_KEY_MISSING' }, uncertain: [{ generation: 1 }, { generation: 1 }] },
    ]);
    await w.happened(w.entity('contract', 'c-2'), w.fact('contract.ended', '2026-11-01'));
    w.store.put(['n-1'], { email: 'b' });
    await w.run(at('2027-01-01T14:00:00Z'));
    expect(entriesOf(w).filter(({ generation }) => generation === 1)).toHaveLength(2);
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'disposed' });
    expect(w.registry.allChunks()).toEqual([]);
  });
});

describe('a store that refuses', () => {
  for (const until of [
    Number.NaN,
    Infinity,
    8.64e15 + 1,
    at('2026-04-01T00:00:00Z') + 9_000 * 365 * 86_400_000,
  ]) {
    test(`until ${until} stops no other record`, async () => {
      const { w } = await due({}, ['n-1', 'n-2']);
      w.store.fail({ call: 'delete', code: 'STORE_LOCKED', locator: ['n-1'], until });
      await w.run(at('2026-04-01T01:00:00Z'));
      expect(w.store.fields(['n-2'])).toBeUndefined();
      expect(w.holding('n-2')?.state).toBe('disposed');
      expect(w.registry.allWorkRecords()).toEqual([]);
      const waiting =
        w.registry.allChunks().length +
        w.registry.allHints().filter(({ minute }) => minute > w.clock.now()).length;
      expect(waiting).toBeGreaterThan(0);
    });
  }
});

describe('what is withdrawn', () => {
  test('is not hinted when it was set aside or parked: no chunk without a producer comes of it', async () => {
    const { w, contract } = await due();
    const broken = await w.registration('n-2', [contract]);
    await w.register({ ...broken, locator: `${broken.locator.slice(0, -4)}AAAA` });
    await w.run(at(DUE));
    expect(w.registry.allSetAside()).toHaveLength(1);
    await w.withdraw(await w.withdrawal('n-2'));
    await w.registry.park('h-1', [w.ref('n-2')]);
    await release(w.core, { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 });
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.registry.allHints().filter(({ producer }) => producer === '')).toEqual([]);
    expect(w.registry.allChunks()).toEqual([]);
  });
});

describe('the write lag', () => {
  test('a stage that is due again because of it is carried out once more, not every few minutes', async () => {
    const { w, contract } = await due(twoStages());
    await w.run(at('2026-03-31T23:55:00Z'));
    await w.register(await w.registration('n-1', [contract], { purposes: ['again'] }));
    await w.run(at('2026-04-01T00:20:00Z'));
    w.store.put(['n-1'], { email: 'b' });
    await w.run(at('2026-04-01T04:00:00Z'));
    expect(w.store.fields(['n-1'])).toEqual({ email: null });
    expect(entriesOf(w).length).toBeLessThanOrEqual(2);
    expect(w.holding('n-1')?.decision?.stage).toBe('delete');
  });
});

describe('disposed of before the fact', () => {
  test('is not said of a record that was registered once more with the same content', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings'), chunk);
    expect(w.store.size()).toBe(0);
    await w.register(await w.registration('n-1', [contract]));
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.registry.allTombstones().map(({ remarks }) => remarks)).toEqual([undefined]);
    expect(w.holding('n-1')?.generation).toBe(2);
  });

  test('is said where an event came after the act', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings'), chunk);
    await w.happened(
      contract,
      w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') }),
    );
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.holding('n-1')?.state).toBe('disposed');
    expect(w.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
  });
});

describe('a legal hold on a policy', () => {
  test('covers a record with a category of that policy, whichever rule decides', async () => {
    const other = { ...aPolicy({ ledger: [aRule('1 day after contract.ended')] }), name: 'other-policy' };
    const w = world();
    const policies = { policies: [...w.core.configuration.policies.policies, other] };
    const core = { ...w.core, configuration: { ...w.core.configuration, policies } };
    const contract = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    await register(core, await w.registration('n-1', [contract], { categories: ['notes', 'ledger'] }));
    await recordFact(core, contract.ref, w.fact('contract.ended', '2026-03-01'));
    const chunk = await handedOver(w);
    await placeHold(core, {
      id: 'h-1',
      kind: 'hold',
      scope: { policy: 'other-policy' },
      state: 'placed',
      at: 0,
    });
    await workOnChunk(core, chunk);
    expect(w.store.size()).toBe(1);
    expect(w.registry.allParked()).toHaveLength(1);
  });
});

describe('parking', () => {
  test('under hold A while B is placed and A is released keeps the record, until B is released, too', async () => {
    const { w } = await due();
    const a = { id: 'h-a', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    const b = { id: 'h-b', kind: 'hold', scope: { category: 'notes' }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, a);
    await w.run(at(DUE));
    await placeHold(w.core, b);
    await release(w.core, a);
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    expect(w.holding('n-1')?.parked?.hold).toBe('h-b');
    await release(w.core, b);
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('a release that dies half-way is repeated without a loss', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `n-${index}`);
    const { w } = await due({ pageSize: 3 }, ids);
    while (w.fanOuts.length > 0) await w.deliver();
    const hold = { id: 'h-a', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at(DUE));
    expect(w.registry.allParked()).toHaveLength(7);
    for (const call of ['putHints', 'unpark'])
      await expect(release(dying(w.core, 'registry', call), hold)).rejects.toThrow(Died);
    await release(w.core, hold);
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(w.registry.allParked()).toEqual([]);
  });

  test('of a record that was not found yet ends with its hint, whatever stays written in it', async () => {
    const { w, contract } = await due();
    const hold = { id: 'h-a', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at(DUE));
    w.store.remove(['n-1']);
    await w.register(await w.registration('n-1', [contract], { purposes: ['again'] }));
    await w.run(at('2026-04-01T00:40:00Z'));
    await release(w.core, hold);
    await w.run(at('2026-04-01T00:50:00Z'));
    expect(w.holding('n-1')?.parked).toBeUndefined();
    w.store.put(['n-1']);
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.size()).toBe(0);
  });
});
