import { describe, expect, test } from 'vitest';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, dies, due, dying, entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { STORE } from '../../support/driver/world.ts';

const IDS = ['n-1', 'n-2', 'n-3'];
const RULE = '30 days after contract.ended';
const dry = { store: { dryRun: true } };

/** The same lane, without its dry run. */
function wet(core: LaneCore): LaneCore {
  const { dryRun: _, ...store } = core.configuration.stores[STORE]!;
  return { ...core, configuration: { ...core.configuration, stores: { [STORE]: store } } };
}

describe('a dry run', () => {
  test('acts on nothing, writes no entry, and counts what it would do', async () => {
    const { w } = await due(dry, IDS);
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(w.store.size()).toBe(3);
    expect(w.store.calls.delete).toBe(0);
    expect(entriesOf(w)).toEqual([]);
    expect(IDS.map((id) => w.holding(id)?.state)).toEqual(['active', 'active', 'active']);
    expect((await w.registry.laneGuard(STORE))?.dryRun).toEqual({
      day: '2026-04-01',
      counts: [{ policy: 'test-policy', rule: RULE, action: 'delete', records: 3 }],
    });
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'DRY_RUN', count: 3 }], failures: 0 }]);
  });

  test('counts the next day from the beginning, and says what is late because of it', async () => {
    const { w } = await due(dry, IDS);
    await w.run(at('2026-04-06T02:00:00Z'));
    expect((await w.registry.laneGuard(STORE))?.dryRun?.counts).toMatchObject([{ records: 3 }]);
    const { groups } = await listOverdue(w.core, w.clock.now());
    expect(groups).toMatchObject([{ because: 'waiting', code: 'DRY_RUN', count: 3 }]);
    expect(w.store.calls.look).toBeLessThanOrEqual(6);
  });

  test('ends no holding whose record is gone already', async () => {
    const { w } = await due(dry, IDS);
    await w.store.delete([{ locator: ['n-2'] }]);
    const effects = w.store.effects.length;
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(entriesOf(w)).toEqual([]);
    expect(w.holding('n-2')?.state).toBe('active');
    expect(w.store.effects).toHaveLength(effects);
    expect((await w.registry.laneGuard(STORE))?.dryRun?.counts).toMatchObject([{ records: 2 }]);
  });

  test('restricts nothing, either', async () => {
    const rules = {
      notes: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'],
    };
    const { w } = await due({ ...dry, rules, restricts: true }, IDS);
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(entriesOf(w)).toEqual([]);
    expect((await w.registry.laneGuard(STORE))?.dryRun?.counts).toMatchObject([
      { action: 'restrict', records: 3 },
    ]);
  });

  test('honours a legal hold: what it keeps is not counted', async () => {
    const { w } = await due(dry, IDS);
    await w.registry.placeWideHold({
      id: 'h-1',
      kind: 'hold',
      scope: { everything: true },
      state: 'placed',
      at: 0,
    });
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(await w.registry.laneGuard(STORE)).toBeUndefined();
    expect(w.registry.allParked()).toHaveLength(3);
  });

  test('reads back what an attempt left uncertain before it', async () => {
    const { w } = await due(dry, IDS);
    const chunk = await handedOver(w);
    await dies(dying(wet(w.core), 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w).map(({ outcome, interrupted }) => [outcome, interrupted])).toEqual(
      IDS.map(() => ['already-so', true]),
    );
  });

  test('does everything that it has counted once it is over', async () => {
    const { w } = await due(dry, IDS);
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    w.clock.set(at('2026-04-02T00:10:00Z'));
    await w.registry.putHeartbeat(w.clock.now());
    expect(await workOnChunk(wet(w.core), chunk)).toBe('done');
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toHaveLength(3);
  });
});
