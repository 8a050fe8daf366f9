import type { SealedIndex } from '../record/work.ts';

/** What the log has of one store and month: how many entries of each rule and outcome, on each day. */
export interface LogMonth extends LogMonthKey {
  /** 0 where nothing is stored. */
  readonly version: number;
  /** All entries of the log before this one are counted, and none from here on. */
  readonly until: number;
  readonly rules: readonly string[];
  /** Each rule and outcome once. Absent where they do not fit: then the pages of the month's days have to be read. */
  readonly sums?: readonly MonthSum[];
  /** Each day with lines once. */
  readonly days: readonly MonthDay[];
}

export interface LogMonthKey {
  /** Which index of the log it is in. One that is made again has another number. */
  readonly index: number;
  /** `YYYY-MM` (UTC), of the times when attempts began. */
  readonly month: string;
  /** Empty for lines that are about no store, or all of them. */
  readonly store: string;
}

export interface MonthSum {
  /** Its place in `rules`. */
  readonly rule: number;
  readonly outcome: string;
  /** For each day of the month, 1 to 31, the number of entries, and of the records that they are about. */
  readonly days: readonly (readonly [day: number, entries: number, records: number])[];
}

export interface MonthDay {
  /** 1 to 31. */
  readonly day: number;
  /** How many pages of the index it has. */
  readonly pages: number;
  /** Entries, and lines about what operators or facts did. */
  readonly lines: number;
}

/** As JSON. An item of the table may have 400 KB, and what is compressed is hardly ever longer than before. */
const MOST_BYTES = 340_000;

export function emptyMonth(key: LogMonthKey): LogMonth {
  const { index, month, store } = key;
  return { index, month, store, version: 0, until: 0, rules: [], sums: [], days: [] };
}

/** The month with these results of it, which were put into the log up to `until`; `pages` says how many each day has now. */
export function monthWith(
  former: LogMonth,
  results: readonly SealedIndex[],
  { until, pages }: { readonly until: number; readonly pages: ReadonlyMap<number, number> },
): LogMonth {
  const rules = new Map(former.rules.map((rule, at) => [rule, at]));
  const sums = former.sums && new Map(former.sums.map((sum) => [nameOf(sum), daysOf(sum)]));
  const lines = new Map(former.days.map(({ day, lines: known }) => [day, known]));
  const pagesOf = new Map([...former.days.map((one) => [one.day, one.pages] as const), ...pages]);
  for (const result of results) {
    const day = dayOf(result.token);
    lines.set(day, (lines.get(day) ?? 0) + result.count);
    for (const { rule, outcome, entries, records } of sums === undefined ? [] : (result.sums ?? [])) {
      if (!rules.has(rule)) rules.set(rule, rules.size);
      const name = nameOf({ rule: rules.get(rule) ?? 0, outcome });
      const days = sums?.get(name) ?? new Map<number, readonly [number, number]>();
      const [formerEntries, formerRecords] = days.get(day) ?? [0, 0];
      days.set(day, [formerEntries + entries, formerRecords + records]);
      sums?.set(name, days);
    }
  }
  const next: LogMonth = {
    ...former,
    version: former.version + 1,
    until,
    rules: [...rules.keys()],
    days: [...lines].map(([day, count]) => ({ day, pages: pagesOf.get(day) ?? 0, lines: count })),
    ...(sums && { sums: [...sums].map(([name, days]) => sumOf(name, days)) }),
  };
  if (sums === undefined || JSON.stringify(next).length <= MOST_BYTES) return next;
  const { sums: _sums, ...wide } = next;
  return { ...wide, rules: [] };
}

/** In maps: one month of one store. */
export function monthName({ month, store }: Pick<LogMonthKey, 'month' | 'store'>): string {
  return `${month} ${store}`;
}

/** A day of a month, 1 to 31, as `YYYY-MM-DD`. */
export function dateOf(month: string, day: number): string {
  return `${month}-${String(day).padStart(2, '0')}`;
}

export function dayOf(token: string): number {
  return Number(token.slice('YYYY-MM-'.length, 'YYYY-MM-DD'.length));
}

type DayCounts = Map<number, readonly [entries: number, records: number]>;

function nameOf({ rule, outcome }: Pick<MonthSum, 'rule' | 'outcome'>): string {
  return `${rule} ${outcome}`;
}

function daysOf({ days }: MonthSum): DayCounts {
  return new Map(days.map(([day, entries, records]) => [day, [entries, records]]));
}

function sumOf(name: string, days: DayCounts): MonthSum {
  const [rule = '', outcome = ''] = name.split(' ');
  return {
    rule: Number(rule),
    outcome,
    days: [...days].map(([day, [entries, records]]) => [day, entries, records]),
  };
}
