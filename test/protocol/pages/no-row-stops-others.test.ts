import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, DUE, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import type { WorldOptions } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';

const FAR = at('2035-01-01T00:00:00Z');

async function dueCollection(rows: readonly string[], options: WorldOptions = {}) {
  const w = collectionWorld(options);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rows);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref };
}

describe('a collection whose last records are locked for years', () => {
  const rows = rowNames(1040);

  async function afterOnePage() {
    const { w, ref } = await dueCollection(rows);
    for (const row of rows.slice(1000))
      w.store.fail({ call: 'delete', code: 'STORE_LOCKED', until: FAR, locator: [row] });
    return { w, ref };
  }

  test('does not wait for them with what was written before its position', async () => {
    const { w, ref } = await afterOnePage();
    expect(await workOnChunk(w.core, await handedOver(w))).toBe('left');
    expect(w.store.size()).toBe(40);
    writes(w, 'c-1', rowNames(3, 'a'));
    await w.run(at(DUE) + 6 * 3_600_000);
    expect(w.store.size()).toBe(40);
    expect(w.registry.allChunks()).toEqual([]);
    expect(holdingOf(w, ref)?.hintAt).toBeGreaterThan(at(DUE) + 29 * 86_400_000);
  });

  test('does not wait for them with what an earlier page could not tell of', async () => {
    const { w } = await afterOnePage();
    for (const row of rows.slice(0, 5)) {
      w.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', times: 1, locator: [row] });
      w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: 1, locator: [row] });
    }
    await workOnChunk(w.core, await handedOver(w));
    await leaseEnds(w);
    await w.run(w.clock.now() + 24 * 3_600_000);
    expect(w.store.size()).toBe(40);
  });
});

describe('more rows that never go than the lane lets through at once', () => {
  const rows = rowNames(260);

  test.each([
    ['that fail', undefined],
    ['that are locked for years', FAR],
  ])('%s stop none of the others', async (_, until) => {
    const { w } = await dueCollection(rows, { hourlyCap: 30 });
    for (const row of rows.slice(0, 120))
      w.store.fail({
        call: 'delete',
        code: until === undefined ? 'STORE_CONSTRAINT' : 'STORE_LOCKED',
        locator: [row],
        ...(until !== undefined && { until }),
      });
    await w.run(at('2026-04-20T00:00:00Z'));
    expect(w.store.size()).toBe(120);
  });
});
