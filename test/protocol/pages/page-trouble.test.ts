import { describe, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import {
  at,
  beat,
  dies,
  DUE,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
} from '../../support/driver/dying-worker.ts';
import { STORE, type World, type WorldOptions } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  NOTES,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const HOUR = 3_600_000;
const NULLED: Masks = { email: { kind: 'null' } };

async function dueCollection(rows: readonly string[], options: WorldOptions = {}) {
  const w = collectionWorld(options);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', rows);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, contract, ref };
}

async function allWell(w: World): Promise<readonly string[]> {
  return [...(await pageViolations(w)), ...leftOver(w)];
}

describe('rows that fail', () => {
  test('stop no others, are told once a day, and the collection waits', async () => {
    const rows = rowNames(1200);
    const { w, ref } = await dueCollection(rows);
    // At the beginning of the list, and more than a slice.
    for (const row of rows.slice(0, 150))
      w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: [row] });
    await w.run(at('2026-04-01T08:00:00Z'));
    expect(w.store.size()).toBe(150);
    expect(holdingOf(w, ref)?.state).toBe('active');
    const entries = entriesOf(w);
    expect(entries.map(({ outcome, page }) => [outcome, page?.records, page?.failed, page?.more])).toEqual([
      ['deleted', 850, 150, true],
      ['deleted', 200, undefined, true],
    ]);
    expect(w.registry.allChunks()).toMatchObject([{ failure: { code: 'STORE_CONSTRAINT' } }]);
    const tries = w.store.calls.delete;
    expect(tries).toBeLessThan(60);
    w.store.repair();
    await w.run(at('2026-04-02T08:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(await allWell(w)).toEqual([]);
  });

  test('for ever are an entry once a day', async () => {
    const { w } = await dueCollection(rowNames(3));
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await w.run(at('2026-04-04T12:00:00Z'));
    const told = entriesOf(w);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(told.every(({ outcome, page }) => outcome === 'failed' && page?.failed === 3)).toBe(true);
  });

  test('until a date that is far away leave the chunk, and are looked at once a month', async () => {
    const { w, ref } = await dueCollection(rowNames(3));
    const until = at('2026-06-01T00:00:00Z');
    w.store.fail({ call: 'delete', code: 'STORE_LOCKED', until, locator: ['r-000001'] });
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    expect(w.registry.allChunks()).toEqual([]);
    const looksAgain = holdingOf(w, ref)?.hintAt ?? 0;
    expect([looksAgain >= at('2026-05-01T00:00:00Z'), looksAgain <= at('2026-05-04T00:00:00Z')]).toEqual([
      true,
      true,
    ]);
    const calls = w.store.calls.delete;
    await w.run(at('2026-04-20T00:00:00Z'));
    expect(w.store.calls.delete).toBe(calls);
    // One that comes without an event does not wait for those that are locked.
    writes(w, 'c-1', ['r-000009']);
    await w.run(at('2026-05-05T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    expect(w.registry.allChunks()).toEqual([]);
    w.store.repair();
    w.clock.set(until);
    await w.run(until + 3 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });

  test('because the application writes them are tried again later', async () => {
    const { w } = await dueCollection(rowNames(3));
    const chunk = await handedOver(w);
    const store = {
      ...w.core.store,
      async delete(batch: Parameters<typeof w.core.store.delete>[0]) {
        writes(w, 'c-1', ['r-000001']);
        return w.core.store.delete(batch);
      },
    };
    expect(await workOnChunk({ ...w.core, store }, chunk)).toBe('left');
    expect(w.store.size()).toBe(1);
    expect(entriesOf(w)).toMatchObject([
      { outcome: 'deleted', page: { records: 2, changed: 1, more: true } },
    ]);
    expect(w.registry.allChunks()[0]?.notBefore).toBeGreaterThan(w.clock.now());
    await w.run(at('2026-04-01T06:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });
});

describe('a store that does not say what came of it', () => {
  test('is read again, row by row, and every row is told once', async () => {
    const { w, ref } = await dueCollection(rowNames(250));
    w.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', acts: true, times: 30 });
    w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: 170 });
    await w.run(at('2026-04-01T12:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(entriesOf(w).some(({ interrupted }) => interrupted === true)).toBe(true);
    expect(await allWell(w)).toEqual([]);
  });

  test('may die with its result before the chunk is written', async () => {
    const { w } = await dueCollection(rowNames(150));
    w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: 40 });
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeChunk'), chunk);
    await leaseEnds(w);
    await w.run(w.clock.now() + 12 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });

  test('is not asked about one collection again and again while others wait', async () => {
    const { w } = await dueCollection(rowNames(120));
    const second = await collected(w, 'c-2');
    writes(w, 'c-2', rowNames(40, 's'));
    await w.happened(second.contract, w.fact('contract.ended', '2026-03-01', { id: 'second' }));
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete'), chunk);
    await leaseEnds(w);
    w.store.fail({ call: 'readBack', code: 'STORE_DENIED', locator: ['r-000007'] });
    await w.run(w.clock.now() + 12 * HOUR);
    expect(holdingOf(w, second.ref)?.state).toBe('disposed');
    w.store.repair();
    await w.run(w.clock.now() + 48 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });
});

describe('the position of a pass', () => {
  test('that does not open is begun again', async () => {
    const { w, ref } = await dueCollection(rowNames(1500));
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    const [left] = w.registry.allChunks();
    const own = left?.progress?.[ref];
    if (left === undefined || own === undefined) throw new Error('no progress');
    const broken = { ...own, clean: true, after: `${own.after?.slice(0, -4)}AAAA` };
    await w.registry.writeChunk({ ...left, version: left.version + 1, progress: { [ref]: broken } });
    await w.run(at('2026-04-01T06:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });

  test('stays where it is while the store is throttled, and is begun again where the store refuses it', async () => {
    const { w, ref } = await dueCollection(rowNames(1500));
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    const positions: unknown[] = [];
    const note = async (code: 'STORE_THROTTLED' | 'STORE_SCHEMA') => {
      w.store.fail({ call: 'list', code });
      w.clock.advance(2 * HOUR);
      await beat(w);
      expect(await workOnChunk(w.core, chunk)).toBe('left');
      w.store.repair();
      positions.push(w.registry.allChunks()[0]?.progress?.[ref]?.after !== undefined);
    };
    await note('STORE_THROTTLED');
    await note('STORE_SCHEMA');
    expect(positions).toEqual([true, false]);
    await w.run(at('2026-04-01T12:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(await allWell(w)).toEqual([]);
  });

  test('of another place is not used: a clean pass began elsewhere', async () => {
    const { w, ref } = await dueCollection(rowNames(1500));
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    expect(w.store.size()).toBe(500);
    for (const row of rowNames(30, 'a')) w.store.put([row], { owner: 'c-1', contract: 'c-1' });
    const stores = { ...w.core.configuration.stores };
    const notes = stores[STORE];
    if (notes === undefined) throw new Error('no store');
    stores[STORE] = { ...notes, collections: [{ ...NOTES, by: 'owner' }] };
    const core = { ...w.core, configuration: { ...w.core.configuration, stores } };
    for (let open = true; open;) open = (await workOnChunk(core, chunk)) === 'left';
    expect(rowNames(30, 'a').filter((row) => w.store.fields([row]) !== undefined)).toEqual([]);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(await pageViolations(w)).toEqual([]);
  });

  test('of a restriction is not used for a deletion', async () => {
    const rule = aRule('restrict 1 day after contract.started, then delete 30 days after contract.ended');
    const policy = { ...aPolicy({}), categories: { notes: { rules: [rule] } } };
    const w = collectionWorld({ policy, restricts: true });
    const { contract, ref } = await collected(w, 'c-1');
    const rows = rowNames(1500);
    writes(w, 'c-1', rows);
    await w.happened(contract, w.fact('contract.started', '2026-03-30'));
    const chunk = await handedOver(w);
    await workOnChunk(w.core, chunk);
    await workOnChunk(w.core, chunk);
    expect(rows.every((row) => w.store.isRestricted([row]))).toBe(true);
    // The pass that finds nothing to do is on its way.
    expect(w.registry.allChunks()).toMatchObject([{ progress: { [ref]: { clean: true } } }]);
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    for (let open = true; open;) open = (await workOnChunk(w.core, chunk)) === 'left';
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(await allWell(w)).toEqual([]);
  });
});

describe('other stages', () => {
  test('mask every row, once, and say so with the kinds of the masks', async () => {
    const rule = aRule('anonymise 30 days after contract.ended');
    const policy = { ...aPolicy({}), categories: { notes: { rules: [rule], masks: NULLED } } };
    const { w, ref } = await dueCollection(rowNames(1100), { policy });
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(rowNames(1100).every((row) => w.store.fields([row])?.['email'] === null)).toBe(true);
    expect(w.store.effects.length).toBe(1100);
    expect(holdingOf(w, ref)).toMatchObject({
      state: 'active',
      done: [{ stage: 'anonymise', outcome: 'anonymised' }],
    });
    expect(entriesOf(w).at(-1)).toMatchObject({ masks: { email: 'null' } });
    expect(entriesOf(w).at(-1)?.page?.more).toBeUndefined();
    expect(leftOver(w)).toEqual([]);
  });

  test('restrict and lift every row', async () => {
    const rule = aRule('restrict 1 day after contract.ended, then delete 90 days after contract.ended');
    const policy = { ...aPolicy({}), categories: { notes: { rules: [rule] } } };
    const { w, contract, ref } = await dueCollection(rowNames(130), { policy, restricts: true });
    await w.run(at('2026-03-04T00:00:00Z'));
    expect(rowNames(130).every((row) => w.store.isRestricted([row]))).toBe(true);
    await w.happened(contract, w.fact('contract.renewed', '2026-03-04'));
    await w.run(at('2026-03-05T00:00:00Z'));
    expect(rowNames(130).some((row) => w.store.isRestricted([row]))).toBe(false);
    expect(holdingOf(w, ref)?.done?.map(({ stage }) => stage)).toEqual(['restrict', 'lift']);
    expect(leftOver(w)).toEqual([]);
  });
});

describe('the limits of a lane', () => {
  test('count rows: no more go in an hour than the cap', async () => {
    const { w } = await dueCollection(rowNames(500), { hourlyCap: 120 });
    const sizes: number[] = [];
    for (let hour = 1; hour <= 6; hour += 1) {
      await w.run(at('2026-04-01T00:00:00Z') + hour * HOUR - 60_000);
      sizes.push(w.store.size());
    }
    expect(sizes).toEqual([380, 260, 140, 20, 0, 0]);
    expect(await allWell(w)).toEqual([]);
  });

  test('let rows through that do not fail, where the first ones always do', async () => {
    const rows = rowNames(60);
    const { w } = await dueCollection(rows, { hourlyCap: 10 });
    for (const row of rows.slice(0, 20))
      w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: [row] });
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.store.size()).toBe(20);
  });
});

test('a collection that cannot be read stops no record of its chunk, and no other collection', async () => {
  const { w, ref } = await dueCollection(rowNames(5));
  const second = await collected(w, 'c-2');
  writes(w, 'c-2', rowNames(4, 's'));
  await w.happened(second.contract, w.fact('contract.ended', '2026-03-01', { id: 'second' }));
  w.store.put(['n-1'], { contract: 'c-5' });
  await registersRow(w, 'n-1', [w.entity('contract', 'c-2')]);
  const chunk = await handedOver(w);
  const keys = {
    ...w.core.keys,
    async decrypt(...[scope, text]: Parameters<typeof w.core.keys.decrypt>) {
      if (scope.context === ref) throw Object.assign(new Error('x'), { code: 'KEY_UNAVAILABLE' });
      return w.core.keys.decrypt(scope, text);
    },
  };
  expect(await workOnChunk({ ...w.core, keys }, chunk)).toBe('left');
  expect(w.registry.allChunks()).toMatchObject([{ refs: [ref], failure: { code: 'KEY_UNAVAILABLE' } }]);
  expect(w.store.size()).toBe(5);
  await w.run(at(DUE) + 6 * HOUR);
  expect(w.store.size()).toBe(0);
  expect(await allWell(w)).toEqual([]);
});
