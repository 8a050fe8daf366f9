import { describe, expect, test } from 'vitest';
import { noteColumns } from '../../../functions/ingest/take-column.ts';
import { COLUMN_EVENTS } from '../../../shared/domain/columns/fact-columns.ts';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { unreadColumns } from '../../../shared/protocol/columns/unread-columns.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at } from '../../support/driver/dying-worker.ts';
import { PRODUCER, STORE } from '../../support/driver/world.ts';
import { BELL, CLOSED, COLUMN, columnWorld, withColumns } from '../../support/columns/column-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Closed on 1 February at 20:30, so its note goes on 3 March at 20:30. */
const CLOSED_AT = '2026-02-01T20:30:00Z';
const DUE = at('2026-03-03T20:30:00Z');
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `a-${from + n}`);

describe('a column that is new', () => {
  test('is waited for where the application has sent the same event before, with another date', async () => {
    const w = columnWorld();
    w.account('a-1', '2026-03-01T08:00:00Z');
    await w.note('n-1', 'a-1');
    // Before there was a column. The column says since then that it was closed later.
    await w.happened(
      { type: 'account', ref: await w.accountRef('a-1') },
      w.fact('account.closed', CLOSED_AT),
    );
    w.stands.column = true;
    await w.run(DUE + 3 * HOUR);
    expect(w.registry.columnMarks().size).toBe(0);
    expect(w.isThere('n-1')).toBe(true);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'COLUMN_NOT_READ', count: 1 }] }]);
    w.stands.column = false;
    await w.run(DUE + 6 * HOUR);
    expect(w.isThere('n-1')).toBe(true);
    await w.run(at('2026-03-31T10:00:00Z'));
    expect(w.isThere('n-1')).toBe(false);
  });

  test('and cannot be read is told of after three hours, though nothing was ever taken from it', async () => {
    const w = columnWorld();
    const columns = async () => unreadColumns(w.core, (await w.registry.intake()).columns);
    w.account('a-1', CLOSED_AT);
    w.store.fail({ call: 'range', code: 'STORE_SCHEMA' });
    await noteColumns(w.core);
    await w.run(w.clock.now() + 2 * HOUR);
    expect(await columns()).toEqual([]);
    await w.run(w.clock.now() + 2 * HOUR);
    const told = { code: 'column-unread', store: STORE, producer: PRODUCER, count: 1 };
    expect(await columns()).toEqual([{ ...told, seconds: 4 * 3600 }]);
    w.store.repair();
    await w.run(w.clock.now() + 2 * HOUR);
    expect(await columns()).toEqual([]);
  });
});

describe('rows that are gone', () => {
  test('that were more than half of all keep the column unread for a day: it may be another table', async () => {
    const w = columnWorld();
    for (const id of ids(60)) w.account(id, CLOSED_AT);
    await w.note('n-1', 'a-1');
    await w.run(at('2026-03-03T12:00:00Z'));
    for (const id of ids(31)) w.store.remove([id]);
    const goneAt = w.clock.now();
    await w.run(DUE + 8 * HOUR);
    expect(w.readAt()).toBeLessThanOrEqual(goneAt);
    expect(w.isThere('n-1')).toBe(true);
    // One of them is loaded late, and its account was opened again meanwhile.
    w.account('a-1', null);
    await w.run(goneAt + 30 * HOUR);
    expect(w.readAt()).toBeGreaterThan(goneAt + DAY);
    expect(w.isThere('n-1')).toBe(true);
    expect(await w.closed('a-1')).toEqual([]);
    expect(await w.closed('a-2')).toHaveLength(1);
  });

  test.for([2, 3, 15, 20])(
    'of a table of %i accounts are a table that is loaded again, too',
    async (count) => {
      const w = columnWorld();
      for (const id of ids(count)) w.account(id, CLOSED_AT);
      await w.note('n-1', 'a-1');
      await w.run(at('2026-03-03T20:00:00Z'));
      const goneAt = w.clock.now();
      // One account of the former table is still there, or was loaded first.
      for (const id of ids(count - 1, 1)) w.store.remove([id]);
      w.account('other', CLOSED_AT);
      if (count === 2) w.store.remove(['a-0']);
      await w.run(DUE + 8 * HOUR);
      expect(w.readAt()).toBeLessThanOrEqual(goneAt);
      expect(w.isThere('n-1')).toBe(true);
      // It was opened again before it was loaded.
      w.account('a-1', null);
      await w.run(goneAt + 30 * HOUR);
      expect(w.readAt()).toBeGreaterThan(goneAt + DAY);
      expect(w.isThere('n-1')).toBe(true);
    },
  );

  test('are not fewer for all that another, larger table has', async () => {
    const w = columnWorld();
    for (const id of ids(60)) w.account(id, CLOSED_AT);
    await w.note('n-1', 'a-1');
    await w.run(at('2026-03-03T20:00:00Z'));
    const goneAt = w.clock.now();
    for (const id of ids(60)) w.store.remove([id]);
    for (const id of ids(300, 1000)) w.account(id, CLOSED_AT);
    await w.run(DUE + 8 * HOUR);
    expect(w.readAt()).toBeLessThanOrEqual(goneAt);
    expect(w.isThere('n-1')).toBe(true);
  });

  test('as soon as they are closed, a few in a week, keep no column unread', async () => {
    const w = columnWorld();
    w.account('open', '2020-01-01T00:00:00Z');
    await w.run(at('2026-03-03T12:00:00Z'));
    for (const id of ids(5)) w.account(id, CLOSED_AT);
    await w.run(w.clock.now() + 3 * HOUR);
    for (const id of ids(5)) w.store.remove([id]);
    await w.run(w.clock.now() + 2 * HOUR);
    expect(w.readAt()).toBeGreaterThan(w.clock.now() - HOUR);
  });

  test('of which only one has gone are one account, in a table of two as in a large one', async () => {
    const w = columnWorld();
    for (const id of ids(2)) w.account(id, CLOSED_AT);
    await w.run(at('2026-03-03T12:00:00Z'));
    w.store.remove(['a-1']);
    await w.run(w.clock.now() + 2 * HOUR);
    expect(w.readAt()).toBeGreaterThan(w.clock.now() - HOUR);
  });

  test('every day, as soon as they are closed, keep no column unread', async () => {
    const w = columnWorld();
    for (let day = 0; day < 12; day += 1) {
      for (const id of ids(30, day * 30)) w.account(id, new Date(w.clock.now() - HOUR).toISOString());
      await w.run(w.clock.now() + 3 * HOUR);
      for (const id of ids(30, day * 30)) w.store.remove([id]);
      w.account('open', '2020-01-01T00:00:00Z');
      await w.run(w.clock.now() + 21 * HOUR);
      if (day > 1) expect(w.readAt()).toBeGreaterThan(w.clock.now() - 3 * HOUR);
    }
  });
});

describe('what changes in the configuration', () => {
  test('between two passes, as which column it is, is compared with what was taken', async () => {
    const w = columnWorld();
    w.store.put(['a-1'], { closed_at: CLOSED_AT, left_at: null });
    w.store.put(['a-2'], { closed_at: null, left_at: '2026-02-05T00:00:00Z' });
    await w.note('n-1', 'a-1');
    await w.run(DUE - HOUR);
    const other = withColumns(w.core.configuration, [{ ...CLOSED, clock: { column: 'left_at' } }]);
    w.configure(other);
    await w.run(DUE + 5 * HOUR);
    expect(await w.closed('a-1')).toEqual([]);
    expect(await w.closed('a-2')).toEqual(['2026-02-05T00:00:00.000Z']);
    expect(w.isThere('n-1')).toBe(true);
  });

  test('as how ids are made comparable, leaves nothing behind under the former names', async () => {
    const w = columnWorld();
    w.account('A-1', CLOSED_AT);
    await w.read();
    const former = await w.accountRef('A-1');
    const entityTypes = { account: { ids: 'owned', normalise: ['lowercase'] } } as const;
    w.configure({ ...w.core.configuration, entityTypes });
    await w.run(w.clock.now() + 3 * HOUR);
    expect((await w.registry.states([former])).get(former)?.occurrences['account.closed'] ?? []).toEqual([]);
    expect(await w.closed('a-1')).toEqual(['2026-02-01T20:30:00.000Z']);
    expect(w.entries()).toMatchObject([{ taken: true }]);
    expect(w.readAt()).toBeGreaterThan(w.clock.now() - 2 * HOUR);
  });

  test('as that the column is gone, keeps what goes by it, though its last mark is young', async () => {
    const w = columnWorld();
    w.account('a-1', CLOSED_AT);
    await w.note('n-1', 'a-1');
    await w.run(DUE - 10 * MINUTE);
    w.configure(withColumns(w.core.configuration, []));
    await w.run(DUE + 10 * HOUR);
    expect(w.isThere('n-1')).toBe(true);
    const [told] = unreadColumns(w.core, (await w.registry.intake()).columns);
    expect(told).toMatchObject({ code: 'column-unread', store: STORE });
  });
});

describe('an account', () => {
  test('that is opened again while the lane works on what goes by it keeps it, if the column was not read since', async () => {
    const w = columnWorld();
    w.account('a-1', CLOSED_AT);
    await w.note('n-1', 'a-1');
    await w.run(DUE + 2 * MINUTE);
    const [chunk] = w.registry.allChunks();
    if (chunk === undefined) throw new Error('nothing waits');
    // The pass began just before it was due, on a clock that is fast: its tolerance does not reach.
    await w.registry.noteColumn(COLUMN, DUE + 30_000);
    w.account('a-1', null);
    w.clock.set(w.clock.now() + 20 * MINUTE);
    await w.registry.putHeartbeat(w.clock.now());
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.isThere('n-1')).toBe(true);
  });

  test('whose id has other spellings is another account: nothing of it goes by what one of them says', async () => {
    const w = columnWorld();
    w.account('42', CLOSED_AT);
    for (const id of ['42', '042', '42.0', ' 42']) await w.note(`n-${id}`, id);
    await w.run(DUE + 2 * HOUR);
    expect(['42', '042', '42.0', ' 42'].map((id) => w.isThere(`n-${id}`))).toEqual([false, true, true, true]);
  });
});

describe('many values that are new at once', () => {
  test('are told a part at a time, so that what others send is not kept waiting', async () => {
    const w = columnWorld({ pageSize: 100 });
    for (let n = 0; n < 4500; n += 1)
      w.account(`a-${n}`, new Date(Date.UTC(2019, 0, 1) + n * HOUR).toISOString());
    await readColumn(w.core, BELL, () => true);
    const minutes: number[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      await tellOfColumns(w.core, () => true);
      minutes.push(w.columnMessages.splice(0).length);
      w.clock.set(w.clock.now() + MINUTE);
      const isWoken = w.timers.takeDue(w.clock.now()).length > 0;
      if (!isWoken) break;
    }
    expect(minutes).toEqual([2000, 2000, 501]);
  });

  test('have events of their own: no producer can name one', async () => {
    expect(COLUMN_EVENTS).toMatch(/ /);
  });
});
