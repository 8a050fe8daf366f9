import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { FactColumn } from '../../../shared/domain/configuration/configuration.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';

const CLOSED: FactColumn = {
  event: 'account.closed',
  entity: { type: 'account', column: 'id' },
  clock: { column: 'closed_at' },
  producer: 'crm',
};

describe('a column of facts in PostgreSQL', () => {
  let bench: PostgresBench;
  beforeAll(async () => {
    bench = await postgresBench();
    await bench.sql.query(
      'CREATE TABLE accounts (id bigint PRIMARY KEY, closed_at timestamptz, bare timestamptz, kind text)',
    );
    await bench.sql.query('CREATE INDEX ON accounts (closed_at)');
  });
  afterAll(() => bench.stop());

  async function check(change: Partial<FactColumn>): Promise<string[]> {
    const { host, port, user, password, database } = bench.engine;
    const options = { host, port, user, database, tls: 'off', table: 'accounts' };
    const keys = [{ name: 'id', type: 'integer' }] as const;
    const place = { kind: 'postgresql', region: 'eu-west-1', restricts: false, hourlyCap: 1000 };
    const facts = [{ ...CLOSED, ...change }];
    const reach = { deletes: false, masked: [], password: async () => password, facts };
    const found = await checkPostgresTable('accounts', { ...place, options, keys }, reach);
    return found.flatMap(({ severity, message }) =>
      /column of/.test(message) ? [`${severity}: ${message}`] : [],
    );
  }

  test('with an index is fine', async () => {
    expect(await check({})).toEqual([]);
    expect(await check({ where: { kind: 'customer' } })).toEqual([]);
  });

  test('without an index fails, and the index is named', async () => {
    expect(await check({ clock: { column: 'bare' } })).toEqual([
      'fails: the column of account.closed: no index has the rows in the order of bare, so each page would read the whole table; run: CREATE INDEX CONCURRENTLY ON "public"."accounts" ("bare")',
    ]);
  });

  test('that is not there, or is not a clock, fails', async () => {
    expect(await check({ clock: { column: 'closed' } })).toEqual([
      'fails: the column of account.closed: the table has no column closed; correct its name',
    ]);
    const [answer] = await check({ clock: { column: 'kind' } });
    expect(answer).toContain('the column kind has the type text; a clock is a column of `timestamptz`');
  });

  test('that has ended is not asked for', async () => {
    expect(await check({ clock: { column: 'closed' }, ended: true })).toEqual([]);
  });
});
