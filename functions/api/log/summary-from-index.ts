import type { LogSummaryGroup } from '../../../shared/contract/log-summary.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { addSum } from '../../../shared/domain/log/entry-sums.ts';
import { dateOf, type LogMonth } from '../../../shared/domain/log/log-month.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { EntrySum } from '../../../shared/domain/record/work.ts';
import type { ApiPorts } from '../api-ports.ts';
import { monthsOf, type Period, resultsOn } from './indexed-days.ts';

/** After the day with which a page has this number of groups, it ends. */
export const GROUPS_A_PAGE = 1000;
/** The most days that are read for one page of stores with more rules than a month of the index has room for. */
const WIDE_DAYS_A_PAGE = 31;

interface Asked extends Period {
  readonly rule?: string | undefined;
  readonly periodOf: (date: string) => string | undefined;
}

/** Counts of the index, month by month: one request for thousands of them. */
export async function summaryFromIndex(
  ports: ApiPorts,
  asked: Asked,
): Promise<{ readonly groups: LogSummaryGroup[]; readonly next?: { readonly day: Instant } }> {
  const { rule, periodOf } = asked;
  const groups = new Map<string, LogSummaryGroup>();
  const [first, last] = [dayId(asked.from), dayId(asked.to - 1)];
  let wide = 0;
  for await (const { month, stores } of monthsOf(ports, asked)) {
    for (const day of daysIn(stores)) {
      const date = dateOf(month, day);
      if (date < first || date > last) continue;
      if (groups.size >= GROUPS_A_PAGE || wide >= WIDE_DAYS_A_PAGE)
        return { groups: [...groups.values()], next: { day: Date.parse(date) } };
      const period = present({ period: periodOf(date) });
      for (const of of stores) {
        if (of.sums === undefined) wide += 1;
        for (const sum of await sumsOn(ports, of, day))
          if (rule === undefined || sum.rule === rule) addSum(groups, { ...period, store: of.store, ...sum });
      }
    }
  }
  return { groups: [...groups.values()] };
}

function daysIn(stores: readonly LogMonth[]): readonly number[] {
  return [...new Set(stores.flatMap(({ days }) => days.map(({ day }) => day)))].toSorted((a, b) => a - b);
}

/** What a store has on a day; read from its results, where its month has no room for that. */
async function sumsOn(ports: ApiPorts, month: LogMonth, day: number): Promise<readonly EntrySum[]> {
  if (month.sums !== undefined)
    return month.sums.flatMap(({ rule, outcome, days }) =>
      days
        .filter(([of]) => of === day)
        .map(([, entries, records]) => ({ rule: month.rules[rule] ?? '', outcome, entries, records })),
    );
  const pages = month.days.find((one) => one.day === day)?.pages ?? 0;
  const results = await resultsOn(ports, [{ day: dateOf(month.month, day), month, pages }]);
  return results.flatMap(({ sums = [] }) => sums);
}
