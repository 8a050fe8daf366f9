import { describe, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at } from '../../support/driver/dying-worker.ts';
import { COLUMN, columnWorld, withColumns } from '../../support/columns/column-world.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Closed on 1 February at 20:30, so its note goes on 3 March at 20:30. */
const CLOSED_AT = '2026-02-01T20:30:00Z';
const DUE = at('2026-03-03T20:30:00Z');

async function worldWithNote() {
  const w = columnWorld();
  w.account('a-1', CLOSED_AT);
  await w.note('n-1', 'a-1');
  return w;
}

describe('a record whose date comes from a column', () => {
  test('goes when the column was read after it was due, and still said so', async () => {
    const w = await worldWithNote();
    await w.run(DUE + 34 * MINUTE);
    expect(w.isThere('n-1')).toBe(true);
    expect(w.registry.allChunks()).toMatchObject([{ waits: [{ code: 'COLUMN_NOT_READ', count: 1 }] }]);
    // Columns are read five minutes after the hour.
    await w.run(DUE + 2 * HOUR);
    expect(w.isThere('n-1')).toBe(false);
    const [effect] = w.store.effects.filter(({ locator }) => locator[0] === 'n-1');
    expect(effect?.at).toBeGreaterThanOrEqual(at('2026-03-03T21:05:00Z'));
  });

  test('stays where its account is opened again just before, though no event says so', async () => {
    const w = await worldWithNote();
    await w.run(DUE - 2 * MINUTE);
    w.account('a-1', null);
    await w.run(DUE + 50 * HOUR);
    expect(w.isThere('n-1')).toBe(true);
    expect(await w.closed('a-1')).toEqual([]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('goes by the later date where the column has another one', async () => {
    const w = await worldWithNote();
    await w.run(DUE - 2 * MINUTE);
    w.account('a-1', '2026-02-02T20:30:00Z');
    await w.run(DUE + 23 * HOUR);
    expect(w.isThere('n-1')).toBe(true);
    await w.run(DUE + 26 * HOUR);
    expect(w.isThere('n-1')).toBe(false);
  });

  test('stays as long as the column is not read, or ingest stands still', async () => {
    for (const stand of ['column', 'ingest'] as const) {
      const w = await worldWithNote();
      await w.run(DUE - HOUR);
      w.stands[stand] = true;
      await w.run(DUE + 30 * HOUR);
      expect(w.isThere('n-1')).toBe(true);
      w.stands[stand] = false;
      await w.run(DUE + 33 * HOUR);
      expect(w.isThere('n-1')).toBe(false);
    }
  });

  test('waits where the column is not configured any more, until it is said to have ended', async () => {
    const w = await worldWithNote();
    await w.run(DUE - HOUR);
    w.stands.column = true;
    await w.run(DUE + 3 * HOUR);
    const [chunk] = w.registry.allChunks();
    if (chunk === undefined) throw new Error('nothing waits');
    const without = { ...w.core, configuration: withColumns(w.core.configuration, []) };
    w.clock.set(w.clock.now() + 20 * MINUTE);
    await w.registry.putHeartbeat(w.clock.now());
    expect(await workOnChunk(without, chunk)).toBe('left');
    expect(w.isThere('n-1')).toBe(true);
    const ended = { ...without.configuration, endedColumns: [COLUMN] };
    w.clock.set(w.clock.now() + HOUR);
    await w.registry.putHeartbeat(w.clock.now());
    expect(await workOnChunk({ ...without, configuration: ended }, chunk)).toBe('done');
    expect(w.isThere('n-1')).toBe(false);
  });

  test('waits for no column that has nothing to do with it', async () => {
    const w = columnWorld({ rule: '30 days after account.blocked' });
    w.account('a-1', CLOSED_AT);
    await w.note('n-1', 'a-1');
    await w.run(at('2026-03-01T12:00:00Z'));
    w.stands.column = true;
    const ref = await w.accountRef('a-1');
    await w.happened({ type: 'account', ref }, w.fact('account.blocked', CLOSED_AT));
    await w.run(DUE + 2 * HOUR);
    expect(w.isThere('n-1')).toBe(false);
  });

  test('goes by a row that is gone: what has happened stays so', async () => {
    const w = await worldWithNote();
    w.account('a-2', CLOSED_AT);
    await w.run(DUE - 5 * HOUR);
    w.store.remove(['a-1']);
    await w.run(DUE + 2 * HOUR);
    expect(w.isThere('n-1')).toBe(false);
  });
});
