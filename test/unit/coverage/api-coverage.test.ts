import { describe, expect, test } from 'vitest';
import type { CoverageOfStore } from '../../../shared/contract/coverage.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { CoverageReport, ReportedPlace } from '../../../shared/domain/coverage/coverage-report.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';

type World = ReturnType<typeof apiWorld>;

const AT = Date.UTC(2026, 2, 1, 0, 10);
const report = (more: Partial<CoverageReport> = {}): CoverageReport => ({
  at: AT,
  personal: [],
  uncovered: [],
  unlisted: 0,
  ignored: 0,
  appeared: 0,
  neverPresent: [],
  datasets: [],
  notSeen: [],
  remembered: ['digest'],
  ...more,
});
const place = (name: string): ReportedPlace => ({ kind: 'table', name, places: 1, personal: [] });
const put = (world: World, store: string, found: CoverageReport) =>
  world.registry.putCoverage(store, { tried: '2026-03-01', report: found });

async function ask(world: World, query: object = {}) {
  const { status, body } = await world.call('auditor', '/v1/coverage/query', query);
  expect(status).toBe(200);
  return body as unknown as {
    readonly census?: string;
    readonly stores: CoverageOfStore[];
    readonly unused?: object[];
    readonly next?: string;
  };
}

async function register(world: World, ...ids: string[]): Promise<void> {
  const holdings = ids.map((id) => ({
    store: 'orders',
    locator: [`shop/${id}`],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id }],
  }));
  await world.call('shop', '/v1/holdings', { holdings });
  await world.deliver();
}

const withStore = (change: Partial<Configuration['stores'][string]>): Configuration => ({
  ...configuration,
  stores: { ...configuration.stores, orders: { ...configuration.stores['orders']!, ...change } },
});

describe('POST /v1/coverage/query', () => {
  test('says before the first surveys that there were none, and where none will be', async () => {
    const { stores, census, unused } = await ask(
      apiWorld('2026-03-01T10:00:00Z', undefined, withStore({ coverage: false })),
    );
    expect(stores.map(({ store, survey }) => `${store} ${survey}`)).toEqual([
      'invoices none',
      'orders off',
      'vault none',
    ]);
    expect([census, unused]).toEqual([undefined, undefined]);
  });

  test('shows what the surveys found, without the digests of names', async () => {
    const world = apiWorld();
    const found: ReportedPlace = {
      ...place('public.people'),
      records: { count: 7, counted: 'estimate' },
      oldest: Date.UTC(2019, 1, 3, 4, 5, 6),
      personal: [{ looksLike: 'e-mail address', name: 'email' }, { looksLike: 'phone number' }],
      since: AT,
    };
    const seen: Pick<CoverageReport, 'neverPresent' | 'notSeen'> = {
      neverPresent: [{ name: 'card_number', state: 'found', looked: 'sample' }],
      notSeen: [{ part: 'buckets', code: 'NOT_ASKED' }],
    };
    await put(world, 'orders', report({ uncovered: [found], ...seen, unlisted: 3, ignored: 2 }));
    const { stores } = await ask(world, { store: 'orders' });
    expect(stores).toEqual([
      {
        store: 'orders',
        survey: 'made',
        surveyedAt: '2026-03-01T00:10:00.000Z',
        personal: [],
        uncovered: [{ ...found, oldest: '2019-02-03', since: '2026-03-01T00:10:00.000Z' }],
        unlisted: 3,
        ignored: 2,
        datasets: [],
        ...seen,
      },
    ]);
  });

  test('compares the records of a store with what is registered, and names categories that nothing is in', async () => {
    const world = apiWorld();
    await register(world, 'a', 'b', 'c');
    await world.sweepAt('2026-03-02T10:00:00Z');
    await put(world, 'orders', report({ records: { count: 10, counted: 'estimate' } }));
    await put(world, 'vault', report());
    const { stores, census, unused } = await ask(world);
    expect(census).toBe('2026-03-02');
    expect(stores.find(({ store }) => store === 'orders')).toMatchObject({ registered: 3, unregistered: 7 });
    expect(stores.find(({ store }) => store === 'vault')).toMatchObject({ registered: 0 });
    expect(stores.find(({ store }) => store === 'vault')).not.toHaveProperty('unregistered');
    expect(unused).toEqual([
      { policy: 'shop-policy', category: 'registration' },
      { policy: 'abroad', category: 'abroad' },
    ]);
    expect((await ask(world, { store: 'orders' })).unused).toBeUndefined();
  });

  test('calls no record of a store with collections unregistered', async () => {
    const collections = [{ category: 'profile', entity: 'account', by: 'owner', producer: 'shop' }];
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, withStore({ collections }));
    await world.sweepAt('2026-03-02T10:00:00Z');
    await put(world, 'orders', report({ records: { count: 10, counted: 'exact' } }));
    const [orders] = (await ask(world, { store: 'orders' })).stores;
    expect(orders).toMatchObject({ registered: 0, records: { count: 10 } });
    expect(orders).not.toHaveProperty('unregistered');
  });

  const LOGS = { category: 'registration', producer: 'shop', clock: {}, by: 'created' };
  const rows = (count: number, counted: 'exact' | 'estimate' | 'at-least' = 'exact') => ({ count, counted });

  test('takes rows of datasets for covered, and their category for used', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, withStore({ datasets: [LOGS] }));
    await register(world, 'a', 'b', 'c');
    await world.sweepAt('2026-03-02T10:00:00Z');
    const dataset = { category: 'registration', rows: rows(6), noClock: rows(1), oldest: AT };
    await put(world, 'orders', report({ records: rows(10, 'estimate'), datasets: [dataset] }));
    const { stores, unused } = await ask(world);
    expect(stores.find(({ store }) => store === 'orders')).toMatchObject({
      registered: 3,
      unregistered: 1,
      overdue: 0,
      datasets: [{ ...dataset, oldest: '2026-03-01' }],
    });
    expect(unused).toEqual([{ policy: 'abroad', category: 'abroad' }]);
    await put(world, 'orders', report({ datasets: [{ category: 'registration', rows: rows(0) }] }));
    expect((await ask(world)).unused).toHaveLength(2);
  });

  test('says nothing of what it does not know: rows that were not counted to their end may be all there are', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, withStore({ datasets: [LOGS] }));
    await world.sweepAt('2026-03-02T10:00:00Z');
    for (const datasets of [
      [{ category: 'registration', rows: rows(0, 'at-least') }],
      [{ category: 'registration' }],
    ]) {
      await put(world, 'orders', report({ records: rows(10, 'estimate'), datasets }));
      const { stores, unused } = await ask(world);
      expect(stores.find(({ store }) => store === 'orders')).not.toHaveProperty('unregistered');
      expect(unused).not.toContainEqual({ policy: 'shop-policy', category: 'registration' });
    }
  });

  test('counts registered records that are past their deadline and still there', async () => {
    const world = apiWorld();
    await register(world, 'a', 'b');
    const row = { store: 'orders', policy: 'shop-policy', status: 'due', count: 5, oldest: AT };
    const sums = 'census/2026-03-01/sums';
    await world.registry.putCensus({
      run: sums,
      page: '0',
      at: AT,
      counts: [
        { ...row, reason: 'overdue' },
        { ...row, store: 'vault', reason: 'held' },
      ],
      listed: new Map(),
    });
    await world.registry.putNewestCensus('census/2026-03-01');
    const { stores } = await ask(world);
    expect(stores.map(({ store, overdue }) => [store, overdue])).toEqual([
      ['invoices', 0],
      ['orders', 5],
      ['vault', 0],
    ]);
  });

  test('gives large reports on several pages, and each store once', async () => {
    const stores = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [
        `s-${String(n).padStart(3, '0')}`,
        configuration.stores['orders']!,
      ]),
    );
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, { ...configuration, stores });
    for (const store of Object.keys(stores).slice(0, 4))
      await put(world, store, report({ uncovered: Array.from({ length: 200 }, (_, n) => place(`t-${n}`)) }));
    const names: string[] = [];
    let cursor: { cursor?: string } = {};
    let pages = 0;
    do {
      const { stores: page, next } = await ask(world, cursor);
      expect(JSON.stringify(page).length).toBeLessThan(500_000);
      names.push(...page.map(({ store }) => store));
      pages += 1;
      cursor = next === undefined ? {} : { cursor: next };
    } while (cursor.cursor !== undefined);
    expect(names).toEqual(Object.keys(stores));
    expect(pages).toBeGreaterThan(4);
  });

  test('refuses a store that is not configured, a cursor of another list, and who may not see it', async () => {
    const world = apiWorld();
    const query = (who: 'shop' | 'operator' | 'nobody', body: object) =>
      world.call(who, '/v1/coverage/query', body);
    expect((await query('operator', { store: 'nowhere' })).body).toMatchObject({
      code: 'NOT_FOUND',
      path: 'store',
    });
    expect((await query('operator', { cursor: 'abc' })).body).toMatchObject({ code: 'CURSOR_INVALID' });
    expect((await query('operator', { other: 1 })).status).toBe(400);
    for (const who of ['shop', 'nobody'] as const) expect((await query(who, {})).status).toBe(403);
  });
});

test('what has appeared and fields with values need a person, until a survey does not find them', async () => {
  const world = apiWorld();
  const ofCoverage = async () => {
    const groups: object[] = [];
    let path = '/v1/attention';
    for (;;) {
      const { body } = await world.call('operator', path);
      groups.push(
        ...(body['groups'] as { reason: string }[]).filter(({ reason }) => /uncovered|never/.test(reason)),
      );
      const { next } = body as { readonly next?: string };
      if (next === undefined) return groups;
      path = `/v1/attention?cursor=${encodeURIComponent(next)}`;
    }
  };
  const old = { ...place('old') };
  const uncovered = [{ ...place('a'), since: AT }, { ...place('b'), since: AT + 5 }, old];
  await put(
    world,
    'vault',
    report({ uncovered, neverPresent: [{ name: 'pin', state: 'found', looked: 'all' }] }),
  );
  await put(
    world,
    'orders',
    report({ uncovered: [old], neverPresent: [{ name: 'pin', state: 'none', looked: 'all' }] }),
  );
  expect(await ofCoverage()).toEqual([
    {
      reason: 'uncovered',
      status: 'place',
      store: 'vault',
      code: 'table',
      count: 2,
      oldest: '2026-03-01T00:10:00.000Z',
    },
    {
      reason: 'never-present',
      status: 'field',
      store: 'vault',
      code: 'pin',
      count: 1,
      oldest: '2026-03-01T00:10:00.000Z',
    },
  ]);
  await put(world, 'vault', report({ uncovered: [old] }));
  expect(await ofCoverage()).toEqual([]);
});

test('the census of a running deployment has every store surveyed', async () => {
  const world = apiWorld();
  await register(world, 'a');
  await world.sweepAt('2026-03-02T10:00:00Z');
  const surveys = async () => (await ask(world)).stores.map(({ survey }) => survey);
  expect(await surveys()).toEqual(['made', 'made', 'made']);
});
