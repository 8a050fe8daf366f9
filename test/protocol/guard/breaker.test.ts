import { describe, expect, test } from 'vitest';
import { sweep } from '../../../functions/sweep/sweep.ts';
import { stopsOf, approvedStop } from '../../../shared/domain/guard/breaker.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { sweepGuards } from '../../../shared/protocol/guard/sweep-guards.ts';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, dies, due, dying, entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { STORE, world } from '../../support/driver/world.ts';

const NOTES = '30 days after contract.ended';
const LEDGER = 'at least 30 days after contract.ended';
const breaker = { recordsPerDay: 3 };
const IDS = Array.from({ length: 8 }, (_, index) => `n-${index + 1}`);

type World = ReturnType<typeof world>;

async function stopsIn(w: World) {
  const guard = await w.registry.laneGuard(STORE);
  return guard === undefined ? [] : stopsOf(guard);
}

async function approved(w: World, records: number): Promise<void> {
  const guard = await w.registry.laneGuard(STORE);
  if (guard === undefined) throw new Error('no guard');
  const [stop] = stopsOf(guard);
  const next = approvedStop(guard, stop?.key ?? '', records, w.clock.now());
  await w.registry.writeLaneGuard(STORE, { ...next, version: guard.version + 1, by: 'operator' });
}

describe('a rule that would dispose of more in a day than it may', () => {
  test('is stopped, with what fits done, the rest in its chunk, and an alarm at once', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    await w.run(at('2026-04-01T02:30:00Z'));
    expect(w.store.size()).toBe(5);
    expect(await stopsIn(w)).toMatchObject([
      { policy: 'test-policy', rule: NOTES, because: 'VOLUME', taken: 3, most: 3 },
    ]);
    expect(w.registry.allChunks()).toMatchObject([
      { waits: [{ code: 'RULE_STOPPED', count: 5 }], failures: 0 },
    ]);
    const stopped = w.reports.lines.filter(({ code }) => code === 'dispose.stopped');
    expect(stopped).toEqual([
      {
        code: 'dispose.stopped',
        fields: { store: STORE, policy: 'test-policy', code: 'VOLUME', count: 3 },
      },
    ]);
  });

  test('is told every hour, listed in attention, and hides no lateness', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    await w.run(at('2026-04-06T00:30:00Z'));
    expect(w.store.size()).toBe(5);
    const told = w.reports.lines.filter(({ fields }) => fields.code === 'rule-stopped');
    expect(told.length).toBeGreaterThan(100);
    expect(told[0]?.fields).toMatchObject({ store: STORE, count: 1 });
    const { groups } = await listOverdue(w.core, w.clock.now());
    expect(groups).toMatchObject([{ because: 'waiting', code: 'RULE_STOPPED', count: 5 }]);
    const page = await listAttention(w.core, w.clock.now(), { in: 'set-aside', store: STORE });
    expect(page.groups).toMatchObject([
      { reason: 'rule-stopped', store: STORE, policy: 'test-policy', code: 'VOLUME', count: 1 },
    ]);
    // Looked at every six hours, not every hour.
    expect(w.store.calls.look).toBeLessThan(30);
  });

  test('lets the records of other rules go, also those of its chunk', async () => {
    const w = world({ rules: { notes: [NOTES], ledger: [LEDGER] }, store: { breaker } });
    const contract = w.entity('contract', 'c-1');
    for (const [index, category] of ['notes', 'ledger', 'notes', 'notes', 'notes', 'ledger'].entries()) {
      w.store.put([`n-${index}`]);
      await w.register(await w.registration(`n-${index}`, [contract], { categories: [category] }));
    }
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(at('2026-04-01T02:30:00Z'));
    expect(w.store.size()).toBe(1);
    expect((await stopsIn(w)).map(({ rule }) => rule)).toEqual([NOTES]);
  });

  test('goes on with a bell at once, when a person has approved it, and stops again beyond that', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    await w.run(at('2026-04-01T02:30:00Z'));
    await approved(w, 4);
    await sweep(w.core, { kind: 'ring' }, () => true);
    await w.run(at('2026-04-01T02:40:00Z'));
    expect(w.store.size()).toBe(1);
    expect(await stopsIn(w)).toHaveLength(1);
    await approved(w, 1);
    await sweep(w.core, { kind: 'ring' }, () => true);
    await w.run(at('2026-04-01T02:50:00Z'));
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toHaveLength(8);
  });

  test('stays stopped over midnight, and when the breaker is taken out of the configuration', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    await w.run(at('2026-04-03T02:30:00Z'));
    expect(w.store.size()).toBe(5);
    const { breaker: _, ...without } = w.core.configuration.stores[STORE]!;
    const core: LaneCore = {
      ...w.core,
      configuration: { ...w.core.configuration, stores: { [STORE]: without } },
    };
    await w.registry.putHeartbeat(w.clock.now());
    const [chunk] = w.registry.allChunks();
    expect(await workOnChunk(core, chunk!)).toBe('left');
    expect(w.store.size()).toBe(5);
  });

  test('still says how much waits for a person in quiet hours, when people decide', async () => {
    const quietHours = { zone: 'UTC', hours: [{ from: '08:00', to: '18:00' }] };
    const { w } = await due({ store: { breaker, quietHours } }, IDS);
    await w.run(at('2026-04-01T17:00:00Z'));
    expect(w.store.size()).toBe(5);
    const waits = w.registry.allChunks().flatMap((chunk) => chunk.waits ?? []);
    expect(waits).toMatchObject([{ code: 'RULE_STOPPED', count: 5 }]);
    await approved(w, 5);
    await sweep(w.core, { kind: 'ring' }, () => true);
    await w.run(at('2026-04-01T17:59:00Z'));
    expect(w.store.size()).toBe(5);
    await w.run(at('2026-04-01T18:05:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('is not let through twice by two workers that ask at the same time', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    const chunk = await handedOver(w);
    const [first, second] = [IDS.slice(0, 4), IDS.slice(4)].map((ids, index) => ({
      ...chunk,
      id: `half-${index}`,
      refs: ids.map((id) => w.ref(id)),
    }));
    await w.registry.putChunks([first!, second!]);
    await Promise.all([workOnChunk(w.core, first!), workOnChunk(w.core, second!)]);
    expect(w.store.size()).toBe(5);
    expect(await stopsIn(w)).toHaveLength(1);
  });

  test.for([
    ['writeLaneGuard', 'before'],
    ['writeLaneGuard', 'after'],
    ['actOn', 'before'],
    ['actOn', 'after'],
    ['putResult', 'before'],
    ['putResult', 'after'],
  ] as const)('is let through no more because a worker dies at %s, %s', async ([call, when]) => {
    const { w } = await due({ store: { breaker } }, IDS);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', call, when), chunk);
    await leaseEnds(w);
    await w.run(at('2026-04-01T06:00:00Z'));
    expect(w.store.size()).toBeGreaterThanOrEqual(5);
    expect(await stopsIn(w)).toHaveLength(1);
  });

  test('does not keep what is uncertain from being read back', async () => {
    const { w } = await due({ store: { breaker } }, IDS);
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w).filter(({ interrupted }) => interrupted === true)).toHaveLength(3);
    expect(await stopsIn(w)).toHaveLength(1);
  });

  test('is stopped by the hourly cap no more, and by its own limit no less, where both are configured', async () => {
    const { w } = await due({ hourlyCap: 2, store: { breaker } }, IDS);
    await w.run(at('2026-04-01T00:50:00Z'));
    expect(w.store.size()).toBe(6);
    expect(await stopsIn(w)).toEqual([]);
    await w.run(at('2026-04-01T02:50:00Z'));
    expect(w.store.size()).toBe(5);
    expect(await stopsIn(w)).toHaveLength(1);
  });

  test('restricts, while it may not delete', async () => {
    const rules = {
      notes: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'],
    };
    const { w } = await due({ rules, restricts: true, store: { breaker: { recordsPerDay: 1 } } }, IDS);
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(entriesOf(w).map(({ outcome }) => outcome)).toEqual(IDS.map(() => 'restricted'));
    expect(await stopsIn(w)).toEqual([]);
  });
});

describe('a share of the store', () => {
  test('is known after a census, and noted once for each', async () => {
    const { w } = await due({ store: { breaker: { share: 0.5 } } }, IDS);
    await w.registry.putCensus({
      run: 'census-1/sums',
      page: '0',
      at: w.clock.now(),
      counts: [
        { store: STORE, policy: '', status: 'active', reason: 'in-store', count: 300, oldest: 0 },
        { store: STORE, policy: '', status: 'pending', reason: 'in-store', count: 7, oldest: 0 },
        { store: 'elsewhere', policy: '', status: 'active', reason: 'in-store', count: 9, oldest: 0 },
        { store: STORE, policy: 'p', status: 'due', reason: 'overdue', count: 4, oldest: 0 },
      ],
      listed: new Map(),
    });
    expect(await sweepGuards(w.core)).toEqual([]);
    expect(await w.registry.laneGuard(STORE)).toBeUndefined();
    await w.registry.putNewestCensus('census-1');
    await sweepGuards(w.core);
    await sweepGuards(w.core);
    expect(await w.registry.laneGuard(STORE)).toMatchObject({
      version: 1,
      holdings: { census: 'census-1', count: 300 },
    });
  });

  test('is noted although a worker of the lane writes its guard at the same time', async () => {
    const { w } = await due({ store: { breaker: { share: 0.5 } } }, IDS);
    await w.registry.putNewestCensus('census-1');
    let met = false;
    const busy: typeof w.core = {
      ...w.core,
      registry: {
        ...w.registry,
        async writeLaneGuard(lane, next) {
          if (!met) {
            met = true;
            await w.registry.writeLaneGuard(lane, { version: 1, by: 'w', hour: { at: 0, count: 7 } });
          }
          return w.registry.writeLaneGuard(lane, next);
        },
      },
    };
    await sweepGuards(busy);
    expect(await w.registry.laneGuard(STORE)).toMatchObject({
      version: 2,
      hour: { count: 7 },
      holdings: { census: 'census-1', count: 0 },
    });
  });

  test('keeps everything waiting until it is known, and then lets it go', async () => {
    const { w } = await due({ store: { breaker: { share: 0.5 } } }, IDS);
    await handedOver(w);
    const [chunk] = w.registry.allChunks();
    await workOnChunk(w.core, chunk!);
    expect(w.store.size()).toBe(8);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'NOT_COUNTED', count: 8 }] }]);
    await w.registry.putNewestCensus('census-1');
    await sweepGuards(w.core);
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.size()).toBe(0);
  });
});
