import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aHoldingRef, at, walk } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const hold: WideHold = {
  id: 'hold-1',
  kind: 'hold',
  scope: { category: 'contract-data' },
  state: 'placed',
  at: at('2026-03-01T10:00:00Z'),
};

describe.each(registryKinds)('holds and what is parked in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('holds and pauses of every scope are read as they were placed', async () => {
    const holds: WideHold[] = [
      hold,
      { ...hold, id: 'hold-2', scope: { policy: 'contracts' } },
      { ...hold, id: 'pause-1', kind: 'pause', scope: { store: 'crm' } },
      { ...hold, id: 'pause-2', kind: 'pause', scope: { everything: true } },
    ];
    expect(await registry.wideHolds()).toEqual([]);
    for (const each of holds) expect(await registry.placeWideHold(each)).toBe('written');
    expect(await registry.wideHolds()).toEqual(holds);
    expect(await registry.wideHold('pause-2')).toEqual(holds[3]);
    expect(await registry.wideHold('absent')).toBeUndefined();
  });

  test('placing the same hold again is written and changes nothing', async () => {
    await registry.placeWideHold(hold);
    expect(await registry.placeWideHold({ ...hold, at: hold.at + 1000 })).toBe('written');
    expect(await registry.wideHold('hold-1')).toEqual(hold);
  });

  test('an id that has one scope is refused for another', async () => {
    await registry.placeWideHold(hold);
    expect(await registry.placeWideHold({ ...hold, scope: { store: 'contract-data' } })).toBe('refused');
    expect(await registry.placeWideHold({ ...hold, kind: 'pause' })).toBe('refused');
    expect(await registry.wideHolds()).toEqual([hold]);
  });

  test('a released hold is no longer in force, can still be read, and its id is refused for ever', async () => {
    await registry.placeWideHold(hold);
    await registry.releaseWideHold({ ...hold, scope: { everything: true }, at: 1 });
    expect(await registry.wideHolds()).toEqual([]);
    expect(await registry.wideHold('hold-1')).toEqual({ ...hold, state: 'released' });
    expect(await registry.placeWideHold(hold)).toBe('refused');
    await registry.releaseWideHold(hold);
    expect(await registry.placeWideHold(hold)).toBe('refused');
    expect(await registry.wideHolds()).toEqual([]);
  });

  test('a release that arrives before its hold keeps the hold from ever being placed', async () => {
    await registry.releaseWideHold(hold);
    expect(await registry.wideHold('hold-1')).toEqual({ ...hold, state: 'released' });
    expect(await registry.placeWideHold(hold)).toBe('refused');
    expect(await registry.wideHolds()).toEqual([]);
  });

  test('what is parked is listed under its own hold until it is taken away', async () => {
    await registry.park('hold-1', [aHoldingRef(1), aHoldingRef(2), aHoldingRef(1)]);
    await registry.park('hold-1', [aHoldingRef(1)]);
    await registry.park('hold-2', [aHoldingRef(3)]);
    await registry.park('hold-2', []);
    expect((await registry.parked('hold-1')).items).toEqual([aHoldingRef(1), aHoldingRef(2)].toSorted());
    await registry.unpark('hold-1', [aHoldingRef(1)]);
    await registry.unpark('hold-1', [aHoldingRef(1), aHoldingRef('absent')]);
    expect(await registry.parked('hold-1')).toEqual({ items: [aHoldingRef(2)] });
    expect(await registry.parked('hold-2')).toEqual({ items: [aHoldingRef(3)] });
    expect(await registry.parked('hold-3')).toEqual({ items: [] });
  });

  test('a hold with many parked holdings gives them all, at most 100 a page', async () => {
    const refs = Array.from({ length: 210 }, (_, n) => aHoldingRef(n));
    await registry.park('hold-1', refs);
    expect((await registry.parked('hold-1')).items).toHaveLength(100);
    expect(await walk((after) => registry.parked('hold-1', after))).toEqual(refs.toSorted());
    await registry.unpark('hold-1', refs);
    expect(await registry.parked('hold-1')).toEqual({ items: [] });
  });
});
