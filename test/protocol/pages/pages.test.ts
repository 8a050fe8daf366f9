import { describe, expect, test } from 'vitest';
import { binOf } from '../../../shared/domain/forecast/forecast.ts';
import { reasonOf } from '../../../shared/protocol/attention.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { rootOf, unpackList } from '../../../shared/domain/record/page-list.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, DUE, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import type { WorldOptions } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  refOfRow,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';

/** A contract with rows that are not registered, and the fact that makes them due. */
async function dueCollection(count: number, options: WorldOptions = {}) {
  const w = collectionWorld(options);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(count));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, contract, ref };
}

function resultsOf(w: ReturnType<typeof collectionWorld>) {
  return w.registry.allResults().flatMap((result) => ('void' in result ? [] : [result]));
}

describe('a collection that is due', () => {
  test('is deleted, read back and told in one entry with the root of its records', async () => {
    const { w, ref } = await dueCollection(5);
    writes(w, 'c-2', ['other-1']);
    await w.run(at(DUE));
    expect(w.store.size()).toBe(1);
    expect(w.store.fields(['other-1'])).toBeDefined();
    const holding = holdingOf(w, ref);
    expect(holding).toMatchObject({ state: 'disposed', collection: 'notes' });
    expect(holding?.locator).toBeUndefined();
    const [entry, ...more] = entriesOf(w);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ outcome: 'deleted', stage: 'delete', page: { records: 5 } });
    expect(entry?.page).not.toHaveProperty('more');
    expect(entry?.acted).toBeDefined();
    expect(entry?.readBack).toBeDefined();
    const [result] = resultsOf(w);
    const list = unpackList(result?.lists?.[entry?.page?.root ?? ''] ?? '');
    const key = await w.core.keys.logKey(yearOf(holding?.registeredAt ?? 0));
    const refs = await Promise.all(rowNames(5).map((row) => refOfRow(w, row)));
    expect(list).toEqual(refs.map((one) => logRef(key, one)).toSorted());
    expect(rootOf(list)).toBe(entry?.page?.root);
    expect(w.registry.allChunks()).toEqual([]);
    expect(w.registry.allWorkRecords()).toEqual([]);
  });

  test('is deleted page by page, and only the last entry ends it', async () => {
    const { w, ref } = await dueCollection(2500);
    await w.run(at(DUE));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)).toMatchObject({ state: 'disposed', done: [{ outcome: 'deleted' }] });
    const pages = entriesOf(w).map(({ outcome, page }) => [outcome, page?.records, page?.more]);
    expect(pages).toEqual([
      ['deleted', 1000, true],
      ['deleted', 1000, true],
      ['deleted', 500, undefined],
    ]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('without any record is already so', async () => {
    const { w, ref } = await dueCollection(0);
    await w.run(at(DUE));
    expect(entriesOf(w)).toMatchObject([{ outcome: 'already-so', page: { records: 0 } }]);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
  });

  test('is not said to be empty before its application had the time to write', async () => {
    const { w, contract, ref } = await dueCollection(0, { start: '2026-03-31T23:30:00Z' });
    await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: 'again' }));
    await w.run(at('2026-04-01T00:20:00Z'));
    expect(entriesOf(w)).toEqual([]);
    expect(holdingOf(w, ref)?.state).toBe('active');
    writes(w, 'c-1', ['late']);
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w)).toMatchObject([{ outcome: 'deleted', page: { records: 1 } }]);
  });

  test('keeps records that are registered on their own, and is looked at again', async () => {
    const { w, ref } = await dueCollection(4);
    const other = w.entity('contract', 'c-9');
    await registersRow(w, 'r-000001', [other]);
    await w.run(at(DUE));
    expect(w.store.size()).toBe(1);
    expect(w.store.fields(['r-000001'])).toBeDefined();
    expect(entriesOf(w)).toMatchObject([{ outcome: 'deleted', page: { records: 3, kept: 1 } }]);
    expect(holdingOf(w, ref)).toMatchObject({ state: 'active', kept: { records: 1 } });
    expect(w.registry.allChunks()).toEqual([]);
    // Nothing new: not told again, and never late.
    await w.run(at('2026-04-20T00:00:00Z'));
    expect(entriesOf(w)).toHaveLength(1);
    const now = w.clock.now();
    const kept = holdingOf(w, ref);
    expect(kept?.decision?.deadline).toBeLessThan(now);
    expect(kept?.hintAt).toBeGreaterThan(now);
    expect(kept && reasonOf(w.core, kept, now)).toBe('');
    expect(kept && binOf(kept, '2026-04-20')).toBe('no-date:kept');
    expect(kept && reasonOf(w.core, kept, (kept.waitsUntil ?? 0) + 86_400_000)).toBe('overdue');
    await w.happened(other, w.fact('contract.ended', '2026-03-06', { id: 'other ended' }));
    await w.run(at('2026-05-06T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)).toMatchObject({ state: 'disposed' });
    expect(holdingOf(w, ref)).not.toHaveProperty('kept');
  });

  test.each([
    ['is gone', {}],
    ['is of another type of entity', { entity: 'person' }],
    ['is of the ids of another producer', { producer: 'other' }],
  ])('whose definition %s is set aside, and stops no other', async (_, change) => {
    const { w, ref } = await dueCollection(2);
    const stores = { ...w.core.configuration.stores };
    const { collections = [], ...store } = stores['notes']!;
    const changed = Object.keys(change).length === 0 ? [] : collections.map((one) => ({ ...one, ...change }));
    stores['notes'] = { ...store, collections: changed };
    const chunk = await handedOver(w);
    await workOnChunk({ ...w.core, configuration: { ...w.core.configuration, stores } }, chunk);
    expect(w.registry.allSetAside()).toMatchObject([{ holding: ref, code: 'COLLECTION_UNKNOWN' }]);
    expect(w.store.size()).toBe(2);
    expect(w.registry.allChunks()).toEqual([]);
  });
});
