import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { rangeRows } from '../../../shared/stores/postgresql/postgresql-range.ts';
import { BELL, columnWorld } from '../../support/columns/column-world.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using } = postgresTables(() => bench);
const HOUR = 3_600_000;
const OLD = '2019-01-01T08:00:00Z';

function reading(store: Store) {
  const w = columnWorld();
  const core = { ...w.core, store };
  return {
    ...w,
    /** An hour later than before. What it reports of the column. */
    async read(): Promise<readonly string[]> {
      w.clock.set(w.clock.now() + HOUR);
      const before = w.reports.lines.length;
      await readColumn(core, BELL, () => true);
      for (let more = true; more;) {
        await tellOfColumns(core, () => true);
        const messages = w.columnMessages.splice(0);
        for (const message of messages) await w.take(message);
        more = messages.length > 0;
      }
      return w.reports.lines
        .slice(before)
        .flatMap(({ code, fields }) =>
          code.startsWith('facts.') ? [`${code} ${fields.code ?? fields.count}`] : [],
        );
    },
  };
}

describe('a column of facts in PostgreSQL', () => {
  test('has values that cannot be taken, which keep no others from being taken', async () => {
    await run('CREATE TABLE odd_accounts (id bigint PRIMARY KEY, closed_at timestamptz)');
    await run('CREATE INDEX ON odd_accounts (closed_at)');
    await run(`INSERT INTO odd_accounts VALUES (1, '${OLD}'), (2, NULL), (3, 'infinity'), (4, '-infinity'),
      (5, '0044-03-15 00:00:00Z BC'), (6, '1969-12-31T23:59:59Z'), (7, '2999-01-01T00:00:00Z'),
      (9007199254740993, '${OLD}'), (9007199254740992, '2019-01-01T08:00:00.000001Z'), (-8, '${OLD}')`);
    await using({ table: 'odd_accounts' }, async (store) => {
      const w = reading(store);
      expect(await w.read()).toEqual(['facts.read 7', 'facts.unusable 3']);
      for (const id of ['1', '9007199254740993', '9007199254740992', '-8'])
        expect(await w.closed(id), id).toHaveLength(1);
      for (const id of ['2', '3', '4', '5', '6', '7', '9007199254740994'])
        expect(await w.closed(id), id).toEqual([]);
      expect(w.readAt()).toBe(w.clock.now());
      // One that cannot be taken any more is taken back.
      await run("UPDATE odd_accounts SET closed_at = 'infinity' WHERE id = 1");
      await w.read();
      expect(await w.closed('1')).toEqual([]);
    });
  });

  test('does not count as read while it has no index, another type or another name, or its table is gone', async () => {
    await run('CREATE TABLE moved_accounts (id bigint PRIMARY KEY, closed_at timestamptz)');
    await run('CREATE INDEX by_closing ON moved_accounts (closed_at)');
    await run(`INSERT INTO moved_accounts SELECT n, '${OLD}' FROM generate_series(1, 30) n`);
    await using({ table: 'moved_accounts' }, async (store) => {
      const w = reading(store);
      expect(await w.read()).toEqual(['facts.read 30']);
      const readAt = w.readAt();
      for (const [breaking, repairing] of [
        ['DROP INDEX by_closing', 'CREATE INDEX by_closing ON moved_accounts (closed_at)'],
        [
          'ALTER TABLE moved_accounts ALTER closed_at TYPE text',
          'ALTER TABLE moved_accounts ALTER closed_at TYPE timestamptz USING closed_at::timestamptz',
        ],
        [
          'ALTER TABLE moved_accounts RENAME closed_at TO ended_at',
          'ALTER TABLE moved_accounts RENAME ended_at TO closed_at',
        ],
        ['ALTER TABLE moved_accounts RENAME TO elsewhere', 'ALTER TABLE elsewhere RENAME TO moved_accounts'],
      ] as const) {
        await run(breaking);
        expect(await w.read(), breaking).toEqual([expect.stringMatching(/^facts\.unread STORE_/)]);
        expect(w.readAt(), breaking).toBe(readAt);
        expect(w.entries()).toHaveLength(30);
        await run(repairing);
      }
      expect(await w.read()).toEqual(['facts.read 30']);
      expect(w.readAt()).toBeGreaterThan(readAt ?? 0);
      expect(await w.closed('7')).toHaveLength(1);
    });
  });

  test('of a replica is not read: it says what was so a while ago', async () => {
    const asked: string[] = [];
    const replica = async (text: string) => {
      asked.push(text);
      return [{ replica: 'true' }];
    };
    const until = { at: 0, date: '2026-01-01' };
    const range = { clock: { column: 'closed_at' }, until, columns: [], isOfNow: true } as const;
    const listable = undefined as unknown as Parameters<typeof rangeRows>[1];
    const answer = await rangeRows(replica, listable, range, { limit: 10, at: undefined });
    expect(answer).toEqual({ code: 'STORE_SCHEMA' });
    expect(asked).toEqual([expect.stringContaining('pg_is_in_recovery')]);
  });
});
