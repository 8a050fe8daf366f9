import { describe, expect, test } from 'vitest';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { present } from '../../../shared/domain/present.ts';
import { apiWorld } from '../../support/api-world.ts';
import { indexedLog, type Shape } from '../../support/log/indexed-log.ts';

const STORES = ['orders', 'invoices'];
const RULES = ['1 year after a', '2 years after b', '3 years after c'];

type World = ReturnType<typeof apiWorld>;

async function pageOf(world: World, query: object): Promise<LogAnswer> {
  const answer = await world.call('auditor', '/v1/log/entries/query', query);
  expect(answer.status).toBe(200);
  return answer.body as unknown as LogAnswer;
}

/** Every tenth entry of a result is a failure of another rule than all else. */
function mixed(results: number, days: number, entries = 100): Shape {
  return {
    from: '2026-03-01',
    days,
    results,
    store: (number) => STORES[number % 2] ?? '',
    lines: (number) =>
      Array.from({ length: entries }, (_, line) =>
        (number + line) % 10 === 0
          ? { rule: RULES[(number + 1) % 3] ?? '', outcome: 'failed' }
          : { rule: RULES[number % 3] ?? '', outcome: 'deleted' },
      ),
  };
}

/** Deletions of one rule; two entries, the first and one of the last, are of another rule and failed. */
function rare(results: number, days: number): Shape {
  return {
    ...mixed(results, days),
    from: '2016-01-01',
    lines: (number) =>
      Array.from({ length: 100 }, (_, line) =>
        line === 50 && (number === 0 || number === results - 1)
          ? { rule: 'the rare one', outcome: 'failed' }
          : { rule: RULES[0] ?? '', outcome: 'deleted' },
      ),
  };
}

const MONTH = { from: '2026-03-01', to: '2026-03-31' };
const DECADE = { from: '2016-01-01', to: '2026-01-01' };

const FILTERS = [
  {},
  { store: 'invoices' },
  { rule: '2 years after b' },
  { outcome: 'failed' },
  { store: 'orders', rule: '3 years after c', outcome: 'failed' },
  { rule: '1 year after a', outcome: 'deleted' },
] as const;

/** For each of these queries, how many requests its first page takes, and how many entries it has. */
async function firstPages(
  shape: Shape,
  queries: readonly object[],
): Promise<readonly { readonly requests: number; readonly found: number }[]> {
  const world = apiWorld('2036-05-01T00:00:00Z');
  const counted = await indexedLog(world, shape);
  const pages = [];
  for (const query of queries) {
    const before = counted.requests;
    const { entries } = await pageOf(world, query);
    pages.push({ requests: counted.requests - before, found: entries.length });
  }
  return pages;
}

describe('a page of 100 entries', () => {
  test('takes the same few requests for every filter in a month of 10⁴, 10⁵ and 10⁶ entries', async () => {
    const queries = FILTERS.map((filter) => ({ ...MONTH, ...filter }));
    const small = await firstPages(mixed(100, 30), queries);
    for (const { requests, found } of small) expect([requests <= 5, found]).toEqual([true, 100]);
    for (const results of [1000, 10_000])
      expect(await firstPages(mixed(results, 30), queries)).toEqual(small);
  });

  test('takes at most 10 requests where each result has one entry', async () => {
    const queries = FILTERS.map((filter) => ({ ...MONTH, ...filter }));
    for (const results of [3000, 30_000])
      for (const { requests, found } of await firstPages(mixed(results, 30, 1), queries))
        expect([requests <= 10, found]).toEqual([true, 100]);
  });

  test('that is not full, because two entries in 10⁴, 10⁵ or 10⁶ of ten years match, takes 5', async () => {
    const filters = [{ rule: 'the rare one' }, { outcome: 'failed' }, { store: 'orders', outcome: 'failed' }];
    const queries = filters.map((filter) => ({ ...DECADE, ...filter }));
    for (const results of [100, 1000, 10_000]) {
      const pages = await firstPages(rare(results, 3650), queries);
      expect(pages.map(({ found }) => found)).toEqual([2, 2, 1]);
      // How far the index is, its months, one page of each day, and the results. Of one store, months come by their names.
      expect(pages.map(({ requests }) => requests)).toEqual([5, 5, 6]);
    }
  });

  test('of what the log does not have takes at most 4 in ten years, and says that no more follows', async () => {
    const world = apiWorld('2036-05-01T00:00:00Z');
    const counted = await indexedLog(world, rare(1000, 3650));
    const page = await pageOf(world, { ...DECADE, rule: 'none' });
    expect(page).toEqual({ entries: [], actions: [] });
    expect([counted.requests <= 4, counted.read]).toEqual([true, 0]);
  });

  test('is followed by others, all of which together are all matches, each with few requests', async () => {
    const world = apiWorld('2036-05-01T00:00:00Z');
    const counted = await indexedLog(world, mixed(200, 30));
    const shown: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const before = counted.requests;
      const page = await pageOf(world, {
        ...MONTH,
        store: 'orders',
        outcome: 'failed',
        ...present({ cursor }),
      });
      expect(counted.requests - before).toBeLessThanOrEqual(10);
      shown.push(...page.entries.map(({ token, line }) => `${token} ${String(line).padStart(2, '0')}`));
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(10);
    expect(new Set(shown).size).toBe(1000);
    expect(shown).toEqual(shown.toSorted());
  });
});
