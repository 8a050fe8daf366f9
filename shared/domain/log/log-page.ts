import type { SealedIndex } from '../record/work.ts';

/** Results of one store and day, in the order of the log: which entries they have, and where. */
export interface LogPage extends LogPageKey {
  /** 0 where nothing is stored. */
  readonly version: number;
  /** It has no entry of the log from this one on, and the pages up to it lack none before it. */
  readonly until: number;
  /** Absent where they do not fit: then the day's results have to be read one by one. */
  readonly results?: readonly SealedIndex[];
}

export interface LogPageKey {
  /** Which index of the log it is in. */
  readonly index: number;
  /** `YYYY-MM-DD` (UTC). */
  readonly day: string;
  readonly store: string;
  /** The day's pages have the numbers from 0 on. */
  readonly page: number;
}

/** Rules, and for each result its token without the day, first line, lines, and sums by the rule's place. */
export type PackedResults = readonly [
  rules: readonly string[],
  results: readonly (readonly [
    token: string,
    first: number,
    count: number,
    sums: readonly (readonly [rule: number, outcome: string, entries: number, records: number])[],
  ])[],
];

const DAY = 'YYYY-MM-DD'.length;
/** As JSON; a batch makes a page longer than this once. Each batch writes the last page again, so it is short. */
const FULL_BYTES = 32_000;
/** An item of the table may have 400 KB, and what is compressed is hardly ever longer than before. */
const MOST_BYTES = 340_000;

export function isFull({ results }: LogPage): boolean {
  return results === undefined || sizeOf(results) >= FULL_BYTES;
}

/** The page with these results, too, which were put into the log up to `until`. */
export function pageWith(former: LogPage, more: readonly SealedIndex[], until: number): LogPage {
  const { results: known = [], ...page } = former;
  const results = [...known, ...more];
  const next = { ...page, version: page.version + 1, until };
  return sizeOf(results) > MOST_BYTES ? next : { ...next, results };
}

function sizeOf(results: readonly SealedIndex[]): number {
  return JSON.stringify(packResults(results)).length;
}

export function packResults(results: readonly SealedIndex[]): PackedResults {
  const rules = new Map<string, number>();
  const placeOf = (rule: string): number => {
    const place = rules.get(rule) ?? rules.size;
    rules.set(rule, place);
    return place;
  };
  const packed = results.map(
    ({ token, first, count, sums = [] }) =>
      [
        token.slice(DAY),
        first,
        count,
        sums.map(
          ({ rule, outcome, entries, records }) => [placeOf(rule), outcome, entries, records] as const,
        ),
      ] as const,
  );
  return [[...rules.keys()], packed];
}

export function unpackResults(
  { day, store }: Pick<LogPageKey, 'day' | 'store'>,
  [rules, results]: PackedResults,
): readonly SealedIndex[] {
  return results.map(([time, first, count, packed]) => {
    const sums = packed.map(([rule, outcome, entries, records]) => ({
      rule: rules[rule] ?? '',
      outcome,
      entries,
      records,
    }));
    const outcomes: Record<string, number> = {};
    for (const { outcome, entries } of sums) outcomes[outcome] = (outcomes[outcome] ?? 0) + entries;
    return {
      token: `${day}${time}`,
      first,
      count,
      store,
      rules: [...new Set(sums.map(({ rule }) => rule))],
      outcomes,
      sums,
    };
  });
}
