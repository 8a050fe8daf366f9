import { describe, expect, test } from 'vitest';
import type { Acted, Store } from '../../../shared/ports/store.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/*
 * A store that takes a thousand records at once, and two batches at the same time, as S3 does.
 */

const MINUTE = 60_000;

async function due(count: number) {
  const w = collectionWorld({ isStrict: true, hourlyCap: 1_000_000 });
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(count));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref, chunk: await handedOver(w) };
}

type World = Awaited<ReturnType<typeof due>>['w'];

/** A store whose deletions wait until others have had a chance to begin. Notes what was in flight. */
function watched(
  w: World,
  on: (batch: readonly unknown[], number: number) => Acted[] | undefined = () => undefined,
) {
  const seen = { inFlight: 0, most: 0, begun: 0, ended: 0, afterFailure: 0 };
  let hasFailed = false;
  const store: Store = {
    ...w.core.store,
    async delete(batch) {
      seen.inFlight += 1;
      seen.begun += 1;
      const number = seen.begun;
      seen.most = Math.max(seen.most, seen.inFlight);
      if (hasFailed) seen.afterFailure = Math.max(seen.afterFailure, seen.inFlight);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      try {
        const instead = on(batch, number);
        if (instead?.some(({ outcome }) => outcome === 'failed') === true) hasFailed = true;
        return instead ?? (await w.core.store.delete(batch));
      } finally {
        seen.inFlight -= 1;
        seen.ended += 1;
      }
    },
  };
  const core: LaneCore = { ...w.core, store };
  return { core, seen };
}

async function untilDone(w: World, core: LaneCore, chunk: Awaited<ReturnType<typeof handedOver>>) {
  for (let attempts = 0; attempts < 20; attempts += 1) {
    if ((await workOnChunk(core, chunk)) !== 'left') return;
    w.clock.advance(60 * MINUTE);
    await w.registry.putHeartbeat(w.clock.now());
  }
}

describe('parts of a page', () => {
  test('are deleted two at a time, each named in the work record before', async () => {
    const { w, ref, chunk } = await due(7000);
    let named = false;
    const { core, seen } = watched(w, () => {
      expect(named).toBe(true);
      return undefined;
    });
    const registry: typeof core.registry = {
      ...core.registry,
      async actOn(...asked) {
        expect(seen.inFlight).toBe(0);
        const said = await core.registry.actOn(...asked);
        named = true;
        return said;
      },
    };
    await untilDone(w, { ...core, registry }, chunk);
    expect(seen).toMatchObject({ most: 2, begun: 7, inFlight: 0 });
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(entriesOf(w).map(({ page }) => page?.records)).toEqual([5000, 2000]);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('follow each other once the store has been too busy for one, and are tried again', async () => {
    const { w, ref, chunk } = await due(5000);
    const { core, seen } = watched(w, (batch, number) =>
      number === 1 ? batch.map(() => ({ outcome: 'failed', code: 'STORE_THROTTLED' })) : undefined,
    );
    await workOnChunk(core, chunk);
    expect(seen).toMatchObject({ most: 2, begun: 5, afterFailure: 1, inFlight: 0 });
    expect(w.store.size()).toBe(1000);
    await w.run(w.clock.now() + 12 * 60 * MINUTE);
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('that were begun are awaited when time runs out, and the others are listed again', async () => {
    const { w, ref, chunk } = await due(5000);
    const { core, seen } = watched(w, (_, number) => {
      // Half of the function's time.
      if (number === 2) w.clock.advance(8 * MINUTE);
      return undefined;
    });
    expect(await workOnChunk(core, chunk)).toBe('left');
    expect(seen).toMatchObject({ inFlight: 0, begun: seen.ended });
    expect(seen.begun).toBeLessThan(5);
    expect(w.store.size()).toBe(5000 - 1000 * seen.begun);
    await leaseEnds(w);
    await w.run(w.clock.now() + 12 * 60 * MINUTE);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('are all awaited before an attempt ends with what one of them threw', async () => {
    const { w, ref, chunk } = await due(5000);
    const { core, seen } = watched(w, (_, number) => {
      if (number === 1) throw new Error('broken');
      return undefined;
    });
    await expect(workOnChunk(core, chunk)).rejects.toThrow('broken');
    // The other one has ended, and no further one was begun.
    expect(seen).toMatchObject({ inFlight: 0, begun: 2, ended: 2 });
    await leaseEnds(w);
    await w.run(w.clock.now() + 12 * 60 * MINUTE);
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });
});
