import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ColumnEntry, entryKey } from '../../../shared/domain/columns/column-entry.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { anEntityRef, at } from '../../support/samples.ts';
import { aChunk, aColumnEntry } from './registry-samples.ts';
import { registryKinds } from './registry-kinds.ts';

const NOW = at('2026-03-01T10:00:00Z');
const COLUMN = aColumnEntry(1).column;

describe.each(registryKinds)('entries of columns in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  async function all(range: { from: number; until: number }, column = COLUMN): Promise<ColumnEntry[]> {
    const found: ColumnEntry[] = [];
    let after: string | undefined;
    do {
      const page = await registry.columnEntries(column, range, after);
      found.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  const entry = (name: number, occurred: string, more: Partial<ColumnEntry> = {}): ColumnEntry =>
    aColumnEntry(name, { occurred: occurred as Occurred, ...more });

  test('are read as they were written, one by one and in order of their values', async () => {
    const entries = [
      entry(1, '2019-06-01', { taken: true }),
      entry(2, '2019-06-01T08:30:00.123Z'),
      entry(3, '2019-06-01T08:30:00.124Z', { goneSince: NOW }),
      entry(4, '2021-01-01T00:00:00.000Z', { taken: true, goneSince: NOW }),
    ];
    for (const one of entries.toReversed()) expect(await registry.writeColumnEntry(one)).toBe('written');
    expect(await all({ from: 0, until: NOW })).toEqual(entries);
    for (const one of entries) expect(await registry.columnEntry(COLUMN, entryKey(one))).toEqual(one);
    expect(await registry.columnEntry(COLUMN, entryKey(entry(5, '2019-06-01')))).toBeUndefined();
    expect(await all({ from: 0, until: NOW }, 'crm portal account.opened')).toEqual([]);
  });

  test('are read from an instant, and to before another one', async () => {
    const [a, b, c] = [
      entry(1, '2019-06-01T08:00:00.000Z'),
      entry(2, '2019-06-01T09:00:00.000Z'),
      entry(3, '2019-06-01T10:00:00.000Z'),
    ];
    for (const one of [a, b, c]) await registry.writeColumnEntry(one);
    const [nine, ten] = [at('2019-06-01T09:00:00Z'), at('2019-06-01T10:00:00Z')];
    expect(await all({ from: nine, until: ten })).toEqual([b]);
    expect(await all({ from: nine, until: ten + 1 })).toEqual([b, c]);
    expect(await all({ from: 0, until: nine })).toEqual([a]);
    expect(await all({ from: ten + 1, until: NOW })).toEqual([]);
  });

  test('are all there, however few fit in a page', async () => {
    const entries = Array.from({ length: 250 }, (_, n) =>
      entry(
        n,
        `2019-06-01T08:${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}.000Z`,
      ),
    );
    for (const one of entries) await registry.writeColumnEntry(one);
    expect(await all({ from: 0, until: NOW })).toEqual(entries);
  });

  test('are written and deleted on the version that was read', async () => {
    const first = entry(1, '2019-06-01');
    expect(await registry.writeColumnEntry(first)).toBe('written');
    expect(await registry.writeColumnEntry({ ...first, token: 'another' })).toBe('moved');
    const taken = { ...first, version: 2, taken: true as const };
    expect(await registry.writeColumnEntry(taken)).toBe('written');
    expect(await registry.writeColumnEntry({ ...first, version: 2 })).toBe('moved');
    expect(await registry.deleteColumnEntry(first)).toBe('moved');
    expect(await registry.columnEntry(COLUMN, entryKey(first))).toEqual(taken);
    expect(await registry.deleteColumnEntry(taken)).toBe('deleted');
    expect(await registry.deleteColumnEntry(taken)).toBe('moved');
    expect(await registry.writeColumnEntry(taken)).toBe('moved');
    expect(await all({ from: 0, until: NOW })).toEqual([]);
  });

  test('have messages beside them, each once, until they are deleted', async () => {
    const { token } = aColumnEntry(1);
    const key = entryKey(aColumnEntry(1));
    const fact = { kind: 'column-fact', column: COLUMN, key, token, says: 'happened' } as const;
    const back = { ...fact, says: 'taken-back' } as const;
    const read = { kind: 'column-read', column: COLUMN, at: NOW } as const;
    await registry.putColumnMessages([fact, back]);
    await registry.putColumnMessages([{ ...fact, token: 'later' }, read]);
    expect((await registry.columnMessages(COLUMN)).items).toEqual([{ ...fact, token: 'later' }, back, read]);
    await registry.putColumnMessages([{ ...read, at: NOW + 1, table: 'restored' }]);
    await registry.deleteColumnMessages([fact, back]);
    expect(await registry.columnMessages(COLUMN)).toEqual({
      items: [{ ...read, at: NOW + 1, table: 'restored' }],
    });
    expect(await registry.columnMessages('crm portal other')).toEqual({ items: [] });
  });

  test('of a column are told to have been read by the latest instant, beside the heartbeat', async () => {
    const chunk = aChunk('chunk-1');
    expect((await registry.intake()).columns).toBeUndefined();
    expect((await registry.begin(chunk)).columns).toBeUndefined();
    await registry.noteColumn(COLUMN, 0);
    await registry.noteBehind('portal', { now: NOW, until: NOW + 10 });
    await registry.noteColumn('erp shop order.paid', NOW + 5);
    expect((await registry.intake()).columns).toEqual(
      new Map([
        [COLUMN, 0],
        ['erp shop order.paid', NOW + 5],
      ]),
    );
    for (const readAt of [NOW, NOW + 9, 0, NOW + 3]) await registry.noteColumn(COLUMN, readAt);
    await registry.putHeartbeat(NOW);
    const columns = new Map([
      [COLUMN, NOW + 9],
      ['erp shop order.paid', NOW + 5],
    ]);
    expect(await registry.intake()).toEqual({
      heartbeat: NOW,
      behind: new Map([['portal', NOW + 10]]),
      columns,
    });
    expect((await registry.begin(chunk)).columns).toEqual(columns);
  });

  test('keep their keys apart, whatever the kind of value', () => {
    const keys = ['2019-06-01', '2019-05-31T10:00:00.000Z'].map((occurred) =>
      entryKey({ entity: anEntityRef(1), occurred: occurred as Occurred }),
    );
    // A date begins fourteen hours before its midnight in UTC: both are the same instant.
    expect(new Set(keys).size).toBe(2);
  });
});
