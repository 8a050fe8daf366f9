import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  aState,
  at,
  walk,
} from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';
import { change, putNew, readOne } from './registry-samples.ts';

describe.each(registryKinds)('holdings in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('a holding is read as it was written, whatever it carries', async () => {
    await putNew(registry, aFullHolding(1));
    expect(await readOne(registry, aHoldingRef(1))).toEqual(aFullHolding(1));
    await putNew(registry, aHolding(2, { state: 'pending' }));
    expect(await readOne(registry, aHoldingRef(2))).toEqual(aHolding(2, { state: 'pending' }));
  });

  test('every property can change, come and go', async () => {
    const bare = { ...aHolding(1) };
    delete bare.decision;
    delete bare.hintAt;
    delete bare.locator;
    const full = aFullHolding(1);
    await putNew(registry, bare);
    expect(await registry.writeHoldings([{ before: bare, after: { ...full, version: 2 } }])).toEqual([
      'written',
    ]);
    const read = await readOne(registry, full.ref);
    expect(read).toEqual({ ...full, version: 2 });
    expect(await registry.writeHoldings([{ before: read, after: { ...bare, version: 3 } }])).toEqual([
      'written',
    ]);
    expect(await readOne(registry, full.ref)).toEqual({ ...bare, version: 3 });
  });

  test('a holding that is not there is left out', async () => {
    expect(await registry.holdings([aHoldingRef('absent')])).toEqual(new Map());
    expect(await registry.holdings([])).toEqual(new Map());
    expect(await registry.writeHoldings([])).toEqual([]);
  });

  test('version 1 is written only where nothing is', async () => {
    await putNew(registry, aHolding(1));
    const again = { before: undefined, after: aHolding(1, { state: 'withdrawn' }) };
    expect(await registry.writeHoldings([again])).toEqual(['moved']);
    expect(await readOne(registry, aHoldingRef(1))).toEqual(aHolding(1));
  });

  test('a later version is written only on the one before', async () => {
    const first = aHolding(1);
    expect(await registry.writeHoldings([change(first, {})])).toEqual(['moved']);
    expect(await readOne(registry, first.ref)).toBeUndefined();
    await putNew(registry, first);
    expect(await registry.writeHoldings([change({ ...first, version: 2 }, {})])).toEqual(['moved']);
    expect(await registry.writeHoldings([change(first, { state: 'pending' })])).toEqual(['written']);
    expect(await registry.writeHoldings([change(first, {})])).toEqual(['moved']);
    expect((await readOne(registry, first.ref))?.state).toBe('pending');
  });

  test('of many writers on one version exactly one writes', async () => {
    const first = await putNew(registry, aHolding(1));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => registry.writeHoldings([change(first, { hintAt: n })])),
    );
    expect(answers.flat().filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await readOne(registry, first.ref))?.hintAt).toBe(answers.flat().indexOf('written'));
  });

  test('changes of many holdings are answered one by one, in order', async () => {
    const all = Array.from({ length: 60 }, (_, n) => aHolding(n));
    await registry.writeHoldings(all.slice(0, 40).map((after) => ({ before: undefined, after })));
    await registry.writeHoldings(all.slice(0, 10).map((before) => change(before, { hintAt: 1 })));
    const answers = await registry.writeHoldings(
      all
        .toReversed()
        .map((before, n) =>
          n % 2 === 0 ? change(before, { hintAt: 2 }) : { before: undefined, after: before },
        ),
    );
    const expected = all.toReversed().map((one, n) => {
      const place = all.indexOf(one);
      const isThere = place < 40;
      return (n % 2 === 0 ? isThere && place >= 10 : !isThere) ? 'written' : 'moved';
    });
    expect(answers).toEqual(expected);
    const stored = await registry.holdings(all.map(({ ref }) => ref));
    expect(stored.size).toBe(50);
    expect([...stored.values()].filter(({ hintAt }) => hintAt === 2)).toHaveLength(15);
  });

  test('two changes of one holding in one call are refused, and nothing is written', async () => {
    const first = aHolding(1);
    const changes = [
      { before: undefined, after: first },
      { before: undefined, after: aHolding(2) },
      change(first, {}),
    ];
    await expect(registry.writeHoldings(changes)).rejects.toThrow(TypeError);
    expect(await registry.holdings([aHoldingRef(1), aHoldingRef(2)])).toEqual(new Map());
  });

  test('a change that does not raise the version by one is refused', async () => {
    const first = await putNew(registry, aHolding(1));
    for (const version of [1, 3])
      await expect(registry.writeHoldings([change(first, { version })])).rejects.toThrow(TypeError);
    await expect(
      registry.writeHoldings([{ before: undefined, after: aHolding(2, { version: 2 }) }]),
    ).rejects.toThrow(TypeError);
  });

  test('many holdings are read at once; missing ones are left out and repeated ones come once', async () => {
    const all = Array.from({ length: 230 }, (_, n) => aHolding(n));
    const refs = all.map(({ ref }) => ref);
    await registry.writeHoldings(all.slice(0, 210).map((after) => ({ before: undefined, after })));
    const found = await registry.holdings([...refs, aHoldingRef(0)]);
    expect([...found.keys()]).toEqual(refs.slice(0, 210));
    expect(found.get(aHoldingRef(7))).toEqual(aHolding(7));
  });

  test('holdings that do not fit in one answer of the table are all read', async () => {
    const large = 'x'.repeat(60_000);
    const all = Array.from({ length: 60 }, (_, n) => aHolding(n, { locator: large }));
    await registry.writeHoldings(all.map((after) => ({ before: undefined, after })));
    expect((await registry.holdings(all.map(({ ref }) => ref))).size).toBe(60);
  });

  test('tombstones of earlier generations are kept beside the holding, in their order', async () => {
    for (const generation of [2, 1, 11, 3])
      await registry.putTombstone(aHolding(1, { generation, state: 'disposed' }));
    await putNew(registry, aHolding(1, { generation: 12 }));
    await registry.putTombstone(aHolding(2, { generation: 1, state: 'disposed' }));
    const generations = (await registry.tombstones(aHoldingRef(1))).map(({ generation }) => generation);
    expect(generations).toEqual([1, 2, 3, 11]);
    expect((await readOne(registry, aHoldingRef(1)))?.generation).toBe(12);
    expect(await registry.tombstones(aHoldingRef('absent'))).toEqual([]);
  });

  test('tombstones of many holdings are read at once, without those that are missing', async () => {
    const all = Array.from({ length: 150 }, (_, n) => aHolding(n, { generation: 2, state: 'disposed' }));
    for (const one of all) await registry.putTombstone(one);
    const missing = { ref: aHoldingRef(1), generation: 1 };
    const found = await registry.tombstonesAt([missing, ...all]);
    expect(found.map(({ ref }) => ref).toSorted()).toEqual(all.map(({ ref }) => ref).toSorted());
    expect(await registry.tombstonesAt([])).toEqual([]);
  });

  test('a tombstone gives way to one of a newer version only', async () => {
    const tombstone = aHolding(1, { state: 'disposed', variants: [], version: 7 });
    await registry.putTombstone(tombstone);
    await registry.putTombstone(aHolding(1, { version: 7, state: 'withdrawn' }));
    await registry.putTombstone(aHolding(1, { version: 6, state: 'withdrawn' }));
    expect(await registry.tombstones(aHoldingRef(1))).toEqual([tombstone]);
    const newer = { ...tombstone, version: 9 };
    await registry.putTombstone(newer);
    expect(await registry.tombstones(aHoldingRef(1))).toEqual([newer]);
  });

  test('a pointer that is put twice is there once, for each entity', async () => {
    const entities = Array.from({ length: 30 }, (_, n) => anEntityRef(n));
    await registry.putPointers(entities.slice(0, 3), aHoldingRef(1));
    await registry.putPointers([...entities, anEntityRef(0)], aHoldingRef(1));
    await registry.putPointers([], aHoldingRef(1));
    for (const entity of entities)
      expect(await registry.pointers(entity)).toEqual({ items: [aHoldingRef(1)] });
    expect(await registry.pointers(anEntityRef('other'))).toEqual({ items: [] });
    const asked = [aHoldingRef(1), aHoldingRef(2), aHoldingRef(1)];
    expect(await registry.pointersAmong(anEntityRef(1), asked)).toEqual([aHoldingRef(1)]);
    expect(await registry.pointersAmong(anEntityRef('other'), asked)).toEqual([]);
    expect(await registry.pointersAmong(anEntityRef(1), [])).toEqual([]);
  });

  test('the pages of an entity with many holdings name each of them once, and at most 100 a page', async () => {
    const entity = anEntityRef('wide');
    const refs = Array.from({ length: 250 }, (_, n) => aHoldingRef(n));
    await Promise.all(refs.map((ref) => registry.putPointers([entity], ref)));
    await registry.putFact(entity, aFact(1));
    await registry.putState(entity, aState());
    expect((await walk((after) => registry.pointers(entity, after))).toSorted()).toEqual(refs.toSorted());
    const first = await registry.pointers(entity);
    expect(first.items).toHaveLength(100);
    expect(await registry.pointers(entity, first.next)).toEqual(await registry.pointers(entity, first.next));
  });

  test.each([1, 4])('a scan in %i segments gives every holding once and nothing else', async (segments) => {
    const all = Array.from({ length: 120 }, (_, n) => aHolding(n));
    await registry.writeHoldings(all.map((after) => ({ before: undefined, after })));
    await registry.putTombstone(aHolding(1, { state: 'disposed' }));
    await registry.putFact(anEntityRef(1), aFact(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointers([anEntityRef(1)], aHoldingRef(1));
    await registry.park('hold-1', [aHoldingRef(1)]);
    const minute = at('2026-03-01T10:05:00Z');
    await registry.putHints([{ minute, holding: aHoldingRef(1), lane: 'crm', producer: 'p' }]);
    const pages = Array.from({ length: segments }, (_, segment) =>
      walk((after) => registry.scanHoldings(segment, segments, after)),
    );
    const found = (await Promise.all(pages)).flat();
    expect(found.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))).toEqual(
      all.toSorted((a, b) => (a.ref < b.ref ? -1 : 1)),
    );
  });

  test('a scan goes on after its cursor where a page is full', async () => {
    const large = 'x'.repeat(60_000);
    const all = Array.from({ length: 40 }, (_, n) => aHolding(n, { locator: large }));
    await registry.writeHoldings(all.map((after) => ({ before: undefined, after })));
    const found = await walk((after) => registry.scanHoldings(0, 1, after));
    expect(found).toHaveLength(40);
    expect(new Set(found.map(({ ref }) => ref)).size).toBe(40);
  });
});
