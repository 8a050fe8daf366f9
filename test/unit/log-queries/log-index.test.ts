import { describe, expect, test } from 'vitest';
import { emptyMonth, monthWith } from '../../../shared/domain/log/log-month.ts';
import { isFull, type LogPage, pageWith } from '../../../shared/domain/log/log-page.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { anEntry } from '../../support/log/indexed-log.ts';

const STORE = 'orders';
const KEY = { index: 1, month: '2026-03', store: STORE };

/** A result of one entry of a rule. */
function aResult(number: number, rule: string, day = '2026-03-01'): SealedIndex {
  const token = `${day}T10.${String(number).padStart(6, '0')}`;
  const entries = [anEntry(token, { store: STORE, rule, outcome: 'deleted' })];
  return sealedIndexOf({ token, store: STORE, entries, lines: [] }, number);
}

/** Different from each other, and as long as a rule may be. */
const longRule = (number: number): string => String(number).padStart(2000, 'r');

describe('a month of the index', () => {
  test('with more rules than an item has room for keeps its days without them', () => {
    let month = emptyMonth(KEY);
    for (let n = 0; n < 400; n += 1)
      month = monthWith(month, [aResult(n, longRule(n))], { until: n + 1, pages: new Map([[1, 1]]) });
    expect(month).toEqual({
      ...KEY,
      version: 400,
      until: 400,
      rules: [],
      days: [{ day: 1, pages: 1, lines: 400 }],
    });
  });
});

describe('a page of the index', () => {
  const empty: LogPage = { ...KEY, day: '2026-03-01', page: 0, version: 0, until: 0, results: [] };

  test('is full after some hundred results', () => {
    const results = Array.from({ length: 1000 }, (_, n) => aResult(n, '1 year after a'));
    const count = results.findIndex((_, n) => isFull(pageWith(empty, results.slice(0, n), n)));
    expect([count > 300, count < 1000]).toEqual([true, true]);
  });

  test('that would not fit into an item has no results, and is full', () => {
    const results = Array.from({ length: 400 }, (_, n) => aResult(n, longRule(n)));
    const page = pageWith(empty, results, 400);
    expect([page.results, page.until, isFull(page)]).toEqual([undefined, 400, true]);
  });
});

test('a day with more results than a page has goes on with the next one, and each result is on one page', async () => {
  const registry = memoryRegistry();
  const clock = memoryClock(0);
  for (let n = 0; n < 2000; n += 20)
    await indexNext(
      { registry, clock },
      Array.from({ length: 20 }, (_, at) => aResult(n + at, '1 year after a')),
    );
  const pages = registry.allLogPages();
  expect(pages.length).toBeGreaterThan(2);
  expect(
    pages.flatMap(({ results = [] }) => results.map(({ first }) => first)).toSorted((a, b) => a - b),
  ).toEqual(Array.from({ length: 2000 }, (_, n) => n));
  expect(registry.allLogMonths()[0]?.days).toEqual([{ day: 1, pages: pages.length, lines: 2000 }]);
});
