import type { MemoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { dateOf } from '../../../shared/domain/log/log-month.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { writtenOf } from '../../../shared/protocol/log/index-log.ts';

type Seen = Pick<
  MemoryRegistry,
  'head' | 'logIndexed' | 'allSealed' | 'allResults' | 'allLogMonths' | 'allLogPages'
>;

/**
 * What the log's index promises: it is not behind what was written, and its months and pages say of each result what the
 * result itself says, once.
 */
export async function wrongIndex(registry: Seen): Promise<string[]> {
  const { index, until, months: named = [] } = await registry.logIndexed();
  const head = await registry.head();
  const written = writtenOf(head);
  // Of a batch that is in the index, its run may have died before it said that all of it is written.
  if (until < written || until > head.size) return [`the log's index has ${until} entries of ${written}`];
  const results = new Map(registry.allResults().map((result) => [result.token, result]));
  const own = registry
    .allSealed()
    .filter(({ first }) => first < until)
    .map(({ token, first }): SealedIndex => {
      const result = results.get(token);
      if (result === undefined || 'void' in result) throw new Error(`${token} is sealed and not there`);
      return sealedIndexOf(result, first);
    })
    .toSorted((a, b) => a.first - b.first);
  const wrong: string[] = [];
  const pages = registry.allLogPages().filter((page) => page.index === index);
  const paged = pages.flatMap((page) => page.results ?? []).toSorted((a, b) => a.first - b.first);
  if (JSON.stringify(paged.map(canonical)) !== JSON.stringify(own.map(canonical)))
    wrong.push('the pages of the index are not the results of the log');
  const months = registry.allLogMonths().filter((month) => month.index === index);
  const counted = months.flatMap(({ month, store, rules, sums = [], days }) => [
    ...sums.flatMap(({ rule, outcome, days: counts }) =>
      counts.map(([day, entries, records]) =>
        JSON.stringify([dateOf(month, day), store, rules[rule], outcome, entries, records]),
      ),
    ),
    ...days.map(({ day, lines, pages: count }) => JSON.stringify([dateOf(month, day), store, lines, count])),
  ]);
  if (JSON.stringify(counted.toSorted()) !== JSON.stringify(countsOf(own, pages).toSorted()))
    wrong.push('the months of the index do not count what the log has');
  const known = named.flatMap(([store, all]) => all.map((month) => `${month} ${store}`));
  const there = months.map((of) => ({ name: `${of.month} ${of.store}`, isCounted: of.until <= until }));
  const isMissing = there.some(({ name, isCounted }) => isCounted && !known.includes(name));
  if (isMissing || known.some((name) => there.every((one) => one.name !== name)))
    wrong.push('the index does not say which months it has');
  return wrong;
}

function canonical({ token, first, count, store, sums }: SealedIndex): unknown[] {
  return [token, first, count, store, sums];
}

function countsOf(
  results: readonly SealedIndex[],
  pages: readonly { readonly day: string; readonly store: string }[],
): readonly string[] {
  const counted: string[] = [];
  const byDay = Map.groupBy(results, ({ token, store }) => JSON.stringify([token.slice(0, 10), store]));
  for (const [name, own] of byDay) {
    const [day = '', store = ''] = JSON.parse(name) as [string?, string?];
    const lines = own.reduce((all, { count }) => all + count, 0);
    const count = pages.filter((page) => page.day === day && page.store === store).length;
    counted.push(JSON.stringify([day, store, lines, count]));
    const sums = Map.groupBy(
      own.flatMap((result) => result.sums ?? []),
      ({ rule, outcome }) => JSON.stringify([rule, outcome]),
    );
    for (const same of sums.values()) {
      const [{ rule, outcome }] = same as [(typeof same)[number]];
      const entries = same.reduce((all, sum) => all + sum.entries, 0);
      const records = same.reduce((all, sum) => all + sum.records, 0);
      counted.push(JSON.stringify([day, store, rule, outcome, entries, records]));
    }
  }
  return counted;
}
