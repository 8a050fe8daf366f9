import { describe, expect, test } from 'vitest';
import { stopsOf, approvedStop } from '../../../shared/domain/guard/breaker.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import {
  at,
  beat,
  dies,
  due,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
} from '../../support/driver/dying-worker.ts';
import { STORE, type world } from '../../support/driver/world.ts';

const IDS = Array.from({ length: 9 }, (_, index) => `n-${index + 1}`);
const store = { canary: 3 };

type World = ReturnType<typeof world>;

async function canaryOf(w: World) {
  const guard = await w.registry.laneGuard(STORE);
  return Object.values(guard?.rules ?? {})[0]?.canary;
}

async function stopsIn(w: World) {
  const guard = await w.registry.laneGuard(STORE);
  return guard === undefined ? [] : stopsOf(guard);
}

describe('the first run of a rule in a lane', () => {
  test('disposes of that number of records, reads them back, and then goes on with the rest by itself', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.size()).toBe(6);
    expect(await canaryOf(w)).toEqual({ verified: 3, trials: 0 });
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'CANARY', count: 6 }], failures: 0 }]);
    await w.run(at('2026-04-01T00:08:00Z'));
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toHaveLength(9);
  });

  test('is over once that number of records was read back, however few come at a time', async () => {
    const { w } = await due({ store }, ['n-1', 'n-2']);
    await w.run(at('2026-04-01T01:00:00Z'));
    expect(await canaryOf(w)).toEqual({ verified: 2, trials: 0 });
    expect(w.store.size()).toBe(0);
  });

  test('keeps the chunks of other attempts waiting while it is tried', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    const second = { ...chunk, id: 'second', refs: IDS.slice(5).map((id) => w.ref(id)) };
    const first = { ...chunk, id: 'first', refs: IDS.slice(0, 5).map((id) => w.ref(id)) };
    await w.registry.putChunks([first, second]);
    let met = false;
    const slow: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async delete(batch) {
          if (!met) {
            met = true;
            expect(await workOnChunk(w.core, second)).toBe('left');
            expect(w.store.size()).toBe(9);
          }
          return w.store.delete(batch);
        },
      },
    };
    await workOnChunk(slow, first);
    expect(w.store.size()).toBe(6);
    w.clock.advance(3 * 60_000);
    await beat(w);
    expect(await workOnChunk(w.core, second)).toBe('done');
  });

  test('is a trial for each rule of a chunk', async () => {
    const { w } = await due({ store, rules: { notes: ['30 days after contract.ended'] } }, IDS);
    await w.run(at('2026-04-01T01:00:00Z'));
    const guard = await w.registry.laneGuard(STORE);
    expect(Object.keys(guard?.rules ?? {})).toHaveLength(1);
    expect(w.store.size()).toBe(0);
  });

  test.for([
    ['the store refuses what it is asked', 'STORE_DENIED'],
    ['a constraint of the store stops it', 'STORE_CONSTRAINT'],
  ] as const)('stops the rule if %s', async ([, code]) => {
    const { w } = await due({ store }, IDS);
    w.store.fail({ call: 'delete', code });
    await w.run(at('2026-04-01T02:00:00Z'));
    w.store.repair();
    await w.run(at('2026-04-01T09:00:00Z'));
    expect(w.store.size()).toBe(9);
    expect(await stopsIn(w)).toMatchObject([{ because: 'CANARY', taken: 0, most: 3 }]);
    expect(w.reports.lines).toContainEqual({
      code: 'dispose.stopped',
      fields: { store: STORE, policy: 'test-policy', code: 'CANARY', count: 0 },
    });
  });

  test('stops the rule if a record is there again when it is read back', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    const writing: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async readBack(batch) {
          for (const { locator } of batch) w.store.put(locator);
          return w.store.readBack(batch);
        },
      },
    };
    await workOnChunk(writing, chunk);
    expect(await stopsIn(w)).toMatchObject([{ because: 'CANARY' }]);
    expect(w.store.size()).toBe(9);
  });

  test('is not stopped by a store that is busy or away, and goes on when it is back', async () => {
    for (const code of ['STORE_THROTTLED', 'STORE_UNREACHABLE'] as const) {
      const { w } = await due({ store }, IDS);
      w.store.fail({ call: 'delete', code });
      await w.run(at('2026-04-01T02:00:00Z'));
      expect(w.store.size()).toBe(9);
      expect(await stopsIn(w)).toEqual([]);
      w.store.repair();
      await w.run(at('2026-04-03T02:00:00Z'));
      expect(w.store.size()).toBe(0);
    }
  });

  test('is not stopped by a store that is lost after it was asked, time after time', async () => {
    const ids = Array.from({ length: 15 }, (_, index) => `n-${index + 1}`);
    const { w } = await due({ store }, ids);
    const chunk = await handedOver(w);
    let isAsked = false;
    const losing: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async delete(batch) {
          isAsked = true;
          await w.store.delete(batch);
          return batch.map(() => ({ outcome: 'failed', code: 'STORE_TIMEOUT' }));
        },
        async readBack(batch) {
          if (!isAsked) return w.store.readBack(batch);
          isAsked = false;
          return batch.map(() => ({ state: 'unknown', code: 'STORE_TIMEOUT' }));
        },
      },
    };
    for (let times = 1; times <= 4; times += 1) {
      await workOnChunk(losing, chunk);
      expect(w.store.size()).toBe(15 - 3 * times);
      w.clock.advance(24 * 3_600_000);
      await beat(w);
    }
    expect(await stopsIn(w)).toEqual([]);
    expect(await workOnChunk(w.core, chunk)).not.toBe('not-yet');
    await w.run(at('2026-04-08T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('counts what it knows, also if it does not know what came of the others', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    const losing: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async readBack(batch) {
          const [, ...others] = await w.store.readBack(batch);
          return [{ state: 'unknown', code: 'STORE_TIMEOUT' }, ...others];
        },
      },
    };
    await workOnChunk(losing, chunk);
    expect(await canaryOf(w)).toMatchObject({ verified: 2, trials: 0, trial: { records: 3 } });
    // As long as it is not read back, others wait.
    const second = { ...chunk, id: 'second', refs: [w.ref('n-9')] };
    await w.registry.putChunks([second]);
    await workOnChunk(w.core, second);
    expect(w.store.size()).toBe(6);
    await leaseEnds(w);
    await workOnChunk(w.core, second);
    expect(w.store.size()).toBe(5);
    expect(await canaryOf(w)).toEqual({ verified: 3, trials: 0 });
  });

  test('goes on when a person has approved it, without another trial', async () => {
    const { w } = await due({ store }, IDS);
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await w.run(at('2026-04-01T02:00:00Z'));
    w.store.repair();
    const guard = await w.registry.laneGuard(STORE);
    const [stop] = stopsOf(guard!);
    const next = approvedStop(guard!, stop!.key, 0, w.clock.now());
    await w.registry.writeLaneGuard(STORE, { ...next, version: guard!.version + 1, by: 'operator' });
    await w.run(at('2026-04-02T02:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(await canaryOf(w)).toEqual({ verified: 3, trials: 0 });
  });

  test.for([
    ['registry', 'writeLaneGuard', 'after'],
    ['registry', 'actOn', 'before'],
    ['store', 'delete', 'before'],
    ['store', 'delete', 'after'],
    ['store', 'readBack', 'before'],
    ['registry', 'putResult', 'before'],
    ['registry', 'putResult', 'after'],
  ] as const)('ends well if its worker dies at %s.%s, %s', async ([port, call, when]) => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    await dies(dying(w.core, port, call, when), chunk);
    // Nothing was told of it: no one may act before its lease is over, and then as few again.
    const left = w.store.size();
    expect(left).toBeGreaterThanOrEqual(6);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(left - w.store.size()).toBeLessThanOrEqual(3);
    await w.run(at('2026-04-01T06:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(await stopsIn(w)).toEqual([]);
  });

  test('stops the rule if three workers die, one after the other, before they say what came of it', async () => {
    const { w } = await due({ store }, [...IDS, 'n-10', 'n-11', 'n-12']);
    const chunk = await handedOver(w);
    for (let deaths = 0; deaths < 3; deaths += 1) {
      await dies(dying(w.core, 'registry', 'putResult', 'before'), chunk);
      await leaseEnds(w);
    }
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(await stopsIn(w)).toMatchObject([{ because: 'CANARY' }]);
    expect(w.store.size()).toBe(3);
  });

  test('is over if its worker dies once it has said what came of it', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings', 'before'), chunk);
    expect(w.store.size()).toBe(6);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.store.size()).toBe(0);
  });

  test('costs one read and one write of the guard more, and nothing once it is over', async () => {
    const { w } = await due({ store }, IDS);
    const chunk = await handedOver(w);
    const calls: string[] = [];
    const counting: LaneCore = {
      ...w.core,
      registry: {
        ...w.registry,
        async laneGuard(lane) {
          calls.push('read');
          return w.registry.laneGuard(lane);
        },
        async writeLaneGuard(lane, next) {
          calls.push('write');
          return w.registry.writeLaneGuard(lane, next);
        },
      },
    };
    await workOnChunk(counting, chunk);
    expect(calls.splice(0)).toEqual(['read', 'write', 'read', 'write']);
    await workOnChunk(counting, chunk);
    expect(calls).toEqual(['read', 'write']);
    expect(w.store.size()).toBe(0);
  });

  test('lets restrictions through, all at once', async () => {
    const rules = {
      notes: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'],
    };
    const { w } = await due({ rules, restricts: true, store }, IDS);
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w)).toHaveLength(9);
    expect(await canaryOf(w)).toBeUndefined();
  });
});
