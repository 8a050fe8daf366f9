import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { BELL, columnWorld } from '../../support/columns/column-world.ts';
import { PRODUCER } from '../../support/driver/world.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using } = postgresTables(() => bench);
const HOUR = 3_600_000;

describe('a column of facts in PostgreSQL', () => {
  test('is read in order, read again without a word, and tells what was changed, opened again and removed', async () => {
    await run('CREATE TABLE accounts (id bigint PRIMARY KEY, closed_at timestamptz, note text)');
    await run('CREATE INDEX ON accounts (closed_at)');
    // Many are closed in the same second, some in the same microsecond, and some are not.
    await run(
      `INSERT INTO accounts SELECT n, CASE WHEN n % 5 > 0 THEN '2019-01-01T00:00:00Z'::timestamptz + (n / 700) * interval '3 hours' + (n % 3) * interval '0.000001 s' END FROM generate_series(1, 3000) n`,
    );
    await using({ table: 'accounts' }, async (store) => {
      const w = columnWorld();
      const core = { ...w.core, store };
      const read = async (): Promise<number> => {
        await readColumn(core, BELL, () => true);
        // At a time, the sweep sends a part of them.
        for (let told = 0; ;) {
          await tellOfColumns(core, () => true);
          const messages = w.columnMessages.splice(0);
          for (const message of messages) await w.take(message);
          if (messages.length === 0) return told;
          told += messages.length;
        }
      };
      const closed = async (id: string): Promise<readonly string[]> => {
        const ref = (await refsOf(core, PRODUCER)).entity({ type: 'account', id });
        const state = (await w.registry.states([ref])).get(ref);
        return (state?.occurrences['account.closed'] ?? []).map(({ occurred }) => occurred);
      };
      expect(await read()).toBe(2401);
      expect(w.entries().filter(({ taken }) => taken === true)).toHaveLength(2400);
      expect(await closed('1')).toEqual(['2019-01-01T00:00:00.001Z']);
      expect(await closed('5')).toEqual([]);
      w.clock.set(w.clock.now() + HOUR);
      // Only that it was read.
      expect(await read()).toBe(1);
      expect(w.readAt()).toBe(w.clock.now());
      await run("UPDATE accounts SET note = 'x' WHERE id < 50");
      await run('UPDATE accounts SET closed_at = NULL WHERE id = 1');
      await run("UPDATE accounts SET closed_at = '2020-01-01T00:00:00Z' WHERE id = 2");
      await run('DELETE FROM accounts WHERE id = 3');
      w.clock.set(w.clock.now() + HOUR);
      expect(await read()).toBe(3);
      expect(await closed('1')).toEqual([]);
      expect(await closed('2')).toEqual(['2020-01-01T00:00:00.000Z']);
      expect(await closed('3')).toEqual(['2019-01-01T00:00:00.000Z']);
      w.clock.set(w.clock.now() + 3 * 60_000);
      expect(await read()).toBe(1);
      expect(w.readAt()).toBe(w.clock.now() - 3 * 60_000);
    });
  });
});
