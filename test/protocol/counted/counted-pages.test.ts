import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import type { Locator, Store } from '../../../shared/ports/store.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { countedWorld } from '../../support/counted/counted-world.ts';
import { at, DUE, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  NOTES,
  writes,
} from '../../support/pages/collection-world.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

/** Keys that do not compress: 36 characters each. */
function uuids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = createHash('sha256').update(`row ${index}`).digest('hex');
    return [8, 4, 4, 4, 12].map((length, part) => hex.slice(part * 12, part * 12 + length)).join('-');
  });
}

/**
 * Of the write units of a row, the list in its entry takes a sixtieth (16 random bytes), and its locator in the work record
 * twice what it needs compressed: it is written, and deleted again. With random keys that is most of it.
 */
describe('a collection of 5,000 rows in a table', () => {
  test(
    'costs less than 0.07 write units a row with random keys, and few requests',
    { timeout: 240_000 },
    async () => {
      const w = await countedWorld(tables, { start: '2026-03-01T10:00:00Z', collections: [NOTES] });
      const { contract } = await collected(w, 'c-1');
      writes(w, 'c-1', uuids(5000));
      await recordFact(w.core, contract.ref, w.fact('contract.ended', '2026-03-01'));
      w.reset();
      let attempts = 0;
      const units = await w.unitsOf(async () => {
        let bells = await w.wake(at('2026-04-01T00:02:00Z'));
        while (bells.length > 0) {
          for (const bell of bells) await w.work(bell);
          attempts += bells.length;
          bells = w.bells.splice(0).map(({ message }) => message);
        }
      });
      expect(w.store.size()).toBe(0);
      const sum = Object.values(units).reduce((all, one) => all + one, 0);
      expect(attempts).toBe(6);
      expect(sum / 5000).toBeLessThan(0.07);
      // 16 bytes a row in the results.
      expect((units['R'] ?? 0) / 5000).toBeLessThan(0.02);
      // A third reads which rows are registered on their own, after one that says whether any can be; two a page say on the
      // holding that it is partly disposed of.
      expect(w.requests().registry).toBeLessThan(240);
    },
  );
});

describe('a collection of 100,000 rows', () => {
  test('is deleted with the same memory as a small one: a thousand rows an attempt, a hundred a call', async () => {
    const w = collectionWorld({ hourlyCap: 1_000_000 });
    const { contract, ref } = await collected(w, 'c-1');
    const count = 100_000;
    writes(w, 'c-1', uuids(count));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const chunk = await handedOver(w, DUE);
    let [mostInACall, mostBytes, attempts] = [0, 0, 0];
    const seen = <Item, Answer>(call: (batch: readonly Item[]) => Promise<Answer>) =>
      function batched(batch: readonly Item[]): Promise<Answer> {
        mostInACall = Math.max(mostInACall, batch.length);
        return call(batch);
      };
    const { store, registry } = w.core;
    const watched: Store = {
      ...store,
      look: seen<Locator, Awaited<ReturnType<Store['look']>>>((batch) => store.look(batch)),
      delete: seen((batch) => store.delete(batch)),
      readBack: seen((batch) => store.readBack(batch)),
    };
    const measured: typeof registry = {
      ...registry,
      actOn(work, actedOn) {
        mostBytes = Math.max(mostBytes, ...actedOn.map(({ records = '' }) => records.length));
        return registry.actOn(work, actedOn);
      },
    };
    for (let open = true; open; attempts += 1)
      open = (await workOnChunk({ ...w.core, store: watched, registry: measured }, chunk)) === 'left';
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(attempts).toBe(101);
    expect(mostInACall).toBe(100);
    expect(mostBytes).toBeLessThan(64 * 1024);
    expect(entriesOf(w).reduce((sum, { page }) => sum + (page?.records ?? 0), 0)).toBe(count);
  }, 240_000);
});
