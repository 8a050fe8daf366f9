import { parts } from '../../../shared/domain/each.ts';
import { codeOf } from '../../../shared/domain/error-code.ts';
import { type MonthOfStore, monthsKnown } from '../../../shared/domain/log/known-months.ts';
import { type LogMonth, monthName } from '../../../shared/domain/log/log-month.ts';
import type { LogPageKey } from '../../../shared/domain/log/log-page.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { writtenOf } from '../../../shared/protocol/log/index-log.ts';
import type { LogIndexed } from '../../../shared/ports/results.ts';
import type { ApiPorts } from '../api-ports.ts';

type Registry = Pick<ApiPorts, 'registry'>;

/** Months of the index, or pages of it, that are read with one request. */
const KEYS_AT_ONCE = 100;
/** Of more months those of all stores are read: for most of them the log has nothing. */
const MONTHS_OF_A_STORE = 200;

/** Of which store, if not of all. */
export interface Period {
  readonly indexed: LogIndexed;
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  readonly store?: string | undefined;
}

/**
 * Answers with the log's index, if all from this time on that has its place in the log is in it, and by the days' own index
 * items else: for as long as it is being made or is behind, for what was dropped before it was begun, and where a part of it
 * is lost or cannot be read.
 */
export async function withIndex<Of extends object>(
  { registry }: Registry,
  from: Instant,
  {
    byIndex,
    byDays,
  }: { readonly byIndex: (index: LogIndexed) => Promise<Of>; readonly byDays: () => Promise<Of> },
): Promise<Of> {
  // The head first: an index that is read later has as much, unless it is behind.
  const written = writtenOf(await registry.head());
  const indexed = await unlessLost(() => registry.logIndexed());
  if (indexed === undefined) return byDays();
  const { version, until, since = from } = indexed;
  if (version === 0 || until < written || from < since) return byDays();
  return (await unlessLost(() => byIndex(indexed))) ?? byDays();
}

async function unlessLost<Of>(read: () => Promise<Of>): Promise<Of | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!NOT_READ.includes(codeOf(error))) throw error;
    return undefined;
  }
}

const NOT_READ = ['LOG_INDEX_LOST', 'ITEM_INVALID', 'ITEM_SCHEMA_UNKNOWN'];

/** The index does not have a month that it had. */
class MonthLost extends Error {
  readonly code = 'LOG_INDEX_LOST';
  constructor() {
    super(
      'The index of the deletion log has lost a month. Filters read the days of their period one by one.',
    );
    this.name = 'MonthLost';
  }
}

/** A month of the log: what each store has in it. */
export interface StoresOfMonth {
  readonly month: string;
  readonly stores: readonly LogMonth[];
}

/** In order; of months in which the log has nothing, none. */
export async function* monthsOf({ registry }: Registry, period: Period): AsyncGenerator<StoresOfMonth> {
  const { store, indexed } = period;
  const { index, months = [] } = indexed;
  const from = monthOf(period.from);
  const to = monthOf(period.to - 1);
  const missing = monthsMissing(monthsKnown(months, { from, to, store }));
  const keys = store === undefined ? [] : monthsBetween(from, to).map((month) => ({ index, month, store }));
  if (keys.length > 0 && keys.length <= MONTHS_OF_A_STORE) {
    for (const some of parts(keys, KEYS_AT_ONCE)) {
      const found = (await registry.logMonths(some)).toSorted(byMonth);
      missing.assertNone(found, some.at(-1)?.month);
      for (const one of found) yield { month: one.month, stores: [one] };
    }
    return;
  }
  let stores: LogMonth[] = [];
  let after: string | undefined;
  do {
    const page = await registry.logMonthsBetween({ index, from, to, ...present({ after }) });
    for (const one of page.items) {
      if (store !== undefined && one.store !== store) continue;
      const [known] = stores;
      if (known !== undefined && known.month !== one.month) {
        missing.assertNone(stores, known.month);
        yield { month: known.month, stores };
        stores = [];
      }
      stores.push(one);
    }
    after = page.next;
  } while (after !== undefined);
  missing.assertNone(stores);
  const [known] = stores;
  if (known !== undefined) yield { month: known.month, stores };
}

/** Of those that the index has, which were not found. */
function monthsMissing(expected: readonly MonthOfStore[]) {
  let at = 0;
  return {
    /** `to`: all months up to this one have been read. */
    assertNone(found: readonly MonthOfStore[], to = '9999-12'): void {
      const names = new Set(found.map(monthName));
      for (let one = expected[at]; one !== undefined && one.month <= to; one = expected[at]) {
        if (!names.has(monthName(one))) throw new MonthLost();
        at += 1;
      }
    },
  };
}

function byMonth(a: LogMonth, b: LogMonth): number {
  return a.month < b.month ? -1 : 1;
}

/** What a store has on a day, as its month says. */
export interface DayOfStore {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly month: LogMonth;
  readonly pages: number;
}

/** In their order by token. Where a page is missing, the day's results are read one by one. */
export async function resultsOn(
  { registry }: Registry,
  days: readonly DayOfStore[],
): Promise<readonly SealedIndex[]> {
  const keys = days.flatMap(({ day, month: { index, store }, pages }) =>
    Array.from({ length: pages }, (_, page): LogPageKey => ({ index, day, store, page })),
  );
  const found = new Map<string, readonly SealedIndex[]>();
  for (const some of parts(keys, KEYS_AT_ONCE))
    for (const page of await registry.logPages(some))
      if (page.results !== undefined) found.set(nameOf(page), page.results);
  const results = keys.flatMap((key) => found.get(nameOf(key)) ?? []);
  const broken = new Set(
    keys.filter((key) => !found.has(nameOf(key))).map(({ day, store }) => `${day} ${store}`),
  );
  if (broken.size === 0) return inOrder(results);
  const whole = results.filter(({ token, store }) => !broken.has(`${dayIn(token)} ${store}`));
  for (const day of new Set([...broken].map(dayIn)))
    for (const one of await registry.sealedOfDay(day)) if (broken.has(`${day} ${one.store}`)) whole.push(one);
  return inOrder(whole);
}

function inOrder(results: readonly SealedIndex[]): readonly SealedIndex[] {
  return results.toSorted((a, b) => (a.token < b.token ? -1 : 1));
}

function dayIn(text: string): string {
  return text.slice(0, 'YYYY-MM-DD'.length);
}

function monthOf(instant: Instant): string {
  return isoUtc(instant).slice(0, 'YYYY-MM'.length);
}

function monthsBetween(from: string, to: string): readonly string[] {
  const [first, last] = [from, to].map((month) => {
    const [year = 0, number = 1] = month.split('-').map(Number);
    return year * 12 + number - 1;
  }) as [number, number];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => {
    const number = first + at;
    return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;
  });
}

function nameOf({ day, store, page }: LogPageKey): string {
  return `${day} ${store} ${page}`;
}
