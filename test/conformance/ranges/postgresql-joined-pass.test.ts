import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { LOGS, rowsWorld, sweptRows, worked } from '../../support/datasets/rows-world.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { INTEGER } from '../store/store-rig.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());
const { run, using } = postgresTables(() => bench);

const DATASET: DatasetConfiguration = {
  category: LOGS.category,
  producer: LOGS.producer,
  clock: {
    'record.used': { column: 'ended_at', in: { table: 'contracts', key: 'id', by: 'contract_id' } },
    'record.created': { column: 'created_at' },
  },
  by: 'record.used',
};
const left = async (): Promise<unknown[]> => {
  const { rows } = await run('SELECT id::int AS id FROM messages ORDER BY id');
  return (rows as { id: number }[]).map(({ id }) => id);
};

test('a lane disposes of the rows whose contracts have ended, and of those that were renewed meanwhile when they end again', async () => {
  await run('CREATE TABLE contracts (id bigint PRIMARY KEY, ended_at date)');
  await run('CREATE TABLE messages (id bigint PRIMARY KEY, created_at timestamptz, contract_id bigint)');
  await run('CREATE INDEX ON contracts (ended_at)');
  await run('CREATE INDEX ON messages (contract_id, id)');
  await run(
    `INSERT INTO contracts VALUES (1, '2026-01-01'), (2, '2026-01-02'), (3, NULL), (4, '2026-02-20'), (5, '2025-12-01')`,
  );
  await run(`INSERT INTO messages SELECT n, '2025-06-01', n % 7 FROM generate_series(1, 70) AS n`);
  const w = rowsWorld({ store: { keys: INTEGER, datasets: [DATASET] } }, [
    '30 days after the later of record.created and record.used',
  ]);
  await using({ table: 'messages', keys: INTEGER }, async (store) => {
    let isRenewed = false;
    const renewing: Store['delete'] = async (batch) => {
      if (!isRenewed) await run("UPDATE contracts SET ended_at = '2026-02-25' WHERE id = 2");
      isRenewed = true;
      return store.delete(batch);
    };
    const core = { ...w.core, store: { ...store, delete: renewing } };
    await worked(core, await sweptRows(w));
    // Those of contract 2 were due when they were read.
    expect(await left()).toEqual(
      Array.from({ length: 70 }, (_, index) => index + 1).filter((id) => ![1, 5].includes(id % 7)),
    );
    w.clock.set(Date.parse('2026-03-28T00:05:00Z'));
    await worked(core, await sweptRows(w));
    // Contract 3 goes on. Contracts 0 and 6 do not exist.
    expect(new Set((await left()).map((id) => Number(id) % 7))).toEqual(new Set([0, 3, 6]));
  });
});
