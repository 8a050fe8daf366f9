import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from '../../support/registries.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  at,
  aState,
  walk,
} from '../../support/samples.ts';

describe.each(registryKinds)('holdings in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    ({ registry } = await kind.fresh());
  });

  test('a holding is read as it was put, whatever it carries', async () => {
    expect(await registry.putHolding(aFullHolding(1))).toBe('written');
    expect(await registry.holding(aHoldingRef(1))).toEqual(aFullHolding(1));
    expect(await registry.putHolding(aHolding(2, { state: 'pending' }))).toBe('written');
    expect(await registry.holding(aHoldingRef(2))).toEqual(aHolding(2, { state: 'pending' }));
  });

  test('a property that a write leaves out is gone', async () => {
    await registry.putHolding(aFullHolding(1));
    const { locator: _, ...tombstone } = aHolding(1, { version: 2, state: 'disposed', registrations: [] });
    await registry.putHolding(tombstone);
    expect(await registry.holding(aHoldingRef(1))).toEqual(tombstone);
  });

  test('a holding that is not there is undefined', async () => {
    expect(await registry.holding(aHoldingRef('nobody'))).toBeUndefined();
    expect(await registry.holdings([aHoldingRef('nobody')])).toEqual(new Map());
  });

  test('version 1 is written only where nothing is', async () => {
    expect(await registry.putHolding(aHolding(1))).toBe('written');
    expect(await registry.putHolding(aHolding(1, { state: 'withdrawn' }))).toBe('moved');
    expect(await registry.holding(aHoldingRef(1))).toEqual(aHolding(1));
  });

  test('a later version is written only on the one before', async () => {
    expect(await registry.putHolding(aHolding(1, { version: 2 }))).toBe('moved');
    await registry.putHolding(aHolding(1));
    expect(await registry.putHolding(aHolding(1, { version: 3 }))).toBe('moved');
    expect(await registry.putHolding(aHolding(1, { version: 2, state: 'pending' }))).toBe('written');
    expect(await registry.putHolding(aHolding(1, { version: 2 }))).toBe('moved');
    expect((await registry.holding(aHoldingRef(1)))?.state).toBe('pending');
  });

  test('of many writers on one version exactly one writes', async () => {
    await registry.putHolding(aHolding(1));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => registry.putHolding(aHolding(1, { version: 2, attempts: n }))),
    );
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await registry.holding(aHoldingRef(1)))?.attempts).toBe(answers.indexOf('written'));
  });

  test('many holdings are read at once; missing ones are left out and repeated ones come once', async () => {
    const refs = Array.from({ length: 230 }, (_, n) => aHoldingRef(n));
    await Promise.all(refs.slice(0, 210).map((_, n) => registry.putHolding(aHolding(n))));
    const found = await registry.holdings([...refs, aHoldingRef(0)]);
    expect([...found.keys()].toSorted()).toEqual(refs.slice(0, 210).toSorted());
    expect(found.get(aHoldingRef(7))).toEqual(aHolding(7));
    expect(await registry.holdings([])).toEqual(new Map());
  });

  test('holdings that do not fit in one answer of the table are all read', async () => {
    const large = 'x'.repeat(30_000);
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => registry.putHolding(aHolding(n, { locator: large }))),
    );
    const found = await registry.holdings(Array.from({ length: 60 }, (_, n) => aHoldingRef(n)));
    expect(found.size).toBe(60);
  });

  test('tombstones of earlier generations are kept with the holding, in their order', async () => {
    for (const generation of [2, 1, 11, 3]) {
      await registry.putTombstone(aHolding(1, { generation, state: 'disposed' }));
    }
    await registry.putHolding(aHolding(1, { generation: 12 }));
    await registry.putTombstone(aHolding(2, { generation: 1, state: 'disposed' }));
    const generations = (await registry.tombstones(aHoldingRef(1))).map(({ generation }) => generation);
    expect(generations).toEqual([1, 2, 3, 11]);
    expect((await registry.holding(aHoldingRef(1)))?.generation).toBe(12);
    expect(await registry.tombstones(aHoldingRef('nobody'))).toEqual([]);
  });

  test('a tombstone that is put again stays as it was', async () => {
    const tombstone = aHolding(1, { state: 'disposed', registrations: [], version: 7 });
    await registry.putTombstone(tombstone);
    await registry.putTombstone(aHolding(1, { version: 9, state: 'withdrawn' }));
    expect(await registry.tombstones(aHoldingRef(1))).toEqual([tombstone]);
  });

  test('what was put cannot be changed through the object that was put or read', async () => {
    const mine = { ...aHolding(1) };
    await registry.putHolding(mine);
    const read = await registry.holding(aHoldingRef(1));
    for (const object of [mine, read]) {
      try {
        Object.assign(object ?? {}, { state: 'disposed' });
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    expect(await registry.holding(aHoldingRef(1))).toEqual(aHolding(1));
  });

  test.each([1, 3])('a scan in %i segments gives every holding once and nothing else', async (segments) => {
    const names = Array.from({ length: 120 }, (_, n) => n);
    await Promise.all(names.map((n) => registry.putHolding(aHolding(n))));
    await registry.putTombstone(aHolding(1, { state: 'disposed' }));
    await registry.putFact(anEntityRef(1), aFact(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointer(anEntityRef(1), aHoldingRef(1));
    await registry.park('hold-1', aHoldingRef(1));
    await registry.putHint({ minute: at('2026-03-01T10:05:00Z'), holding: aHoldingRef(1) });
    const pages = Array.from({ length: segments }, (_, segment) =>
      walk((after) => registry.scanHoldings(segment, segments, after)),
    );
    const found = (await Promise.all(pages)).flat().map(({ ref }) => ref);
    expect(found.toSorted()).toEqual(names.map(aHoldingRef).toSorted());
  });

  test('a scan continues after its cursor when a page is full', async () => {
    const large = 'x'.repeat(60_000);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => registry.putHolding(aHolding(n, { locator: large }))),
    );
    const found = await walk((after) => registry.scanHoldings(0, 1, after));
    expect(found).toHaveLength(40);
    expect(new Set(found.map(({ ref }) => ref)).size).toBe(40);
  });
});
