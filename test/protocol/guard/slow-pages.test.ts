import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { rowsWorld, sweptRows, writesRows } from '../../support/datasets/rows-world.ts';
import { handedOver } from '../../support/driver/dying-worker.ts';
import { STORE, type World } from '../../support/driver/world.ts';
import { collected, collectionWorld, rowNames, writes } from '../../support/pages/collection-world.ts';

const VERBS: ReadonlySet<string> = new Set(['look', 'list', 'range', 'delete', 'readBack']);
const options = { store: { slowDown: { factor: 4 } }, hourlyCap: 1_000_000 };
const ROWS = rowNames(800);

/** A store whose calls take so long by the lane's clock: for each call, and for each of its records. */
function taking(w: World, times: number): LaneCore {
  const store = new Proxy(w.core.store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function' || !VERBS.has(String(name))) return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const [of, limit] = args;
        const records = Array.isArray(of) ? of.length : Number(limit);
        w.clock.advance(times * (100 + records / 10));
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { ...w.core, store };
}

async function collection(): Promise<{ readonly w: World; readonly chunk: Chunk }> {
  const w = collectionWorld({ isStrict: true, ...options });
  const { contract } = await collected(w, 'c-1');
  writes(w, 'c-1', ROWS);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, chunk: await handedOver(w) };
}

async function dataset(): Promise<{ readonly w: World; readonly chunk: Chunk }> {
  const w = rowsWorld(options);
  writesRows(w, ROWS, { days: 31 });
  return { w, chunk: await sweptRows(w) };
}

/** How many records each attempt that acted has disposed of; those in between found that they have to wait. */
async function attempts(w: World, core: LaneCore, chunk: Chunk, most: number): Promise<number[]> {
  const sizes: number[] = [];
  while (sizes.length < most) {
    const before = w.store.size();
    await w.registry.putHeartbeat(w.clock.now());
    const came = await workOnChunk(core, chunk);
    if (w.store.size() < before) sizes.push(before - w.store.size());
    const next = await w.registry.chunk(chunk);
    if (came !== 'left' || next === undefined) break;
    w.clock.set(Math.max(w.clock.now(), next.notBefore ?? 0));
  }
  return sizes;
}

describe.each([
  ['collection', collection],
  ['dataset', dataset],
])('the records of a %s in a store that is slow', (_kind, made) => {
  test('go fewer at a time as long as it is, wait for that reason, and all go once it is not', async () => {
    const { w, chunk } = await made();
    const now = w.clock.now();
    const usual = { 'list/1000': 200, 'range/1000': 200, 'delete/1000': 200, 'readBack/1000': 200 };
    const slow = { level: 1, changed: now - 60_000, until: now, by: '', left: 0 };
    await w.registry.writeLaneGuard(STORE, { version: 1, by: 't', pace: { at: now, usual, slow } });
    expect(await attempts(w, taking(w, 10), chunk, 8)).toEqual([250, 125, 62, 31, 15, 15, 15, 15]);
    const waiting = w.registry.allChunks().flatMap(({ waits = [] }) => waits.map(({ code }) => code));
    expect(waiting).toEqual(['STORE_SLOW']);
    const then = await attempts(w, taking(w, 1), chunk, 100);
    expect(then).toEqual([15, 31, 62, 125, 39]);
    expect(w.store.size()).toBe(0);
  });
});
