import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LegalHold, WideHold } from '../../../shared/domain/record/hold.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aHoldingRef, anEntityRef, at, walk } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const hold: WideHold = {
  id: 'hold-1',
  kind: 'hold',
  scope: { category: 'contract-data' },
  state: 'placed',
  at: at('2026-03-01T10:00:00Z'),
};

const record: LegalHold = {
  id: 'hold-1',
  kind: 'hold',
  scope: { entity: anEntityRef(1) },
  state: 'placed',
  at: at('2026-03-01T10:00:00Z'),
  freeze: true,
  reviewBy: at('2027-03-01T00:00:00Z'),
  sealed: 'sealed-1',
};
const released = { at: at('2026-04-01T10:00:00Z'), sealed: 'sealed-2' };

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
      { ...hold, id: 'hold-2', scope: { policy: 'contracts' }, freeze: true, categories: ['a', 'b'] },
      { ...hold, id: 'pause-1', kind: 'pause', scope: { store: 'crm' } },
      { ...hold, id: 'pause-2', kind: 'pause', scope: { everything: true } },
      { ...hold, id: 'pause-3', kind: 'pause', scope: { store: 'crm' }, only: { policy: 'crm' } },
      {
        ...hold,
        id: 'pause-4',
        kind: 'pause',
        scope: { store: 'crm' },
        only: { policy: 'crm', rule: 'never' },
      },
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
    expect(await registry.placeWideHold({ ...hold, only: { policy: 'crm' } })).toBe('refused');
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

  test('records of holds of every scope are read as they were put, in the order of their ids', async () => {
    const scopes = [
      { category: 'notes' },
      { store: 'crm' },
      { policy: 'contracts' },
      { everything: true },
    ] as const;
    const records: LegalHold[] = [
      record,
      ...scopes.map((scope, n): LegalHold => ({
        id: `hold-${n + 2}`,
        kind: 'hold',
        scope,
        state: 'placed',
        at: 1,
        ...('policy' in scope && { categories: ['a', 'b'] }),
      })),
    ];
    expect(await registry.holdRecords()).toEqual({ items: [] });
    for (const each of records.toReversed()) expect(await registry.recordHold(each)).toBe('written');
    expect((await registry.holdRecords()).items).toEqual(records);
    expect(await registry.holdRecord('hold-1')).toEqual(record);
    expect(await registry.holdRecord('absent')).toBeUndefined();
    expect(await registry.wideHolds()).toEqual([]);
  });

  test('a record that is put again changes nothing, and is refused with another scope', async () => {
    await registry.recordHold(record);
    expect(await registry.recordHold({ ...record, sealed: 'other', at: 1 })).toBe('written');
    expect(await registry.recordHold({ ...record, scope: { entity: anEntityRef(2) } })).toBe('refused');
    expect(await registry.recordHold({ ...record, scope: { everything: true } })).toBe('refused');
    expect(await registry.holdRecord('hold-1')).toEqual(record);
  });

  test('a record that was released stays so, with its first release, and its id is used up', async () => {
    await registry.recordHold(record);
    await registry.recordRelease({ ...record, at: 1, released });
    await registry.recordRelease({ ...record, released: { at: 7, sealed: 'later' } });
    expect(await registry.holdRecord('hold-1')).toEqual({ ...record, state: 'released', released });
    expect(await registry.recordHold(record)).toBe('refused');
    expect((await registry.holdRecords()).items).toHaveLength(1);
  });

  test('a release that comes before its record keeps the id from being used', async () => {
    await registry.recordRelease({ ...record, released });
    expect(await registry.holdRecord('hold-1')).toEqual({ ...record, state: 'released', released });
    expect(await registry.recordHold(record)).toBe('refused');
  });

  test('what was in flight is noted once, and only in a record that is there', async () => {
    const attempts = [{ lane: 'crm', token: '2026-03-01T10.t', until: record.at + 1, holdings: 3 }];
    await registry.recordInFlight('hold-1', attempts);
    expect(await registry.holdRecord('hold-1')).toBeUndefined();
    await registry.recordHold(record);
    await registry.recordInFlight('hold-1', attempts);
    await registry.recordInFlight('hold-1', []);
    expect(await registry.holdRecord('hold-1')).toEqual({ ...record, inFlight: attempts });
    await registry.recordHold({ ...record, id: 'hold-2' });
    await registry.recordInFlight('hold-2', []);
    expect((await registry.holdRecord('hold-2'))?.inFlight).toEqual([]);
  });

  test('many records come at most 100 a page', async () => {
    const ids = Array.from({ length: 130 }, (_, n) => `hold-${String(n).padStart(3, '0')}`);
    for (const id of ids) await registry.recordHold({ ...record, id });
    expect((await registry.holdRecords()).items).toHaveLength(100);
    expect((await walk((after) => registry.holdRecords(after))).map(({ id }) => id)).toEqual(ids);
  });
});
