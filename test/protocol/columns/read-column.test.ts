import { describe, expect, test } from 'vitest';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { at } from '../../support/driver/dying-worker.ts';
import { BELL, COLUMN, columnWorld } from '../../support/columns/column-world.ts';

const HOUR = 3_600_000;

describe('a column of facts', () => {
  test('makes a fact of each value, and nothing of NULL', async () => {
    const w = columnWorld();
    w.account('a-1', '2020-05-01T08:00:00Z');
    w.account('a-2', null);
    w.account('a-3', '2021-05-01T08:00:00Z');
    await w.read();
    expect(await w.closed('a-1')).toEqual(['2020-05-01T08:00:00.000Z']);
    expect(await w.closed('a-2')).toEqual([]);
    expect(await w.closed('a-3')).toEqual(['2021-05-01T08:00:00.000Z']);
    expect(w.entries()).toMatchObject([{ taken: true }, { taken: true }]);
    expect(w.readAt()).toBe(w.clock.now());
  });

  test('that has not changed is read again without a write but those of where it is', async () => {
    const w = columnWorld();
    for (let n = 0; n < 40; n += 1) w.account(`a-${n}`, `2020-05-01T08:00:${String(n).padStart(2, '0')}Z`);
    await w.read();
    const before = w.entries();
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    expect(w.entries()).toEqual(before);
    expect(w.columnMessages).toEqual([]);
    expect(w.readAt()).toBe(w.clock.now());
  });

  test('counts what cannot be taken, and takes the rest', async () => {
    const w = columnWorld();
    w.account('a-1', 'soon');
    w.account('a-2', '1970-01-01T00:00:00Z');
    w.account('a-3', '2020-05-01T08:00:00Z');
    w.account('a-4', '2126-05-01T08:00:00Z');
    await w.read();
    expect(w.entries()).toHaveLength(1);
    expect(w.reports.lines.filter(({ code }) => code.startsWith('facts.'))).toMatchObject([
      { code: 'facts.read', fields: { count: 3 } },
      { code: 'facts.unusable', fields: { count: 2 } },
    ]);
  });

  test('whose value was changed or removed is taken back, and counts as read when that is off the record', async () => {
    const w = columnWorld();
    w.account('a-1', '2020-05-01T08:00:00Z');
    w.account('a-2', '2020-06-01T08:00:00Z');
    await w.read();
    const first = w.readAt();
    w.account('a-1', null);
    w.account('a-2', '2020-07-01T08:00:00Z');
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    expect(await w.closed('a-1')).toEqual([]);
    expect(await w.closed('a-2')).toEqual(['2020-07-01T08:00:00.000Z']);
    expect(w.readAt()).toBe(first);
    const second = w.clock.now();
    await w.run(second + 3 * 60_000);
    expect(w.readAt()).toBe(second);
    expect(w.entries()).toHaveLength(1);
  });

  test('that says the same again after it was taken back is a fact again', async () => {
    const w = columnWorld();
    for (const value of ['2020-05-01T08:00:00Z', null, '2020-05-01T08:00:00Z']) {
      w.account('a-1', value);
      w.clock.set(w.clock.now() + HOUR);
      await w.read();
      await w.run(w.clock.now() + 5 * 60_000);
      expect(await w.closed('a-1')).toEqual(value === null ? [] : ['2020-05-01T08:00:00.000Z']);
    }
  });

  test('whose row is gone keeps its fact, and its id is forgotten after a week', async () => {
    const w = columnWorld();
    for (const id of ['a-1', 'a-2', 'a-3']) w.account(id, '2020-05-01T08:00:00Z');
    await w.read();
    w.store.remove(['a-1']);
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    expect(w.entries().filter(({ goneSince }) => goneSince !== undefined)).toHaveLength(1);
    expect(w.readAt()).toBe(w.clock.now());
    w.clock.set(w.clock.now() + 8 * 24 * HOUR);
    await w.read();
    expect(w.entries()).toHaveLength(2);
    expect(await w.closed('a-1')).toEqual(['2020-05-01T08:00:00.000Z']);
  });

  test('of a table that is empty for a moment does not count as read', async () => {
    const w = columnWorld();
    for (const id of ['a-1', 'a-2', 'a-3']) w.account(id, '2020-05-01T08:00:00Z');
    await w.read();
    const first = w.readAt();
    for (const id of ['a-1', 'a-2', 'a-3']) w.store.remove([id]);
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    expect(w.readAt()).toBe(first);
    expect(w.reports.lines.at(-1)).toMatchObject({
      code: 'facts.unread',
      fields: { code: 'COLUMN_EMPTIED' },
    });
    // One of them was opened again meanwhile.
    w.account('a-1', null);
    for (const id of ['a-2', 'a-3']) w.account(id, '2020-05-01T08:00:00Z');
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    await w.run(w.clock.now() + 5 * 60_000);
    expect(await w.closed('a-1')).toEqual([]);
    expect(await w.closed('a-2')).toHaveLength(1);
    expect(w.entries().every(({ goneSince }) => goneSince === undefined)).toBe(true);
  });

  test('goes on where it was when the time of a run is over', async () => {
    const w = columnWorld({ pageSize: 7 });
    const day = (n: number): string => new Date(Date.UTC(2019, 0, 1) + n * 7 * HOUR).toISOString();
    for (let n = 0; n < 3500; n += 1) w.account(`a-${n}`, day(n));
    for (let runs = 0; (w.readAt() ?? 0) <= 0; runs += 1) {
      expect(runs).toBeLessThan(9);
      let slices = 0;
      await w.read(() => (slices += 1) <= 1);
    }
    expect(w.entries()).toHaveLength(3500);
    expect(w.entries().every(({ taken }) => taken === true)).toBe(true);
    expect(w.readAt()).toBe(at('2026-03-01T10:00:00Z'));
  });

  test('that cannot be read does not count as read, and is read on by the next bell', async () => {
    const w = columnWorld();
    w.account('a-1', '2020-05-01T08:00:00Z');
    w.store.fail({ call: 'range', code: 'STORE_UNREACHABLE' });
    await w.read();
    expect(w.readAt()).toBeUndefined();
    expect(w.reports.lines.at(-1)?.code).toBe('facts.unread');
    w.store.repair();
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    expect(await w.closed('a-1')).toHaveLength(1);
    expect(w.readAt()).toBe(w.clock.now() - HOUR);
  });

  test('says why an entry could not be opened: a key that cannot be asked for is not a broken text', async () => {
    for (const code of ['KMS_UNREACHABLE', 'CIPHERTEXT_BROKEN']) {
      const w = columnWorld();
      w.account('a-1', '2020-05-01T08:00:00Z');
      await w.read();
      w.account('a-1', null);
      w.clock.set(w.clock.now() + HOUR);
      const decrypt = async (): Promise<never> => {
        throw Object.assign(new Error('not now'), { code });
      };
      await readColumn({ ...w.core, keys: { ...w.core.keys, decrypt } }, BELL, () => true);
      expect(w.reports.lines.at(-1)).toMatchObject({ code: 'facts.unread', fields: { code } });
    }
  });

  test('that is told twice, late or of what is over makes no second fact', async () => {
    const w = columnWorld();
    w.account('a-1', '2020-05-01T08:00:00Z');
    await w.read();
    const [entry] = w.entries();
    if (entry === undefined) throw new Error('nothing was taken');
    w.account('a-1', null);
    w.clock.set(w.clock.now() + HOUR);
    await w.read();
    const { entryKey } = await import('../../../shared/domain/columns/column-entry.ts');
    const message = {
      kind: 'column-fact',
      column: COLUMN,
      key: entryKey(entry),
      token: entry.token,
    } as const;
    for (const says of ['happened', 'taken-back', 'happened'] as const) await w.take({ ...message, says });
    expect(await w.closed('a-1')).toEqual([]);
    expect(w.entries()).toEqual([]);
  });
});
