import { expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, DUE, handedOver } from '../../support/driver/dying-worker.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

const WITH_BOOKINGS = {
  entityTypes: { booking: { ids: 'owned' as const, normalise: [], belongsTo: 'contract' } },
};

test('a collection waits for what belongs to its entity', async () => {
  const w = collectionWorld(WITH_BOOKINGS);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(3));
  const booking = w.entity('booking', 'b-1');
  w.store.put(['b-row'], { contract: 'none' });
  const row = await registersRow(w, 'b-row', [booking, contract]);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const chunk = await handedOver(w);
  w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: ['b-row'] });
  await workOnChunk(w.core, chunk);
  expect(w.store.size()).toBe(4);
  expect(w.registry.allChunks()[0]?.refs).toContain(ref);
  w.store.repair();
  await w.run(at(DUE) + 6 * 3_600_000);
  expect(w.store.size()).toBe(0);
  expect(holdingOf(w, row)?.state).toBe('disposed');
  expect(holdingOf(w, ref)?.state).toBe('disposed');
  expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
});

test.each(['c-1', 'c-2'])(
  'a collection of %s that waits for a long time takes no turn from the other',
  async (waiting) => {
    const w = collectionWorld(WITH_BOOKINGS);
    const all = new Map<string, Awaited<ReturnType<typeof collected>>>();
    for (const id of ['c-1', 'c-2']) {
      const own = await collected(w, id);
      all.set(id, own);
      writes(w, id, rowNames(1050, id));
      await w.happened(own.contract, w.fact('contract.ended', '2026-03-01', { id }));
    }
    const contract = w.entity('contract', waiting);
    w.store.put(['b-row'], { contract: 'none' });
    await registersRow(w, 'b-row', [w.entity('booking', 'b-1'), contract]);
    w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: ['b-row'] });
    await w.run(at(DUE) + 24 * 3_600_000);
    expect(w.store.size()).toBe(1051);
    for (const [id, { ref }] of all)
      expect(holdingOf(w, ref)?.state).toBe(id === waiting ? 'active' : 'disposed');
    w.store.repair();
    await w.run(at(DUE) + 72 * 3_600_000);
    expect(w.store.size()).toBe(0);
  },
);
