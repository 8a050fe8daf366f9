import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { CoverageReport } from '../../../shared/domain/coverage/coverage-report.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { tenure } from '../../support/run-tenure.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const AT = Date.UTC(2026, 2, 2, 0, 10);
const CLEAN: CoverageReport = {
  at: AT,
  records: { count: 2, counted: 'exact' },
  personal: [],
  uncovered: [],
  unlisted: 0,
  ignored: 0,
  appeared: 0,
  neverPresent: [],
  datasets: [],
  notSeen: [],
  remembered: [],
};

async function served(reports: Readonly<Record<string, Partial<CoverageReport>>>) {
  const { orders, vault } = configuration.stores;
  const stores = { orders: orders!, off: { ...vault!, coverage: false as const } };
  const world = await servedWorld(apiWorld('2026-03-02T10:00:00Z', undefined, { ...configuration, stores }));
  stops.push(() => world.stop());
  for (const [store, more] of Object.entries(reports))
    await world.registry.putCoverage(store, { tried: '2026-03-02', report: { ...CLEAN, ...more } });
  const { accessKeyId, secretAccessKey } = credentialsOf('operator');
  const env = {
    TENURE_URL: world.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const coverage = (...args: string[]) => tenure(['coverage', ...args], env, () => world.clock.now());
  return { world, coverage };
}

const FOUND: Partial<CoverageReport> = {
  uncovered: [
    {
      kind: 'table',
      name: 'public.customers_v2',
      places: 1,
      records: { count: 48_000, counted: 'estimate' },
      oldest: Date.UTC(2021, 2, 4),
      personal: [{ looksLike: 'e-mail address', name: 'email' }, { looksLike: 'phone number' }],
      since: AT,
    },
    {
      kind: 'prefix',
      name: '*/',
      places: 48_151,
      records: { count: 812, counted: 'at-least' },
      personal: [],
    },
    { kind: 'prefix', name: '', places: 1, personal: [] },
  ],
};

const SEVEN = { count: 7, counted: 'exact' as const };
const NONE = { count: 0, counted: 'exact' as const };

describe('tenure coverage', () => {
  test('says of each dataset how many rows it has, and which of them are kept because of their clock', async () => {
    const { coverage } = await served({
      orders: {
        datasets: [
          {
            category: 'logs',
            rows: { count: 1_000_000, counted: 'estimate' },
            noClock: SEVEN,
            implausible: { count: 3, counted: 'exact' },
            future: { count: 10_000, counted: 'at-least' },
            oldest: Date.UTC(2019, 4, 5),
            overdue: { count: 5000, counted: 'at-least' },
          },
          { category: 'clicks', rows: SEVEN, noClock: NONE, implausible: NONE, future: NONE, overdue: NONE },
          { category: 'mails' },
        ],
        notSeen: [{ part: 'datasets', code: 'NOT_ASKED' }],
      },
    });
    const { err } = await coverage('--store', 'orders');
    expect(err.split('\n').slice(3)).toEqual([
      'orders: about 1000000 rows in the dataset "logs", the oldest of 2019-05-05.',
      'orders: 7 rows of the dataset "logs" have no clock, and are kept until it has a value.',
      'orders: 3 rows of the dataset "logs" have a clock that cannot be right, and are kept until it is corrected.',
      'orders: 10000 or more rows of the dataset "logs" have a clock in the future, or later than is plausible, and are kept.',
      'orders: 5000 or more rows of the dataset "logs" are older than any rule allows, and still there.',
      'orders: 7 rows in the dataset "clicks".',
      'orders: how many rows the dataset "mails" has is not known.',
      'orders: rows of datasets were not looked at: retention.config.ts does not ask for it.',
      '',
    ]);
  });

  test('shows what is not covered in a table, and says what else there is to say', async () => {
    const { coverage } = await served({
      orders: {
        ...FOUND,
        unlisted: 4,
        ignored: 2,
        neverPresent: [
          { name: 'card_number', state: 'found', looked: 'sample' },
          { name: 'pin', state: 'none', looked: 'sample' },
          { name: 'ssn', state: 'absent', looked: 'all' },
          { name: 'iban', state: 'unknown', looked: 'sample' },
        ],
        notSeen: [
          { part: 'buckets', code: 'NOT_ASKED' },
          { part: 'prefixes', code: 'TOO_MANY' },
          { part: 'tables', code: 'STORE_DENIED' },
        ],
      },
    });
    const { code, out, err } = await coverage();
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
      'store   not covered  name                      how many  records      oldest      looks personal         new since',
      'orders  table        public.customers_v2       1         about 48000  2021-03-04  email, (phone number)  2026-03-02T00:10:00.000Z',
      'orders  prefix       */                        48151     812 or more  -           -                      -',
      'orders  prefix       (directly in the bucket)  1         unknown      -           -                      -',
      '',
    ]);
    expect(err.split('\n')).toEqual([
      'off: `coverage: false` in retention.config.ts, so it is not surveyed.',
      'orders: surveyed at 2026-03-02T00:10:00.000Z.',
      'orders: 2 records of its own, an unknown number registered.',
      'orders: 4 more names that are not covered are not listed.',
      'orders: 2 names are ignored, as retention.config.ts says.',
      'orders: the field card_number has values, and must never have any.',
      'orders: the field pin has no values in the records that were looked at.',
      'orders: there is no field ssn.',
      'orders: whether the field iban has values could not be seen.',
      'orders: other buckets were not looked at: retention.config.ts does not ask for it.',
      'orders: other prefixes were looked at up to a limit: there are more.',
      'orders: other tables could not be seen (STORE_DENIED).',
      '',
    ]);
  });

  test('says when nothing is open, and which categories have no record', async () => {
    const { world, coverage } = await served({ orders: {} });
    await world.sweepAt('2026-03-03T10:00:00Z');
    const { out, err } = await coverage();
    expect(out).toBe('');
    expect(err).toContain('The surveys found nothing that is not covered.\n');
    expect(err).toContain(
      'Categories of which the census of 2026-03-03 found no record:\n  registration (policy shop-policy)\n',
    );
  });

  test.each<[string, Readonly<Record<string, Partial<CoverageReport>>>, number]>([
    ['nothing is open', { orders: { notSeen: [{ part: 'buckets', code: 'NOT_ASKED' }] } }, 0],
    ['something is not covered', { orders: FOUND }, 1],
    ['there is more than is listed', { orders: { unlisted: 1 } }, 1],
    ['a field has values', { orders: { neverPresent: [{ name: 'a', state: 'found', looked: 'all' }] } }, 1],
    [
      'a field could not be looked at',
      { orders: { neverPresent: [{ name: 'a', state: 'unknown', looked: 'all' }] } },
      1,
    ],
    ['a field has none', { orders: { neverPresent: [{ name: 'a', state: 'none', looked: 'all' }] } }, 0],
    ['the store was down', { orders: { notSeen: [{ part: 'tables', code: 'STORE_UNREACHABLE' }] } }, 1],
    ['there is more than is looked at', { orders: { notSeen: [{ part: 'tables', code: 'TOO_MANY' }] } }, 1],
    ['it was never surveyed', {}, 1],
    ['rows of a dataset have no clock', { orders: { datasets: [{ category: 'logs', noClock: SEVEN }] } }, 0],
    ['rows are overdue', { orders: { datasets: [{ category: 'logs', overdue: SEVEN }] } }, 1],
    ['a clock cannot be right', { orders: { datasets: [{ category: 'logs', implausible: SEVEN }] } }, 1],
    ['no row is overdue', { orders: { datasets: [{ category: 'logs', overdue: NONE }] } }, 0],
  ])('--strict, where %s: exit code %i', async (_, reports, code) => {
    const { coverage } = await served(reports);
    expect((await coverage('--strict')).code).toBe(code);
    expect((await coverage()).code).toBe(0);
    expect((await coverage('--strict', '--store', 'off')).code).toBe(0);
  });

  test('--json writes one document, and --store one store', async () => {
    const { coverage } = await served({ orders: FOUND });
    const { out, err, code } = await coverage('--json', '--store', 'orders', '--strict');
    const { stores } = JSON.parse(out) as { stores: { store: string; uncovered: object[] }[] };
    expect([stores.map(({ store }) => store), stores[0]?.uncovered.length, err, code]).toEqual([
      ['orders'],
      3,
      '',
      1,
    ]);
    expect((await coverage('--store', 'nowhere')).code).toBe(3);
  });
});

test('the page on coverage shows the table as the command draws it', async () => {
  const page = readFileSync(new URL('../../../docs/coverage.md', import.meta.url), 'utf8');
  const { coverage } = await served({
    orders: {
      uncovered: [
        {
          ...FOUND.uncovered![0]!,
          personal: [
            { looksLike: 'e-mail address', name: 'email' },
            { looksLike: 'postal address', name: 'zip_code' },
          ],
        },
        {
          kind: 'table',
          name: 'public.orders_*',
          places: 31,
          records: { count: 9200, counted: 'estimate' },
          personal: [],
        },
        {
          kind: 'prefix',
          name: '*/',
          places: 48_151,
          records: { count: 812, counted: 'at-least' },
          oldest: Date.UTC(2019, 5, 1),
          personal: [],
        },
      ],
    },
  });
  const { out } = await coverage();
  for (const line of out.trimEnd().split('\n')) expect(page).toContain(line.trimEnd());
});
