import { describe, expect, test } from 'vitest';
import { endHold, hintParked, placeHold } from '../../../shared/protocol/hold.ts';
import { reasonOf } from '../../../shared/protocol/attention.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, DUE, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { STORE } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/** A contract with rows, one of which is registered about another contract, too. */
async function rowInside() {
  const w = collectionWorld();
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(3));
  const other = w.entity('contract', 'c-2');
  const row = await registersRow(w, 'r-000001', [other]);
  return { w, contract, ref, other, row };
}

describe('a record that is registered inside a collection', () => {
  test('is kept by its collection while that is not due', async () => {
    const { w, contract, other, row, ref } = await rowInside();
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    await w.run(at(DUE));
    expect(w.store.size()).toBe(3);
    await w.run(at('2026-04-07T00:00:00Z'));
    const kept = holdingOf(w, row);
    expect(kept?.state).toBe('active');
    // It is past its deadline, rightly.
    expect(kept?.decision?.deadline).toBeLessThan(w.clock.now());
    expect(kept && reasonOf(w.core, kept, w.clock.now())).toBe('');
    expect(w.registry.allChunks()).toEqual([]);
    await w.happened(contract, w.fact('contract.ended', '2026-03-10'));
    await w.run(at('2026-04-12T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, row)?.state).toBe('disposed');
    // Looked at a day after only records were left that stay for their own reasons.
    await w.run(at('2026-04-14T00:00:00Z'));
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('keeps itself while it is not due, and goes by its own entry', async () => {
    const { w, contract, other, row } = await rowInside();
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(at(DUE));
    expect(w.store.fields(['r-000001'])).toBeDefined();
    expect(w.store.size()).toBe(1);
    await w.happened(other, w.fact('contract.ended', '2026-03-10', { id: 'other' }));
    await w.run(at('2026-04-12T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, row)).toMatchObject({ state: 'disposed' });
    expect(entriesOf(w).filter(({ page }) => page === undefined)).toMatchObject([{ outcome: 'deleted' }]);
  });

  test('waits while a hold covers its collection', async () => {
    const { w, contract, other, row } = await rowInside();
    const hold = aHoldOn(contract.ref);
    await placeHold(w.core, hold);
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.store.size()).toBe(3);
    await endHold(w.core, hold);
    await hintParked(w.core, hold.id);
    await w.run(at('2026-04-06T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, row)?.state).toBe('disposed');
  });

  test('is not touched while the store does not say in which collection it is', async () => {
    const { w, contract, other } = await rowInside();
    await w.happened(contract, w.fact('contract.ended', '2026-03-20'));
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    w.store.fail({ call: 'idsOf', code: 'STORE_TIMEOUT' });
    await w.run(at('2026-04-01T00:10:00Z'));
    expect(w.store.size()).toBe(3);
    expect(w.registry.allChunks()).toMatchObject([{ failure: { code: 'STORE_TIMEOUT' } }]);
    w.store.repair();
    await w.run(at('2026-04-01T06:00:00Z'));
    expect(w.store.size()).toBe(3);
    await w.run(at('2026-04-22T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('is not touched where its collection cannot be read', async () => {
    const { w, contract, other, ref } = await rowInside();
    await w.happened(contract, w.fact('contract.ended', '2026-03-20'));
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    const chunk = await handedOver(w);
    const registry = {
      ...w.core.registry,
      async readHoldings(refs: Parameters<typeof w.core.registry.readHoldings>[0]) {
        const found = await w.core.registry.readHoldings(refs.filter((one) => one !== ref));
        const damaged = refs.includes(ref) ? [{ ref, store: STORE, code: 'ITEM_INVALID' }] : [];
        return { ...found, damaged: [...found.damaged, ...damaged] };
      },
    };
    await workOnChunk({ ...w.core, registry }, chunk);
    expect(w.store.size()).toBe(3);
  });
});

test('a hold on an entity names what works in a lane with collections, whatever it works on', async () => {
  const { w, contract } = await rowInside();
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const chunk = await handedOver(w);
  let named = 0;
  const store = {
    ...w.core.store,
    async delete(batch: Parameters<typeof w.core.store.delete>[0]) {
      const placed = await placeHold(w.core, aHoldOn(w.entity('contract', 'c-3').ref));
      if (placed.kind === 'placed') named = placed.inFlight.length;
      return w.core.store.delete(batch);
    },
  };
  await workOnChunk({ ...w.core, store }, chunk);
  expect(named).toBe(1);
});
