import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
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
import { STORE, world } from '../../support/driver/world.ts';

const IDS = ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'];

describe('a rate of records per minute', () => {
  test('lets through that number in each minute, and what is left is rung by itself', async () => {
    const { w } = await due({ store: { recordsPerMinute: 2 } }, IDS);
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.size()).toBe(3);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'MINUTE_RATE', count: 3 }] }]);
    await workOnChunk(w.core, chunk);
    expect(w.store.size()).toBe(3);
    await w.run(at('2026-04-01T00:08:30Z'));
    expect(w.store.size()).toBe(0);
    expect(w.reports.lines).toContainEqual({
      code: 'dispose.waits',
      fields: { store: STORE, code: 'MINUTE_RATE', count: 3 },
    });
    expect(entriesOf(w).map(({ outcome }) => outcome)).toEqual(IDS.map(() => 'deleted'));
  });

  test('is not given twice to two workers that ask at the same time', async () => {
    const { w } = await due({ store: { recordsPerMinute: 3 } }, IDS);
    const chunk = await handedOver(w);
    const other = { ...chunk, id: 'other', refs: chunk.refs.toReversed() };
    await w.registry.putChunks([other]);
    let met = false;
    const meeting: LaneCore = {
      ...w.core,
      registry: {
        ...w.registry,
        // Another attempt of the lane takes its part between this one's read and its write.
        async writeLaneGuard(lane, next) {
          if (!met) {
            met = true;
            const guard = { ...next, by: 'another', minute: { at: next.minute!.at, count: 2 } };
            await w.registry.writeLaneGuard(lane, guard);
          }
          return w.registry.writeLaneGuard(lane, next);
        },
      },
    };
    await workOnChunk(meeting, chunk);
    expect(w.store.size()).toBe(4);
    expect((await w.registry.laneGuard(STORE))?.minute?.count).toBe(3);
  });

  test('leaves its work for later when it loses every time', async () => {
    const { w } = await due({ store: { recordsPerMinute: 3 } }, IDS);
    const chunk = await handedOver(w);
    const losing: LaneCore = { ...w.core, registry: { ...w.registry, writeLaneGuard: async () => 'moved' } };
    expect(await workOnChunk(losing, chunk)).toBe('left');
    expect(w.store.size()).toBe(5);
    expect(w.registry.allChunks()).toMatchObject([{ refs: chunk.refs, failures: 0 }]);
  });

  test.for(['before', 'after'] as const)(
    'counts what a worker has taken that dies %s it acts: no more is let through in that minute',
    async (when) => {
      const { w } = await due({ store: { recordsPerMinute: 2 } }, IDS);
      const chunk = await handedOver(w);
      await dies(dying(w.core, 'store', 'delete', when), chunk);
      const second = { ...chunk, id: 'second', refs: [w.ref('n-5')] };
      await w.registry.putChunks([second]);
      await workOnChunk(w.core, second);
      expect(w.store.size()).toBe(when === 'before' ? 5 : 3);
      await leaseEnds(w);
      await w.run(at('2026-04-01T03:00:00Z'));
      expect(w.store.size()).toBe(0);
    },
  );

  test('is not used up by a worker that dies while it takes it, more than once', async () => {
    const { w } = await due({ store: { recordsPerMinute: 5 } }, IDS);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeLaneGuard', 'after'), chunk);
    expect(w.store.size()).toBe(5);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(w.store.size()).toBe(0);
  });

  test('spares the store: what finds the minute used up again is not looked at, but restrictions are', async () => {
    const rules = {
      notes: ['30 days after contract.ended'],
      ledger: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'],
    };
    const w = world({ rules, restricts: true, store: { recordsPerMinute: 1 } });
    const contract = w.entity('contract', 'c-1');
    for (const id of ['n-1', 'n-2', 'n-3', 'l-1']) {
      w.store.put([id]);
      const categories = [id === 'l-1' ? 'ledger' : 'notes'];
      await w.register(await w.registration(id, [contract], { categories }));
    }
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const whole = await handedOver(w);
    const [first, second] = [['n-1'], ['n-2', 'n-3']].map((ids, index) => ({
      ...whole,
      id: `part-${index}`,
      refs: ids.map((id) => w.ref(id)),
    }));
    const third = { ...whole, id: 'part-2', refs: ['n-3', 'l-1'].map((id) => w.ref(id)) };
    await w.registry.putChunks(
      [first!, second!, third].map((chunk, index) =>
        index === 0 ? chunk : { ...chunk, waits: [{ code: 'MINUTE_RATE', count: 2 } as const] },
      ),
    );
    await workOnChunk(w.core, first!);
    const looked: number[] = [];
    const counting: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async look(batch) {
          looked.push(batch.length);
          return w.store.look(batch);
        },
      },
    };
    expect(await workOnChunk(counting, second!)).toBe('left');
    expect(looked).toEqual([]);
    const minuteEnds = at('2026-04-01T00:06:00Z');
    expect(await w.registry.chunk(second!)).toMatchObject({
      notBefore: minuteEnds,
      waits: [{ code: 'MINUTE_RATE', count: 2 }],
    });
    expect(await workOnChunk(counting, third)).toBe('left');
    expect(looked).toEqual([1]);
    expect(entriesOf(w).map(({ outcome }) => outcome)).toEqual(['deleted', 'restricted']);
    w.clock.set(minuteEnds);
    await workOnChunk(counting, second!);
    expect(w.store.size()).toBe(2);
  });

  test('holds beside the hourly cap: the narrower one counts', async () => {
    const { w } = await due({ hourlyCap: 3, store: { recordsPerMinute: 2 } }, IDS);
    await w.run(at('2026-04-01T00:59:00Z'));
    expect(w.store.size()).toBe(2);
    await w.run(at('2026-04-01T01:59:00Z'));
    expect(w.store.size()).toBe(0);
  });
});

describe('quiet hours', () => {
  const quietHours = { zone: 'UTC', hours: [{ from: '00:00', to: '07:30' }] };

  test('keep what is due in its chunk, without a look at the store, and end with a wake-up', async () => {
    const { w } = await due({ store: { quietHours } }, ['n-1', 'n-2']);
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.calls.look).toBe(0);
    expect(w.registry.allChunks()).toMatchObject([
      { refs: chunk.refs, notBefore: at('2026-04-01T07:30:00Z'), waits: [{ code: 'QUIET_HOURS', count: 2 }] },
    ]);
    await w.run(at('2026-04-01T07:29:59Z'));
    expect(w.store.size()).toBe(2);
    await w.run(at('2026-04-01T07:35:00Z'));
    expect(w.store.size()).toBe(0);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('end with their wake-up also where another one has sent a heartbeat just before', async () => {
    const { w } = await due({ store: { quietHours } }, ['n-1', 'n-2']);
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    w.clock.set(at('2026-04-01T07:29:00Z'));
    await beat(w);
    await sweepWake(w.core);
    expect(w.bells).toEqual([]);
    w.clock.set(at('2026-04-01T07:30:20Z'));
    await sweepWake(w.core);
    expect(w.bells.map(({ message }) => message.id)).toEqual([chunk.id]);
    // Later wake-ups have nothing to do with them.
    w.bells.splice(0);
    w.clock.set(at('2026-04-01T07:33:30Z'));
    await sweepWake(w.core);
    expect(w.bells).toEqual([]);
  });

  test('do not keep a restriction waiting', async () => {
    const rules = {
      notes: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'],
    };
    const { w } = await due({ rules, restricts: true, store: { quietHours } }, ['n-1']);
    await w.run(at('2026-04-01T01:00:00Z'));
    expect(entriesOf(w)).toMatchObject([{ outcome: 'restricted' }]);
  });

  test('that begin between the decision and the act keep the rest from being begun', async () => {
    const { w } = await due(
      { store: { quietHours: { zone: 'UTC', hours: [{ from: '00:06', to: '07:00' }] } } },
      ['n-1'],
    );
    const chunk = await handedOver(w);
    const slow: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async look(batch) {
          w.clock.set(at('2026-04-01T00:06:00Z'));
          return w.store.look(batch);
        },
      },
    };
    await workOnChunk(slow, chunk);
    expect(w.store.size()).toBe(1);
    await beat(w);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'QUIET_HOURS', count: 1 }] }]);
  });

  test('do not keep what an attempt left uncertain from being read back', async () => {
    const { w } = await due(
      { store: { quietHours: { zone: 'UTC', hours: [{ from: '00:10', to: '07:00' }] } } },
      ['n-1'],
    );
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([{ outcome: 'already-so', interrupted: true }]);
  });
});
