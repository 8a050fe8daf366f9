import { describe, expect, test } from 'vitest';
import type { LaneGuard } from '../../../shared/domain/guard/lane-guard.ts';
import type { Slow } from '../../../shared/domain/guard/pace.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import { at, beat, due, entriesOf, handedOver, type World } from '../../support/driver/dying-worker.ts';
import { STORE } from '../../support/driver/world.ts';

const IDS = Array.from({ length: 20 }, (_, n) => `n-${String(n).padStart(2, '0')}`);
const slowDown = { factor: 4 };
const VERBS = ['look', 'delete', 'readBack'] as const;

/** A store whose calls take so long by the lane's clock, and the names of these. */
function taking(w: World, milliseconds: number): { readonly core: LaneCore; readonly calls: string[] } {
  const calls: string[] = [];
  const store = new Proxy(w.core.store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function' || !VERBS.some((verb) => verb === name)) return method;
      return async (...args: unknown[]): Promise<unknown> => {
        calls.push(String(name));
        w.clock.advance(milliseconds);
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { core: { ...w.core, store }, calls };
}

const usual = Object.fromEntries(VERBS.map((verb) => [`${verb}/100`, 100]));

async function lane(slow?: Slow) {
  const { w } = await due({ store: { slowDown } }, IDS);
  const chunk = await handedOver(w);
  const pace = { at: w.clock.now(), usual, ...(slow && { slow }) };
  await w.registry.writeLaneGuard(STORE, { version: 1, by: 't', pace });
  return { w, chunk };
}

async function guardOf(w: World): Promise<LaneGuard> {
  const guard = await w.registry.laneGuard(STORE);
  if (guard === undefined) throw new Error('no guard');
  return guard;
}

const slowed = (w: World): readonly (number | undefined)[] =>
  w.reports.lines.flatMap(({ code, fields }) => (code === 'dispose.slowed' ? [fields.count] : []));

describe('a lane whose store becomes slow', () => {
  test('ends what it has begun, and notes it with a line of the log', async () => {
    const { w, chunk } = await lane();
    expect(await workOnChunk(taking(w, 1000).core, chunk)).toBe('done');
    expect(w.store.size()).toBe(0);
    expect((await guardOf(w)).pace?.slow).toMatchObject({ level: 1, until: w.clock.now() + 15_000 });
    expect(slowed(w)).toEqual([1]);
  });

  test('notes nothing where it is as fast as usual, or where slowing down is not configured', async () => {
    const { w, chunk } = await lane();
    await workOnChunk(taking(w, 110).core, chunk);
    const { version, pace } = await guardOf(w);
    expect([version, pace?.slow]).toEqual([2, undefined]);
    expect(slowed(w)).toEqual([]);
    const other = await due({}, IDS);
    await workOnChunk(taking(other.w, 9000).core, await handedOver(other.w));
    expect((await other.w.registry.laneGuard(STORE))?.pace).toBeUndefined();
  });

  test('acts on fewer records, waits without a look at the store, is listed, and recovers', async () => {
    const began = at('2026-04-01T00:05:00Z');
    const { w, chunk } = await lane({ level: 5, changed: began - 60_000, until: began, by: '', left: 0 });
    const fast = taking(w, 100);
    expect(await workOnChunk(fast.core, chunk)).toBe('left');
    expect(w.store.size()).toBe(5);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'STORE_SLOW', count: 5 }] }]);
    expect((await guardOf(w)).pace?.slow?.level).toBe(4);
    expect(slowed(w)).toEqual([4]);
    expect(w.reports.lines).toContainEqual({
      code: 'dispose.waits',
      fields: { store: STORE, code: 'STORE_SLOW', count: 5 },
    });
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w).map(({ outcome }) => outcome)).toEqual(IDS.map(() => 'deleted'));
  });

  test('waits for the end of a pause without a look at the store, and is overdue with the reason', async () => {
    const began = at('2026-04-01T00:05:00Z');
    const pause = { level: 5, changed: began, until: began + 240_000, by: 'another', left: 0 };
    const { w, chunk } = await lane(pause);
    await workOnChunk(w.core, chunk);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'STORE_SLOW', count: 20 }] }]);
    w.clock.set(began + 239_000);
    const [waiting] = w.registry.allChunks();
    await w.registry.writeChunk({ ...waiting!, notBefore: began, version: waiting!.version + 1 });
    await beat(w);
    const looking = taking(w, 0);
    expect(await workOnChunk(looking.core, chunk)).toBe('left');
    expect(looking.calls).toEqual([]);
    w.clock.set(at('2026-04-06T00:30:00Z'));
    const { groups } = await listOverdue(w.core, w.clock.now());
    expect(groups).toMatchObject([{ store: STORE, because: 'waiting', code: 'STORE_SLOW', count: 20 }]);
  });
});
