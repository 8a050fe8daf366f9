import { expect } from 'vitest';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import { world } from './world.ts';

/** One record that is due, its chunk, and workers that die at a call of a port. */

export const at = (iso: string): number => Date.parse(iso);
const MINUTE = 60_000;
export const DUE = '2026-04-01T00:30:00Z';
export type World = ReturnType<typeof world>;

export async function due(options: Parameters<typeof world>[0] = {}, ids: readonly string[] = ['n-1']) {
  const w = world(options);
  const contract = w.entity('contract', 'c-1');
  for (const id of ids) {
    w.store.put([id], { email: 'a' });
    await w.register(await w.registration(id, [contract]));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, contract };
}

/** Lets the sweep hand over what is due, without a worker, and answers the lane's only chunk. */
export async function handedOver(w: World, when = '2026-04-01T00:05:00Z') {
  w.clock.set(at(when));
  await sweepWake(w.core);
  w.bells.splice(0);
  await beat(w);
  const [chunk] = w.registry.allChunks();
  if (chunk === undefined) throw new Error('no chunk');
  return chunk;
}

export async function beat(w: World): Promise<void> {
  w.heartbeats.splice(0);
  await w.registry.putHeartbeat(w.clock.now());
}

/** Past the lease and its tolerance. */
export async function leaseEnds(w: World): Promise<void> {
  w.clock.advance(12 * MINUTE);
  await beat(w);
}

export function entriesOf(w: World): readonly Entry[] {
  return w.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
}

export class Died extends Error {}

/** A worker that dies at a call of a port: before it, or with its answer lost. */
export function dying(
  core: LaneCore,
  port: 'store' | 'registry' | 'keys',
  call: string,
  when: 'before' | 'after' = 'before',
): LaneCore {
  const methods = core[port] as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
  const real = methods[call];
  if (real === undefined) throw new Error(`no ${call}`);
  return {
    ...core,
    [port]: {
      ...methods,
      [call]: async (...args: readonly unknown[]) => {
        if (when === 'after') await real(...args);
        throw new Died(call);
      },
    },
  };
}

export async function dies(core: LaneCore, key: Parameters<typeof workOnChunk>[1]): Promise<void> {
  await expect(workOnChunk(core, key)).rejects.toThrow(Died);
}
