import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { CoverageReport } from '../../../shared/domain/coverage/coverage-report.ts';
import type { ForecastSeries } from '../../../shared/domain/forecast/forecast.ts';
import { forecastPage, forecastRun } from '../../../shared/protocol/forecast/census-parts.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';
type World = ReturnType<typeof apiWorld>;
type Body = Readonly<Record<string, unknown>>;

async function ask(world: World, query: object = {}): Promise<Body> {
  const { status, body, text } = await world.call('auditor', '/v1/forecast/query', query);
  expect([status, text.includes(MARKER)]).toEqual([200, false]);
  return body;
}

/** Two accounts that were disconnected, one that was not. */
async function accounts(): Promise<World> {
  const world = apiWorld('2026-03-01T10:00:00Z');
  for (const n of [1, 2, 3]) {
    const holding = {
      store: 'orders',
      locator: [`shop/${MARKER}/${n}`],
      categories: ['profile'],
      purposes: ['login'],
      entities: [{ type: 'account', id: `${MARKER}-${n}` }],
    };
    await world.call('shop', '/v1/holdings', { holdings: [holding] });
  }
  await world.deliver();
  for (const n of [1, 2]) {
    const event = {
      specversion: '1.0',
      id: `e-${n}`,
      source: 'shop.example',
      type: 'account.disconnected',
      data: { entity: { type: 'account', id: `${MARKER}-${n}` }, occurred: '2026-02-28' },
    };
    await world.call('shop', '/v1/events', { events: [event] });
  }
  await world.deliver();
  await world.sweepAt('2026-03-02T10:00:00Z');
  return world;
}

/** As the census of this day writes them. */
async function put(world: World, day: string, series: readonly ForecastSeries[]): Promise<void> {
  const id = `census/${day}`;
  const page = { run: forecastRun(id), at: Date.parse(day), counts: [], listed: new Map() };
  for (const segment of [0, 1, 2, 3])
    await world.registry.putCensus({
      ...page,
      page: forecastPage(segment, 0),
      forecast: segment === 0 ? series : [],
    });
  await world.registry.putNewestCensus(id);
}

const aSeries = (more: Partial<ForecastSeries> = {}): ForecastSeries => {
  const names = { store: 'orders', policy: 'shop-policy', category: 'profile', action: 'delete' } as const;
  return { ...names, bins: { '2026-03-05': 4 }, ...more };
};

describe('POST /v1/forecast/query', () => {
  test('says before the first census that there was none', async () => {
    expect(await ask(apiWorld())).toEqual({ asOf: '2026-03-01T10:00:00.000Z', groups: [] });
  });

  test('counts what the census found by date, and why the rest has none', async () => {
    const world = await accounts();
    const names = { store: 'orders', policy: 'shop-policy', category: 'profile' };
    const none = { due: 0, held: 0, later: 0, dates: [], undated: [] };
    expect(await ask(world)).toEqual({
      asOf: '2026-03-02T10:01:00.000Z',
      census: '2026-03-02',
      ended: expect.stringMatching(/^2026-03-02T10:0/) as unknown,
      groups: [
        { ...names, ...none, undated: [{ reason: 'never-had-a-fact', count: 1 }] },
        {
          ...names,
          ...none,
          action: 'delete',
          dates: [{ from: '2026-03-30', to: '2026-03-30', count: 2 }],
        },
      ],
    });
  });

  test('counts by week, up to a day, and of one store', async () => {
    const world = await accounts();
    const week = await ask(world, { by: 'week', until: '2026-03-31', store: 'orders' });
    expect(week['groups']).toMatchObject([
      { dates: [] },
      { dates: [{ from: '2026-03-30', to: '2026-03-31', count: 2 }], later: 0 },
    ]);
    const early = await ask(world, { until: '2026-03-29' });
    expect(early['groups']).toMatchObject([{ later: 0 }, { dates: [], later: 2 }]);
    expect((await ask(world, { store: 'vault' }))['groups']).toEqual([]);
  });

  test.each([
    [{ category: 'profile' }, [true, undefined, undefined]],
    [{ policy: 'shop-policy' }, [true, undefined, undefined]],
    [{ store: 'orders' }, [true, undefined, undefined]],
    [{ everything: true }, [true, undefined, undefined]],
    [{ category: 'registration' }, [undefined, undefined, undefined]],
  ])('says that a hold on %j keeps what it covers, from then on', async (scope, kept) => {
    const world = apiWorld();
    const bins = { 'no-date:undetermined': 1 };
    await put(world, '2026-03-01', [
      aSeries(),
      aSeries({ action: 'restrict' }),
      { store: 'orders', policy: 'shop-policy', category: 'profile', bins },
    ]);
    const underHold = async () =>
      ((await ask(world))['groups'] as readonly Body[])
        .toSorted((a, b) =>
          JSON.stringify(a['action'] ?? 'z') < JSON.stringify(b['action'] ?? 'z') ? -1 : 1,
        )
        .map((group) => group['underHold']);
    expect(await underHold()).toEqual([undefined, undefined, undefined]);
    const placed = await world.call('operator', '/v1/legal-holds', {
      id: 'h-1',
      scope,
      matter: 'm',
      reason: 'r',
    });
    expect(placed.status).toBe(200);
    expect(await underHold()).toEqual(kept);
    await world.call('operator', '/v1/legal-holds/release', { id: 'h-1', reason: 'r' });
    expect(await underHold()).toEqual([undefined, undefined, undefined]);
  });

  test('goes on in the census that it began with, with each group once', async () => {
    const world = apiWorld();
    const days = Array.from({ length: 400 }, (_, n) =>
      new Date(Date.parse('2026-03-01') + n * 86_400_000).toISOString().slice(0, 10),
    );
    const bins = Object.fromEntries(days.map((day) => [day, 1]));
    const many = Array.from({ length: 30 }, (_, n) => aSeries({ category: `c-${n + 10}`, bins }));
    await put(world, '2026-03-01', many);
    const found: Body[] = [];
    let [cursor, pages]: [unknown, number] = [undefined, 0];
    do {
      const body: Body = await ask(world, cursor === undefined ? {} : { cursor });
      expect(JSON.stringify(body).length).toBeLessThan(500_000);
      found.push(...(body['groups'] as Body[]));
      expect(body['census']).toBe('2026-03-01');
      cursor = body['next'];
      pages += 1;
      await put(world, '2026-03-02', many.slice(3));
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(found.map((group) => group['category'])).toEqual(many.map(({ category }) => category));
  });

  test('has pages of less than 500 kB, also where no record has a date', async () => {
    const world = apiWorld();
    const long = 'a'.repeat(90);
    const many = Array.from({ length: 3000 }, (_, n): ForecastSeries => {
      const names = { store: `s-${long}`, policy: `p-${long}`, category: `c-${long}-${1000 + n}` };
      return { ...names, bins: { 'no-date:undetermined': 1, 'no-date:conflict': 2 } };
    });
    await put(world, '2026-03-01', many);
    let [cursor, found]: [unknown, number] = [undefined, 0];
    do {
      const body: Body = await ask(world, cursor === undefined ? {} : { cursor });
      expect(JSON.stringify(body).length).toBeLessThan(500_000);
      found += (body['groups'] as Body[]).length;
      cursor = body['next'];
    } while (cursor !== undefined);
    expect(found).toBe(many.length);
  });

  test('refuses a day that is none, another unit, and a cursor of another question', async () => {
    const world = await accounts();
    for (const query of [
      { until: '2026-02-30' },
      { until: '2200-01-01' },
      { by: 'month' },
      { store: `${MARKER} ` },
    ])
      expect(await world.call('operator', '/v1/forecast/query', query)).toMatchObject({ status: 400 });
    const other = await world.call('operator', '/v1/forecast/query', { cursor: 'abc' });
    expect(other.body).toMatchObject({ code: 'CURSOR_INVALID' });
  });
});

const LOGS = { category: 'profile', producer: 'shop', clock: {}, by: 'created' };
const NOTHING = { personal: [], uncovered: [], unlisted: 0, ignored: 0, appeared: 0, neverPresent: [] };
const reportOf = (at: string, datasets: CoverageReport['datasets']): CoverageReport => {
  return { ...NOTHING, at: Date.parse(at), datasets, notSeen: [], remembered: [] };
};

function datasetWorld(...stores: readonly string[]): World {
  const own = Object.entries(configuration.stores).map(([name, store]) => [
    name,
    stores.includes(name) ? { ...store, datasets: [LOGS, { ...LOGS, category: 'registration' }] } : store,
  ]);
  return apiWorld('2026-03-02T10:00:00Z', undefined, {
    ...configuration,
    stores: Object.fromEntries(own) as Configuration['stores'],
  });
}

describe('rows of datasets', () => {
  const bins = { due: 3, '2026-03-03': 2, '2026-03-09': 5, '2028-07': 7, 'no-date:no-clock': 1 };
  const forecast = { policy: 'shop-policy', bins, estimate: true as const, depends: true as const };
  const survey = (at: string) =>
    reportOf(at, [
      { category: 'profile', forecast },
      { category: 'registration', forecast: { policy: 'shop-policy', bins: {} } },
    ]);

  test('are counted beside records, by the survey of their store, and say where a number is an estimate', async () => {
    const world = datasetWorld('orders');
    await put(world, '2026-03-02', [aSeries()]);
    await world.registry.putCoverage('orders', {
      tried: '2026-03-02',
      report: survey('2026-03-02T00:10:00Z'),
    });
    const names = { store: 'orders', policy: 'shop-policy', category: 'profile' };
    const none = { due: 0, held: 0, later: 0, dates: [], undated: [] };
    const dataset = { surveyedAt: '2026-03-02T00:10:00.000Z', estimate: true };
    const body = await ask(world, { by: 'week', until: '2027-01-01' });
    expect(body).not.toHaveProperty('uncounted');
    expect(body['groups']).toEqual([
      { ...names, ...none, action: 'delete', dates: [{ from: '2026-03-02', to: '2026-03-08', count: 4 }] },
      { ...names, ...none, dataset, undated: [{ reason: 'no-clock', count: 1 }] },
      {
        ...names,
        ...none,
        dataset: { ...dataset, depends: true },
        action: 'delete',
        due: 3,
        later: 7,
        dates: [
          { from: '2026-03-02', to: '2026-03-08', count: 2 },
          { from: '2026-03-09', to: '2026-03-15', count: 5 },
        ],
      },
    ]);
  });

  test('that were counted on another day than the records are shown as of that of the records', async () => {
    const world = datasetWorld('orders');
    await world.registry.putCoverage('orders', {
      tried: '2026-03-02',
      report: survey('2026-03-01T00:10:00Z'),
    });
    await put(world, '2026-03-05', []);
    const { groups } = await ask(world, { by: 'day' });
    expect(groups).toMatchObject([{}, { due: 5, dates: [{ from: '2026-03-09' }, { from: '2028-07-01' }] }]);
  });

  test('that no survey has counted are named, once', async () => {
    const world = datasetWorld('orders', 'vault');
    await put(world, '2026-03-02', []);
    const uncounted = [
      { store: 'vault', category: 'profile' },
      { store: 'vault', category: 'registration' },
    ];
    expect((await ask(world, { store: 'vault' }))['uncounted']).toEqual(uncounted);
    const report = reportOf('2026-03-02', [{ category: 'profile', rows: { count: 1, counted: 'at-least' } }]);
    await world.registry.putCoverage('vault', { tried: '2026-03-02', report });
    expect((await ask(world, { store: 'vault' }))['uncounted']).toEqual(uncounted);
    expect((await ask(world, { store: 'invoices' }))['uncounted']).toBeUndefined();
  });

  test('are each on one page, also if they are counted again while pages are read', async () => {
    const world = datasetWorld('orders', 'vault');
    const days = Object.fromEntries(
      Array.from({ length: 400 }, (_, n) => [
        new Date(Date.UTC(2026, 2, 2) + n * 86_400_000).toISOString().slice(0, 10),
        1,
      ]),
    );
    await put(
      world,
      '2026-03-02',
      Array.from({ length: 14 }, (_, n) => aSeries({ category: `c-${n}`, bins: days })),
    );
    const found = { policy: 'shop-policy', bins: { ...days, 'no-date:no-clock': 1 } };
    const both = reportOf('2026-03-02', [
      { category: 'profile', forecast: found },
      { category: 'registration', forecast: found },
    ]);
    for (const store of ['orders', 'vault'])
      await world.registry.putCoverage(store, { tried: '2026-03-02', report: both });
    const seen: string[] = [];
    let cursor: { cursor?: string } = {};
    let pages = 0;
    do {
      const body = await ask(world, { by: 'day', ...cursor });
      const groups = body['groups'] as {
        store: string;
        category: string;
        action?: string;
        dataset?: object;
      }[];
      seen.push(
        ...groups.map(({ store, category, action, dataset }) =>
          [store, category, action, dataset !== undefined].join(' '),
        ),
      );
      pages += 1;
      // The first store's datasets have no row any more.
      if (pages === 2)
        await world.registry.putCoverage('orders', {
          tried: '2026-03-02',
          report: reportOf('2026-03-02', []),
        });
      cursor = typeof body['next'] === 'string' ? { cursor: body['next'] } : {};
    } while (cursor.cursor !== undefined);
    expect(pages).toBeGreaterThan(1);
    expect([new Set(seen).size, seen.filter((one) => one.startsWith('vault')).length]).toEqual([
      seen.length,
      4,
    ]);
  });

  test('under a legal hold on their category say so', async () => {
    const world = datasetWorld('orders');
    await put(world, '2026-03-02', []);
    await world.registry.putCoverage('orders', {
      tried: '2026-03-02',
      report: survey('2026-03-02T00:10:00Z'),
    });
    await world.call('operator', '/v1/legal-holds', {
      id: 'h',
      scope: { category: 'profile' },
      matter: 'm',
      reason: 'r',
    });
    expect((await ask(world))['groups']).toMatchObject([{ undated: [{}] }, { underHold: true, due: 3 }]);
  });
});
