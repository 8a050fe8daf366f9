import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import type { WorldOptions } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

async function due(rows: readonly string[], options: WorldOptions = {}) {
  const w = collectionWorld({ isStrict: true, hourlyCap: 1_000_000, ...options });
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rows);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref };
}

describe('a store that takes a thousand records at once, and whose lists are strict', () => {
  test('is asked three times for a thousand, and an attempt takes five thousand', async () => {
    const { w, ref } = await due(rowNames(12_000));
    const chunk = await handedOver(w);
    let attempts = 1;
    for (; (await workOnChunk(w.core, chunk)) === 'left'; attempts += 1) {
      expect(w.store.calls.delete).toBeLessThanOrEqual(5 * attempts);
    }
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    // The last one lists once more from the beginning, and finds nothing.
    expect(attempts).toBe(3);
    expect(w.store.calls).toMatchObject({ list: 13, look: 0, idsOf: 0, delete: 12, readBack: 12 });
    expect(entriesOf(w).map(({ page }) => page?.records)).toEqual([5000, 5000, 2000]);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('is asked for a hundred at a time where some failed before', async () => {
    const rows = rowNames(1500);
    const { w, ref } = await due(rows);
    for (const row of rows.slice(0, 3))
      w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: [row] });
    await w.run(at('2026-04-01T08:00:00Z'));
    expect(w.store.size()).toBe(3);
    const { list } = w.store.calls;
    w.store.repair();
    writes(w, 'c-1', rowNames(200, 's'));
    await w.run(at('2026-04-02T08:00:00Z'));
    expect(w.store.calls.list - list).toBeGreaterThanOrEqual(3);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('masks a hundred at a time, because each may have to be read and written', async () => {
    const rule = aRule('anonymise 30 days after contract.ended');
    const masks = { email: { kind: 'null' } } as const;
    const policy = { ...aPolicy({}), categories: { notes: { rules: [rule], masks } } };
    const { w } = await due(rowNames(1100), { policy });
    const sizes: number[] = [];
    const store = {
      ...w.core.store,
      anonymise: (...asked: Parameters<typeof w.store.anonymise>) => {
        sizes.push(asked[0].length);
        return w.store.anonymise(...asked);
      },
    };
    const chunk = await handedOver(w, '2026-04-01T02:00:00Z');
    while ((await workOnChunk({ ...w.core, store }, chunk)) === 'left');
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1100);
    expect(Math.max(...sizes)).toBe(100);
    expect(await pageViolations(w)).toEqual([]);
  });

  test('lists a hundred where the names of a thousand do not fit into a work record', async () => {
    const name = (n: number) =>
      Array.from({ length: 8 }, (_, part) => ((n * 2_654_435_761 + part * 40_503) >>> 0).toString(36)).join(
        '',
      );
    const rows = Array.from({ length: 3000 }, (_, n) => `${name(n + 1)}${name(n * 7919 + 13)}`);
    const { w, ref } = await due(rows);
    let most = 0;
    const registry: typeof w.core.registry = {
      ...w.core.registry,
      actOn(work, actedOn) {
        most = Math.max(most, ...actedOn.map(({ records = '' }) => records.length));
        return w.core.registry.actOn(work, actedOn);
      },
    };
    const chunk = await handedOver(w);
    while ((await workOnChunk({ ...w.core, registry }, chunk)) === 'left');
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(most).toBeGreaterThan(30 * 1024);
    expect(most).toBeLessThan(80 * 1024);
  });

  test('leaves a row that is registered between the list and the deletion', async () => {
    const { w } = await due(rowNames(50));
    let isRegistered = false;
    const store: typeof w.core.store = {
      ...w.core.store,
      async list(...asked) {
        const listed = await w.core.store.list(...asked);
        if (!isRegistered) {
          isRegistered = true;
          await registersRow(w, 'r-000007', [w.entity('contract', 'c-2')]);
        }
        return listed;
      },
    };
    await workOnChunk({ ...w.core, store }, await handedOver(w));
    expect(w.store.fields(['r-000007'])).toBeDefined();
    expect(w.store.size()).toBe(1);
  });
});

describe('a store that takes five thousand records at once', () => {
  const BATCH = 5000;

  /** How many records an attempt asks for, list by list, and how many it deletes at once. */
  async function asked(rows: readonly string[]) {
    const { w } = await due(rows);
    const chunk = await handedOver(w);
    const listed: number[] = [];
    const deleted: number[] = [];
    const { store } = w.core;
    const large: typeof store = {
      ...store,
      batch: BATCH,
      list(place, limit, after) {
        listed.push(limit);
        return store.list(place, limit, after);
      },
      delete(batch) {
        deleted.push(batch.length);
        return store.delete(batch);
      },
    };
    await workOnChunk({ ...w.core, store: large }, chunk);
    return { listed, deleted };
  }

  test('is asked for whole batches, and deletes them at once', async () => {
    // The second list is that of the pass which finds nothing more.
    expect(await asked(rowNames(3000))).toEqual({ listed: [BATCH, 2000], deleted: [3000] });
  });

  test('is asked for fewer, and not for the fewest, where names do not fit into the work record', async () => {
    const names = rowNames(3000).map((name) => createHash('sha256').update(name).digest('base64url'));
    const { listed, deleted } = await asked(names);
    expect(listed.slice(0, 2)).toEqual([BATCH, 1000]);
    expect(deleted[0]).toBe(1000);
  });
});
