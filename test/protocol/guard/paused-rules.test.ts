import { describe, expect, test } from 'vitest';
import { sweep } from '../../../functions/sweep/sweep.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import {
  at,
  beat,
  dies,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
} from '../../support/driver/dying-worker.ts';
import { STORE, world } from '../../support/driver/world.ts';

const NOTES = '30 days after contract.ended';
const LEDGER = '30 days after contract.ended, at most 10 years after contract.ended';
const rules = { notes: [NOTES], ledger: ['at least 30 days after contract.ended'] };

const pause: WideHold = {
  id: 'pause-1',
  kind: 'pause',
  scope: { store: STORE },
  state: 'placed',
  at: 0,
  only: { policy: 'test-policy', rule: NOTES },
};

/** Two records of each of two rules, due at the same time, in one chunk. */
async function mixed() {
  const w = world({ rules });
  const contract = w.entity('contract', 'c-1');
  for (const [id, category] of [
    ['n-1', 'notes'],
    ['l-1', 'ledger'],
    ['n-2', 'notes'],
    ['l-2', 'ledger'],
  ] as const) {
    w.store.put([id]);
    await w.register(await w.registration(id, [contract], { categories: [category] }));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return w;
}

describe('a pause of one rule', () => {
  test('keeps its records in the chunk, and lets those of other rules go', async () => {
    const w = await mixed();
    await w.registry.placeWideHold(pause);
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.fields(['l-1'])).toBeUndefined();
    expect(w.store.fields(['l-2'])).toBeUndefined();
    expect(w.store.size()).toBe(2);
    expect(w.registry.allChunks()).toMatchObject([
      { refs: [w.ref('n-1'), w.ref('n-2')], failures: 0, waits: [{ code: 'RULE_PAUSED', count: 2 }] },
    ]);
    expect(entriesOf(w)).toHaveLength(2);
    expect(w.registry.allParked()).toEqual([]);
  });

  test('ends with a bell at once, although its chunks have a not-before', async () => {
    const w = await mixed();
    await w.registry.placeWideHold(pause);
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.size()).toBe(2);
    const notBefore = w.registry.allChunks()[0]?.notBefore ?? 0;
    expect(notBefore).toBeGreaterThan(at('2026-04-01T05:00:00Z'));
    const message = { kind: 'release', hold: pause.id } as const;
    await sweep(w.core, message, () => true);
    await w.run(at('2026-04-01T03:05:00Z'));
    expect(w.store.size()).toBe(0);
    expect(w.registry.allChunks()).toEqual([]);
    await sweep(w.core, message, () => true);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('looks at the store every six hours, not every hour, while it lasts', async () => {
    const w = await mixed();
    await w.registry.placeWideHold(pause);
    await w.run(at('2026-04-02T01:00:00Z'));
    expect(w.store.calls.look).toBeLessThanOrEqual(6);
    expect(w.reports.lines.filter(({ code }) => code === 'sweep.waiting-too-long')).toEqual([]);
  });

  test('hides no lateness: what waits past its deadline is overdue, and says why', async () => {
    const w = await mixed();
    await w.registry.placeWideHold(pause);
    await w.run(at('2026-04-05T00:00:00Z'));
    const { groups } = await listOverdue(w.core, w.clock.now());
    expect(groups).toMatchObject([{ store: STORE, because: 'waiting', code: 'RULE_PAUSED', count: 2 }]);
    expect(w.reports.lines).toContainEqual({
      code: 'sweep.waiting-too-long',
      fields: expect.objectContaining({ code: 'overdue', store: STORE, count: 2 }) as unknown,
    });
  });

  test('of a rule of another policy, or with another text, keeps nothing', async () => {
    for (const only of [
      { policy: 'others', rule: NOTES },
      { policy: 'test-policy', rule: LEDGER },
      { policy: 'others' },
    ]) {
      const w = await mixed();
      await w.registry.placeWideHold({ ...pause, only });
      await w.run(at('2026-04-01T02:00:00Z'));
      expect(w.store.size()).toBe(0);
    }
  });

  test('in another lane keeps nothing here, and one of all lanes does', async () => {
    const elsewhere = await mixed();
    await elsewhere.registry.placeWideHold({ ...pause, scope: { store: 'elsewhere' } });
    await elsewhere.run(at('2026-04-01T02:00:00Z'));
    expect(elsewhere.store.size()).toBe(0);
    const all = await mixed();
    await all.registry.placeWideHold({ ...pause, scope: { everything: true } });
    await all.run(at('2026-04-01T02:00:00Z'));
    expect(all.store.size()).toBe(2);
  });

  test('names the attempt that may have read the pauses before it was placed', async () => {
    const w = await mixed();
    const chunk = await handedOver(w);
    const slow: LaneCore = {
      ...w.core,
      store: {
        ...w.store,
        async look(batch) {
          const placed = await placeHold(w.core, pause);
          expect(placed).toMatchObject({ kind: 'placed', inFlight: [{ lane: STORE, refs: chunk.refs }] });
          return w.store.look(batch);
        },
      },
    };
    expect(await workOnChunk(slow, chunk)).toBe('done');
    expect((await w.registry.wideHolds())[0]?.only).toEqual(pause.only);
  });

  test('does not keep what an attempt left uncertain from being read back', async () => {
    const w = await mixed();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    await w.registry.placeWideHold(pause);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    const told = entriesOf(w).filter(({ interrupted }) => interrupted === true);
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ outcome }) => outcome === 'already-so')).toBe(true);
    await beat(w);
  });
});

test('a pause of a policy keeps all its records, restrictions included', async () => {
  const w = world({
    rules: { notes: ['restrict 30 days after contract.ended, then delete 90 days after contract.ended'] },
    restricts: true,
  });
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1']);
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  await w.registry.placeWideHold({ ...pause, only: { policy: 'test-policy' } });
  await w.run(at('2026-04-01T02:00:00Z'));
  expect(entriesOf(w)).toEqual([]);
});
