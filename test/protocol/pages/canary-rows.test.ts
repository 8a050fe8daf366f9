import { describe, expect, test } from 'vitest';
import { stopsOf } from '../../../shared/domain/guard/breaker.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, handedOver } from '../../support/driver/dying-worker.ts';
import { STORE, type World } from '../../support/driver/world.ts';
import { collected, collectionWorld, rowNames, writes } from '../../support/pages/collection-world.ts';

const FAR = at('2035-01-01T00:00:00Z');

async function tried(rows: readonly string[]) {
  const w = collectionWorld({ store: { canary: 5 } });
  const { contract } = await collected(w, 'c-1');
  writes(w, 'c-1', rows);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return w;
}

async function stops(w: World) {
  const guard = await w.registry.laneGuard(STORE);
  return guard === undefined ? [] : stopsOf(guard);
}

describe('the first rows of a collection that a rule disposes of', () => {
  test('stop no rule where they are locked until a date, as no record does', async () => {
    const rows = rowNames(20);
    const w = await tried(rows);
    for (const row of rows.slice(0, 12))
      w.store.fail({ call: 'delete', code: 'STORE_LOCKED', until: FAR, locator: [row] });
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(await stops(w)).toEqual([]);
    expect(w.store.size()).toBe(12);
  });

  test('stop the rule where one failed, although others only met a busy store', async () => {
    const rows = rowNames(5);
    const w = await tried(rows);
    w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: ['r-000002'] });
    for (const row of ['r-000000', 'r-000001', 'r-000003', 'r-000004'])
      w.store.fail({ call: 'delete', code: 'STORE_THROTTLED', locator: [row] });
    await workOnChunk(w.core, await handedOver(w));
    expect(await stops(w)).toMatchObject([{ because: 'CANARY' }]);
  });
});
