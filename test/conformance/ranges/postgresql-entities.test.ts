import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import { type DatasetSlice, readRows } from '../../../shared/protocol/datasets/read-rows.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { deployedPolicies } from '../../../shared/protocol/policy-plan/activation.ts';
import { PRODUCER, STORE, world } from '../../support/driver/world.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { INTEGER } from '../store/store-rig.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using } = postgresTables(() => bench);
let tables = 0;

const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: PRODUCER,
  clock: { 'record.created': { column: 'created' } },
  by: 'record.created',
  attributes: { plan: 'plan' },
  entities: { account: 'account' },
};
const POLICY = aPolicy(
  { logs: [aRule('if plan is "gold", 9 years after record.created, otherwise 1 year after record.created')] },
  { events: { 'record.created': anEvent({ entity: 'record' }) } },
);

/** One row of five years ago, read while a hold is on the account 42, and which one of the counts it is in. */
async function became(
  type: string,
  { account = 'NULL', plan }: { readonly account?: string; readonly plan?: string },
): Promise<'due' | keyof Pick<DatasetSlice, 'held' | 'undated' | 'early'> | 'elsewhere'> {
  tables += 1;
  const table = `named_${tables}`;
  const types = plan === undefined ? { account: type, plan: 'text' } : { account: 'text', plan: type };
  await run(
    `CREATE TABLE ${table} (id bigint PRIMARY KEY, created timestamptz, account ${types.account}, plan ${types.plan})`,
  );
  await run(`CREATE INDEX ON ${table} (created)`);
  await run(`INSERT INTO ${table} VALUES (1, '2021-03-01', ${account}, ${plan ?? "'basic'"})`);
  const entityTypes = {
    record: { ids: 'owned', normalise: [] },
    account: { ids: 'owned', normalise: [] },
  } as const;
  const w = world({
    policies: [POLICY],
    start: '2026-03-01T10:00:00Z',
    entityTypes,
    store: { keys: INTEGER, datasets: [LOGS] },
  });
  const entity = (await refsOf(w.core, PRODUCER)).entity({ type: 'account', id: '42' });
  await placeHold(w.core, { id: 'case', kind: 'hold', scope: { entity }, state: 'placed', at: 0 });
  const [dataset] = datasetsIn(w.core.configuration, STORE);
  if (dataset === undefined) throw new Error('the world has a dataset');
  return using({ table, keys: INTEGER }, async (store) => {
    const begun = { holds: [], policies: deployedPolicies(w.core), columns: new Map() };
    const cutoff = { at: w.clock.now(), date: '2026-03-01' };
    const slice = await readRows({ ...w.core, store }, begun, { dataset, cutoff, limit: 10 });
    if ('code' in slice) throw new Error(slice.code);
    if (slice.due.length > 0) return 'due';
    for (const count of ['held', 'undated', 'early'] as const) if (slice[count] > 0) return count;
    return 'elsewhere';
  });
}

describe('a row whose column of an entity', () => {
  test.each([
    ['text', "'42'"],
    ['varchar(9)', "'42'"],
    ['char(9)', "'42'"],
    ['bigint', '42'],
    ['numeric(9, 2)', '42'],
    ['jsonb', `'"42"'`],
    ['jsonb', `'42'`],
    ['json', `' "\\u0034\\u0032" '`],
  ])('has the type %s is kept by a hold on the account that it names: %s', async (type, account) => {
    expect(await became(type, { account })).toBe('held');
  });

  test.each([
    ['text[]', `'{42}'`],
    ['text[]', `'{41,42}'`],
    ['bigint[]', `'{}'`],
    ['jsonb', `'["42"]'`],
    ['jsonb', `'{"id": "42"}'`],
    ['json', `'{"id": "42", "id": "43"}'`],
    ['boolean', 'true'],
  ])('says neither a text nor a number stays, whatever it says: %s, %s', async (type, account) => {
    expect(await became(type, { account })).toBe('undated');
  });

  test('names another account goes', async () => {
    expect(await became('jsonb', { account: `'"43"'` })).toBe('due');
    expect(await became('jsonb', { account: `'null'` })).toBe('due');
  });
});

describe('a row whose column of an attribute', () => {
  test('is a text in JSON is decided by that text', async () => {
    expect(await became('jsonb', { plan: `'"gold"'` })).toBe('early');
    expect(await became('jsonb', { plan: `'"basic"'` })).toBe('due');
  });

  test.each([
    ['text[]', `'{gold}'`],
    ['jsonb', `'["gold"]'`],
    ['jsonb', '\'{"is": "gold"}\''],
  ])('is of another type than the policy declares stays: %s, %s', async (type, plan) => {
    expect(await became(type, { plan })).toBe('undated');
  });
});
