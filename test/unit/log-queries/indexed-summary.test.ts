import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogSummaryGroup } from '../../../shared/contract/log-summary.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { emptyMonth } from '../../../shared/domain/log/log-month.ts';
import { present } from '../../../shared/domain/present.ts';
import type { EntryPage } from '../../../shared/domain/record/entry.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { apiWorld } from '../../support/api-world.ts';
import { anEntry, indexedLog } from '../../support/log/indexed-log.ts';

type World = ReturnType<typeof apiWorld>;

const START = Date.parse('2025-12-30T00:00:00Z');
const DAY = 86_400_000;
const STORES = ['orders', 'invoices'];
const RULES = ['1 year after a', '2 years after b'];

async function ask(world: World, query: object): Promise<{ groups: LogSummaryGroup[]; next?: string }> {
  const answer = await world.call('auditor', '/v1/log/summary/query', query);
  expect(answer.status).toBe(200);
  return answer.body as unknown as { groups: LogSummaryGroup[]; next?: string };
}

describe('log summary', () => {
  test.each([{}, { by: 'quarter' }, { store: 'orders' }, { by: 'month', rule: RULES[0] }])(
    'of ten years takes at most 5 requests with %j, and the same number for 10⁴ and 10⁵ entries',
    async (query) => {
      const counts: number[] = [];
      for (const results of [100, 1000]) {
        const world = apiWorld('2036-05-01T00:00:00Z');
        const counted = await indexedLog(world, {
          from: '2016-01-01',
          days: 3650,
          results,
          store: (number) => STORES[number % 2] ?? '',
          lines: (number) =>
            Array.from({ length: 100 }, () => ({ rule: RULES[number % 2] ?? '', outcome: 'deleted' })),
        });
        const { groups, next } = await ask(world, { from: '2016-01-01', to: '2026-01-01', ...query });
        expect(next).toBeUndefined();
        const all = 'store' in query || 'rule' in query ? results / 2 : results;
        expect(groups.reduce((sum, { entries }) => sum + entries, 0)).toBe(all * 100);
        expect(counted.read).toBe(0);
        counts.push(counted.requests);
      }
      expect(counts[0]).toBeLessThanOrEqual(5);
      expect(new Set(counts).size).toBe(1);
    },
  );
});

const aResult = fc.record({
  day: fc.integer({ min: 0, max: 5 }),
  store: fc.constantFrom(...STORES),
  lines: fc.array(
    fc.record({
      rule: fc.constantFrom(...RULES),
      outcome: fc.constantFrom('deleted', 'failed', 'already-so'),
      records: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});
type AResult = typeof aResult extends fc.Arbitrary<infer Of> ? Of : never;

/** Late results, too: their days come in any order. `wide`: a store with more rules than its months have room for. */
async function sealed(results: readonly AResult[], isIndexed: boolean, wide?: string): Promise<World> {
  const world = apiWorld('2026-05-01T00:00:00Z');
  const { registry } = world;
  for (const month of wide === undefined ? [] : ['2025-12', '2026-01']) {
    const { sums: _sums, ...bare } = emptyMonth({ index: world.clock.now(), month, store: wide ?? '' });
    await registry.putLogMonth({ ...bare, version: 1 });
  }
  let first = 0;
  for (const [number, { day, store, lines }] of results.entries()) {
    const token = `${dayId(START + day * DAY)}T10.${String(number).padStart(4, '0')}`;
    const entries = lines.map(({ records, ...line }) => ({
      ...anEntry(token, { store, ...line }),
      ...present({ page: records === undefined ? undefined : ({ records } as EntryPage) }),
    }));
    const result = { token, store, entries, lines: [] };
    const index = sealedIndexOf(result, first);
    await registry.putResult(result);
    await registry.putSealed([index]);
    if (isIndexed) await indexNext(world, [index]);
    first += entries.length;
    await registry.putHead({ version: number + 1, size: first, batch: [], published: true });
  }
  return world;
}

/** With its members in one order. */
function nameOf(row: object): string {
  return JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function counted(
  results: readonly AResult[],
  { from, to, by }: typeof aQuery extends fc.Arbitrary<infer Of> ? Of : never,
) {
  const sums = new Map<string, [number, number]>();
  for (const { day, store, lines } of results) {
    const date = dayId(START + day * DAY);
    if (date < from || date >= to) continue;
    const quarter = date < '2026' ? '2025-Q4' : '2026-Q1';
    const period = { none: undefined, day: date, month: date.slice(0, 7), quarter }[by];
    for (const { rule, outcome, records = 1 } of lines) {
      const name = JSON.stringify(present({ period, store, rule, outcome }));
      const [entries, all] = sums.get(name) ?? [0, 0];
      sums.set(name, [entries + 1, all + records]);
    }
  }
  return [...sums].map(([name, [entries, records]]) => ({
    ...(JSON.parse(name) as object),
    entries,
    records,
  }));
}

const aQuery = fc
  .record({
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 2 }),
    by: fc.constantFrom('none' as const, 'day' as const, 'month' as const, 'quarter' as const),
  })
  .map(({ days, by }) => {
    const [from = 0, to = 0] = days.toSorted((a, b) => a - b);
    return { from: dayId(START + from * DAY), to: dayId(START + to * DAY), by };
  });

test('counts are those of all entries, with the index and without it, at the ends of days and years', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aResult, { maxLength: 12 }),
      aQuery,
      fc.constantFrom('days', 'index', 'wide'),
      async (results, query, how) => {
        const world = await sealed(results, how !== 'days', how === 'wide' ? 'orders' : undefined);
        const { by, ...period } = query;
        const { groups } = await ask(world, { ...period, ...(by === 'none' ? {} : { by }) });
        const text = (rows: readonly object[]): string[] => rows.map(nameOf).toSorted();
        expect(text(groups)).toEqual(text(counted(results, query)));
      },
    ),
    { numRuns: 100 },
  );
});
