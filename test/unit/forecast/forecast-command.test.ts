import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { chartOf } from '../../../cli/forecast-chart.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const account = (n: number) => ({
  store: 'orders',
  locator: [`shop/${n}`],
  categories: ['profile'],
  purposes: ['login'],
  entities: [{ type: 'account', id: `a-${n}` }],
});
const disconnected = (n: number, occurred: string) => ({
  specversion: '1.0' as const,
  id: `e-${n}`,
  source: 'shop.example',
  type: 'account.disconnected',
  data: { entity: { type: 'account', id: `a-${n}` }, occurred },
});

async function served(configured: Configuration = configuration) {
  const world = await servedWorld(apiWorld('2026-03-01T10:00:00Z', undefined, configured));
  stops.push(() => world.stop());
  const { accessKeyId, secretAccessKey } = credentialsOf('operator');
  const env = {
    TENURE_URL: world.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const forecast = (...args: string[]) => tenure(['forecast', ...args], env, () => world.clock.now());
  return { world, forecast };
}

async function counted(configured?: Configuration) {
  const { world, forecast } = await served(configured);
  await world.as('shop').registerHoldings([1, 2, 3, 4].map(account));
  await world.deliver();
  const events = [
    disconnected(1, '2026-02-28'),
    disconnected(2, '2026-02-28'),
    disconnected(3, '2026-03-01'),
  ];
  await world.as('shop').sendEvents(events);
  await world.deliver();
  await world.sweepAt('2026-03-02T10:00:00Z');
  return { world, forecast };
}

describe('tenure forecast', () => {
  test('says that no census has ended yet', async () => {
    const { forecast } = await served();
    const err = 'No census that counts what goes when has ended yet: it runs once a day.\n';
    expect(await forecast()).toEqual({ code: 0, out: '', err });
  });

  test('draws a bar for each week, and says as of when, and what has no date', async () => {
    const { forecast } = await counted();
    const { code, out, err } = await forecast();
    expect(code).toBe(0);
    expect(err).toMatch(/^As of the census of 2026-03-02, which ended at 2026-03-02T10:0/);
    const lines = out.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '2026-03-02 to 2026-03-08  0',
      '2026-03-09 to 2026-03-15  0',
      '2026-03-16 to 2026-03-22  0',
      '2026-03-23 to 2026-03-29  0',
      `2026-03-30 to 2026-04-05  3  ${'#'.repeat(51)}`,
    ]);
    expect(Math.max(...lines.slice(0, 5).map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out).toMatch(/^orders +shop-policy +profile +- +0 +0 +0 +0 +1 never-had-a-fact$/m);
    expect(out).toMatch(/^orders +shop-policy +profile +delete +0 +0 +3 +0 +0$/m);
  });

  test('draws days up to a date, and counts the rest as later', async () => {
    const { forecast } = await counted();
    const { out } = await forecast('--by', 'day', '--until', '2026-03-30', '--store', 'orders');
    expect(out.split('\n').slice(27, 29)).toEqual(['2026-03-29  0', `2026-03-30  2  ${'#'.repeat(65)}`]);
    expect(out).toMatch(/delete +0 +0 +2 +1 +0$/m);
    const nothing = await forecast('--until', '2026-03-10');
    expect(nothing.err).toContain('No record goes from the day of that census until 2026-03-10.');
    expect((await forecast('--store', 'vault')).err).toContain(
      'It found no records in the store "vault" that are not disposed of.',
    );
    const past = await forecast('--until', '2026-03-01');
    expect(past.err).toContain('2026-03-01 is before the day of that census: what goes on that day');
    expect(past.out).toMatch(/delete +0 +0 +0 +3 +0$/m);
  });

  test('shows what a legal hold keeps with dots', async () => {
    const { world, forecast } = await counted();
    const scope = { category: 'profile' };
    await world.as('operator').placeHold({ id: 'h-1', scope, matter: 'm', reason: 'r' });
    const { out, err } = await forecast();
    expect(out).toContain(`2026-03-30 to 2026-04-05  3  ${'.'.repeat(51)}\n`);
    expect(out).toContain('delete (legal hold)');
    expect(err).toContain('kept by a legal hold');
  });

  test('shows rows of datasets beside records, and says which of their numbers are estimates', async () => {
    const own = configuration.stores['orders']!;
    const datasets = ['profile', 'registration'].map((category) => ({
      category,
      producer: 'shop',
      clock: {},
      by: 'created',
    }));
    const { world, forecast } = await counted({
      ...configuration,
      stores: { ...configuration.stores, orders: { ...own, datasets } },
    });
    const bins = { due: 4, '2026-03-05': 6, 'no-date:no-clock': 2 };
    await world.registry.putCoverage('orders', {
      tried: '2026-03-02',
      report: {
        at: Date.UTC(2026, 2, 2, 0, 10),
        personal: [],
        uncovered: [],
        unlisted: 0,
        ignored: 0,
        appeared: 0,
        neverPresent: [],
        datasets: [
          { category: 'profile', forecast: { policy: 'shop-policy', bins, estimate: true, depends: true } },
        ],
        notSeen: [],
        remembered: [],
      },
    });
    const { out, err } = await forecast('--store', 'orders');
    expect(out.split('\n').slice(0, 2)).toEqual([
      `2026-03-02 to 2026-03-08  6  ${'#'.repeat(51)}`,
      '2026-03-09 to 2026-03-15  0',
    ]);
    expect(out).toMatch(/^orders +shop-policy +profile +records +delete +0 +0 +3 +0 +0$/m);
    expect(out).toMatch(
      /^orders +shop-policy +profile +rows of 2026-03-02, estimate +- +0 +0 +0 +0 +2 no-clock$/m,
    );
    expect(out).toMatch(
      /^orders +shop-policy +profile +rows of 2026-03-02, estimate, earliest +delete +4 +0 +6 +0 +0$/m,
    );
    expect(err).toContain('estimate: not all rows were counted one by one.\n');
    expect(err).toContain('earliest: other columns or facts decide, too');
    expect(err).toContain('Rows of the dataset "registration" in the store "orders" are not counted yet.\n');
    const csv = await forecast('--csv', '--by', 'day');
    expect(csv.out).toContain(
      'date,2026-03-05,2026-03-05,,orders,shop-policy,profile,delete,no,6,yes,yes,yes\n',
    );
    const json = JSON.parse((await forecast('--json')).out) as object;
    expect(json).toMatchObject({
      groups: [{}, {}, { dataset: { estimate: true } }, { dataset: { depends: true }, due: 4 }],
      uncounted: [{ store: 'orders', category: 'registration' }],
    });
  });

  test('writes JSON and CSV', async () => {
    const { forecast } = await counted();
    const json = await forecast('--json', '--by', 'day');
    expect(JSON.parse(json.out)).toMatchObject({
      census: '2026-03-02',
      by: 'day',
      until: '2026-04-01',
      groups: [
        { undated: [{ reason: 'never-had-a-fact', count: 1 }] },
        {
          action: 'delete',
          dates: [
            { from: '2026-03-30', count: 2 },
            { from: '2026-03-31', count: 1 },
          ],
        },
      ],
    });
    const csv = await forecast('--csv', '--until', '2026-03-30');
    expect(csv.out.split('\n')).toEqual([
      'when,from,to,reason,store,policy,category,action,legal hold,count,dataset,estimate,earliest',
      'due,,,,orders,shop-policy,profile,,no,0,no,no,no',
      'held,,,,orders,shop-policy,profile,,no,0,no,no,no',
      'later,,,,orders,shop-policy,profile,,no,0,no,no,no',
      'no-date,,,never-had-a-fact,orders,shop-policy,profile,,no,1,no,no,no',
      'date,2026-03-30,2026-03-30,,orders,shop-policy,profile,delete,no,2,no,no,no',
      'due,,,,orders,shop-policy,profile,delete,no,0,no,no,no',
      'held,,,,orders,shop-policy,profile,delete,no,0,no,no,no',
      'later,,,,orders,shop-policy,profile,delete,no,1,no,no,no',
      '',
    ]);
  });

  test.each([
    [['--until', '2026-02-30'], '--until is a day, such as 2027-01-31.'],
    [['--until', 'tomorrow'], '--until is a day, such as 2027-01-31.'],
    [['--by', 'month'], 'Allowed choices are day, week'],
    [['--csv', '--json'], 'Give only one of --json and --csv.'],
  ])('%j is a usage error', async (args, says) => {
    const { forecast } = await served();
    const { code, err } = await forecast(...args);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});

describe('the chart', () => {
  test('is in docs/api.md as it is drawn', () => {
    const rows = [
      { label: '2026-03-02 to 2026-03-08', goes: 120, kept: 0 },
      { label: '2026-03-09 to 2026-03-15', goes: 0, kept: 0 },
      { label: '2026-03-16 to 2026-03-22', goes: 14, kept: 0 },
      { label: '2026-03-23 to 2026-03-29', goes: 481, kept: 0 },
      { label: '2026-03-30 to 2026-04-05', goes: 48, kept: 192 },
    ];
    const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    expect(page).toContain(`$ tenure forecast --until 2026-04-05\n${chartOf(rows, 80).join('\n')}\n\nstore`);
  });

  test('fits into the line, and shows something of what is not nothing', () => {
    const rows = [
      { label: '2026-03-01', goes: 1_000_000, kept: 0 },
      { label: '2026-03-02', goes: 1, kept: 1 },
      { label: '2026-03-03', goes: 0, kept: 250_000 },
      { label: '2026-03-04', goes: 0, kept: 0 },
      { label: '2026-03-05', goes: 750_000, kept: 250_000 },
    ];
    expect(chartOf(rows, 41)).toEqual([
      '2026-03-01  1000000  ####################',
      '2026-03-02        2  #',
      '2026-03-03   250000  .....',
      '2026-03-04        0',
      '2026-03-05  1000000  ###############.....',
    ]);
    for (const width of [0, 20, 41, 80, 500]) {
      const longest = Math.max(...chartOf(rows, width).map((line) => line.length));
      expect(longest).toBe(Math.max(width, 31));
    }
    expect(chartOf([], 80)).toEqual([]);
  });
});
