import { describe, expect, test } from 'vitest';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Range, Store } from '../../../shared/ports/store.ts';
import { cutoffOf } from '../../../shared/protocol/datasets/cutoff.ts';
import { type DatasetSlice, readRows } from '../../../shared/protocol/datasets/read-rows.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { PRODUCER, STORE, world, type World } from '../../support/driver/world.ts';
import { planOfRow } from '../../support/datasets/dataset-world.ts';
import { registersRow } from '../../support/pages/collection-world.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';
import { deployedPolicies } from '../../../shared/protocol/policy-plan/activation.ts';

const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: PRODUCER,
  clock: { 'record.created': { column: 'created' }, 'record.used': { column: 'used' } },
  by: 'record.created',
  attributes: { country: 'country' },
  entities: { account: 'account' },
};
const RULE =
  'the later of (if country is "DE", 3 years after the later of record.created and record.used if any, otherwise 1 year after record.created) and 30 days after account.closed if any';
const EVENTS = {
  'record.created': anEvent({ entity: 'record' }),
  'record.used': anEvent({ entity: 'record' }),
  'account.closed': anEvent({ entity: 'account', undoneBy: ['account.reopened'] }),
  'account.reopened': anEvent({ entity: 'account' }),
};
const policyWith = (rule: string, changes: Partial<Policy> = {}): Policy =>
  aPolicy({ logs: [aRule(rule)] }, { events: EVENTS, zone: 'Europe/Berlin', ...changes });

function worldWith(
  policies: readonly Policy[] = [policyWith(RULE)],
  start = '2026-03-01T10:00:00Z',
  versions = true,
): World {
  const types = {
    record: { ids: 'owned' as const, normalise: [] },
    account: { ids: 'owned' as const, normalise: [] },
  };
  return world({ policies, start, entityTypes: types, store: { datasets: [LOGS] }, versions });
}

function datasetOf(w: World) {
  const [dataset] = datasetsIn(w.core.configuration, STORE);
  if (dataset === undefined) throw new Error('the world has no dataset');
  return dataset;
}

async function readAll(
  w: World,
  holds: readonly WideHold[] = [],
  limit = 7,
): Promise<readonly DatasetSlice[]> {
  const dataset = datasetOf(w);
  const cutoff = cutoffOf(w.core, dataset, w.clock.now());
  if (cutoff === undefined) return [];
  const slices: DatasetSlice[] = [];
  let after: string | undefined;
  do {
    const begun = { holds, policies: deployedPolicies(w.core), columns: new Map() };
    const slice = await readRows(w.core, begun, { dataset, cutoff, limit, after });
    if ('code' in slice) throw new Error(slice.code);
    slices.push(slice);
    after = slice.next;
  } while (after !== undefined);
  return slices;
}

const dueIn = (slices: readonly DatasetSlice[]): string[] =>
  slices.flatMap(({ due }) => due.map(({ locator }) => String(locator[0]))).toSorted();
const sumOf = (
  slices: readonly DatasetSlice[],
  of: 'undated' | 'held' | 'early' | 'registered' | 'listed',
): number => slices.reduce((sum, slice) => sum + slice[of], 0);
const closed = async (w: World, account: string, on: string): Promise<void> => {
  const refs = await refsOf(w.core, PRODUCER);
  await recordFact(
    w.core,
    refs.entity({ type: 'account', id: account }),
    w.fact('account.closed', on, { id: `${account} ${on}` }),
  );
};

describe('rows with clocks of their own', () => {
  // The leap day, both changes of clocks in Berlin, ends of months, and what is around a year and three years ago.
  const CLOCKS = [
    '2024-02-28',
    '2024-02-29',
    '2023-02-28',
    '2023-03-01',
    '2025-02-28',
    '2025-03-01',
    '2025-03-02',

    '2025-03-01T09:58:59.999Z',
    '2025-03-01T09:59:00Z',
    '2025-03-01T09:59:00.001Z',
    '2025-03-01T10:00:00Z',
    '2023-03-01T09:59:00Z',
    '2023-03-01T09:59:00.001Z',
    '2022-10-30T00:30:00Z',
    '2022-10-30T01:30:00Z',
    '2024-03-31T01:30:00+01:00',
    '2020-02-29T12:00:00Z',
    '2026-02-28T23:59:59Z',
  ];
  const ROWS = CLOCKS.flatMap((created, index) =>
    [null, '2024-02-29T12:00:00Z', '2023-01-01'].flatMap((used) =>
      [null, 'DE', 'FR'].flatMap((country) =>
        [null, 'a-1', 'a-2'].map((account) => ({
          id: `${index} ${used} ${country} ${account}`,
          created,
          used,
          country,
          account,
        })),
      ),
    ),
  );

  test.each([
    '2026-03-01T10:00:00Z',
    '2026-03-01T00:00:00Z',
    '2026-02-28T23:01:00Z',
    '2025-02-28T11:01:00Z',
    '2027-06-01T00:00:00Z',
  ])('go exactly when a plan of each of them says, at %s', async (at) => {
    const w = worldWith(undefined, at);
    await closed(w, 'a-1', '2026-02-20');
    for (const { id, ...fields } of ROWS) w.store.put([id], fields);
    const now = w.clock.now();
    const tolerance = w.core.configuration.timing.clockTolerance * 1000;
    const expected = ROWS.filter(({ created, used, country, account }) => {
      if (Date.parse(created) > now + tolerance) return false;
      const told = {
        clocks: { 'record.created': created, ...(used !== null && { 'record.used': used }) },
        ...(country !== null && { attributes: { country } }),
        ...(account !== null && { account: account === 'a-1' ? { 'account.closed': ['2026-02-20'] } : {} }),
      };
      if (used !== null && Date.parse(used) > now + tolerance) return false;
      const { next } = planOfRow(w.core, datasetOf(w), told, now);
      return next?.actAt !== undefined && next.actAt <= now - tolerance;
    });
    const slices = await readAll(w);
    expect(dueIn(slices)).toEqual(expected.map(({ id }) => id).toSorted());
    expect(sumOf(slices, 'listed')).toBe(expected.length + sumOf(slices, 'early') + sumOf(slices, 'undated'));
  });

  test('stay if a clock or another column says nothing that can be taken, and are counted', async () => {
    const w = worldWith();
    const old = { created: '2020-01-01', used: null, country: 'FR', account: null };
    w.store.put(['old'], old);
    w.store.put(['without a clock'], { ...old, created: null });
    w.store.put(['infinite'], { ...old, created: '-infinity' });
    w.store.put(['the epoch'], { ...old, created: '1970-01-01T00:00:00Z' });
    w.store.put(['used in the future'], { ...old, used: '2026-03-01T10:01:01Z' });
    w.store.put(['never used, as the epoch says'], { ...old, used: '1970-01-01' });
    w.store.put(['without an attribute'], { ...old, country: null });
    const slices = await readAll(w);
    expect(dueIn(slices)).toEqual(['old']);
    expect([sumOf(slices, 'undated'), sumOf(slices, 'early'), sumOf(slices, 'listed')]).toEqual([4, 1, 6]);
  });

  test('stay under a hold on all of them, on their category, or on the account that they name', async () => {
    const w = worldWith();
    const old = { created: '2020-01-01', used: null, country: 'FR' };
    w.store.put(['1'], { ...old, account: 'a-1' });
    w.store.put(['2'], { ...old, account: 'a-2' });
    w.store.put(['3'], { ...old, account: null });
    const holdOn = (scope: WideHold['scope']): WideHold => ({
      id: 'h',
      kind: 'hold',
      scope,
      state: 'placed',
      at: 0,
    });
    expect(dueIn(await readAll(w))).toEqual(['1', '2', '3']);
    for (const scope of [
      { everything: true as const },
      { category: 'logs' },
      { store: STORE },
      { policy: 'test-policy' },
    ]) {
      const slices = await readAll(w, [holdOn(scope)]);
      expect([dueIn(slices), sumOf(slices, 'held')]).toEqual([[], 3]);
    }
    expect(dueIn(await readAll(w, [holdOn({ category: 'notes' })]))).toEqual(['1', '2', '3']);
    const refs = await refsOf(w.core, PRODUCER);
    const scope = { entity: refs.entity({ type: 'account', id: 'a-1' }) };
    await placeHold(w.core, { id: 'case', kind: 'hold', scope, state: 'placed', at: 0 });
    expect(dueIn(await readAll(w))).toEqual(['2', '3']);
  });

  test('that are registered on their own are left to their own holdings', async () => {
    const w = worldWith();
    const old = { created: '2020-01-01', used: null, country: 'FR', account: null };
    w.store.put(['registered'], old);
    w.store.put(['free'], old);
    await registersRow(w, 'registered', []);
    const slices = await readAll(w);
    expect([dueIn(slices), sumOf(slices, 'registered')]).toEqual([['free'], 1]);
  });

  test('with one clock, attributes and entities are planned once, however many they are', async () => {
    const w = worldWith();
    for (let id = 0; id < 300; id += 1)
      w.store.put([String(id)], { created: '2020-01-01', used: null, country: 'FR', account: null });
    const [slice] = await readAll(w, [], 1000);
    expect(slice?.due.length).toBe(300);
    expect(new Set(slice?.due.map(({ planned }) => planned)).size).toBe(1);
  });

  test('do not go by a version of the policy before it is in effect on any clock', async () => {
    const effectiveFrom = Date.parse('2026-03-01T10:00:00Z');
    const versions = [
      policyWith('3 years after record.created'),
      policyWith('1 year after record.created', { version: '2', effectiveFrom }),
    ];
    const w = worldWith(versions, '2026-03-01T09:00:00Z');
    w.store.put(['row'], { created: '2024-01-01', used: null, country: null, account: null });
    const dueAt = async (at: Instant): Promise<readonly string[]> => {
      w.clock.set(at);
      return dueIn(await readAll(w));
    };
    expect(await dueAt(effectiveFrom - 1)).toEqual([]);
    expect(await dueAt(effectiveFrom + 59_999)).toEqual([]);
    expect(await dueAt(effectiveFrom + 60_000)).toEqual(['row']);
  });

  test('stay where the store cannot say whether a row has changed since its clock was read', async () => {
    const w = worldWith(undefined, undefined, false);
    w.store.put(['row'], { created: '2020-01-01', used: null, country: 'FR', account: null });
    expect((await readAll(w)).map(({ due, failed }) => [due, failed])).toEqual([[[], ['STORE_SCHEMA']]]);
  });

  test('with a clock in another table stay where that has no row, and not where it says that nothing happened', async () => {
    const w = worldWith();
    const within = { table: 'contracts', key: 'id', by: 'contract' };
    const clock = { ...LOGS.clock, 'record.used': { column: 'ended', in: within } };
    const values = { created: '2020-01-01', country: 'FR', account: null };
    const told = { gone: null, without: undefined, open: { ended: null }, ended: { ended: '2020-02-01' } };
    const asked: Range[] = [];
    const range: Store['range'] = async (of) => {
      asked.push(of);
      const rows = Object.entries(told).map(([id, joined]) => ({
        locator: [id],
        version: '=1',
        values,
        ...(joined !== undefined && { joined }),
      }));
      return { state: 'ranged', rows };
    };
    const core = { ...w.core, store: { ...w.core.store, range } };
    const cutoff = { at: w.clock.now(), date: '2026-03-01' };
    const begun = { holds: [], policies: deployedPolicies(core), columns: new Map() };
    const slice = await readRows(core, begun, { dataset: { ...datasetOf(w), clock }, cutoff, limit: 10 });
    if ('code' in slice) throw new Error(slice.code);
    expect(slice.due.map(({ locator }) => locator[0])).toEqual(['open', 'ended']);
    expect(slice.undated).toBe(2);
    expect(asked[0]).toMatchObject({
      clock: { column: 'created' },
      columns: ['country', 'account'],
      joined: { ...within, columns: ['ended'] },
    });
  });

  test('are not told as read where the store cannot be', async () => {
    const w = worldWith();
    w.store.put(['row'], { created: '2020-01-01', used: null, country: 'FR', account: null });
    w.store.fail({ call: 'range', code: 'STORE_THROTTLED' });
    await expect(readAll(w)).rejects.toThrow('STORE_THROTTLED');
  });
});
