import type { LogSummaryGroup } from '../../../shared/contract/log-summary.ts';
import { problem } from '../../../shared/contract/problem.ts';
import type { InputOf } from '../../../shared/contract/routes.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { addSum } from '../../../shared/domain/log/entry-sums.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { sumsOf } from '../../../shared/protocol/log/bundle.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { withIndex } from './indexed-days.ts';
import { readResults, RESULTS_AT_ONCE } from './read-results.ts';
import { GROUPS_A_PAGE, summaryFromIndex } from './summary-from-index.ts';

const DAY = 86_400_000;
/** The most days of the index that are read for one page. */
const DAYS_A_PAGE = 92;
/** The most results that are read for one page: of what was sealed before the index had counts. */
const RESULTS_A_PAGE = 100;

/** The first day that was not counted, or the first result of it. */
interface Place {
  readonly day: Instant;
  readonly token?: string;
}

interface Summary {
  readonly groups: LogSummaryGroup[];
  readonly next?: Place;
}

/**
 * How many entries by store, rule and outcome. The index of the log counts each entry once, so ten years take a few
 * requests. While it is being made, or is behind, the index items of results are read, a day with one request or more.
 * Nothing is written.
 */
export const queryLogSummary: Operation<'queryLogSummary'> = async (ports, { input }) => {
  const from = Date.parse(input.from);
  const to = Date.parse(input.to);
  if (from >= to) return { kind: 'problem', problem: problem('PERIOD_INVALID', 'from') };
  const { cursor: sent, ...filters } = input;
  const query = { list: 'log-summary', filters };
  const cursor = await decryptCursor<Place>(ports, query, sent);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const place = cursor.place ?? { day: from };
  // Within a day, a page goes on as the one before it.
  const byDays = () => summaryFrom(ports, input, place);
  const { groups, next } =
    place.token === undefined
      ? await withIndex<Summary>(ports, place.day, {
          byIndex: (indexed) =>
            summaryFromIndex(ports, {
              ...input,
              indexed,
              from: place.day,
              to,
              periodOf: (date) => periodOf(date, input.by),
            }),
          byDays,
        })
      : await byDays();
  return { kind: 'answer', answer: { groups, ...(await nextOf(ports, query, next)) } };
};

async function summaryFrom(
  ports: ApiPorts,
  { to, by, ...filter }: InputOf<'queryLogSummary'>,
  place: Place,
): Promise<Summary> {
  const groups = new Map<string, LogSummaryGroup>();
  const answer = (next?: Place) => ({ groups: [...groups.values()], ...present({ next }) });
  const end = Date.parse(to);
  let left = RESULTS_A_PAGE;
  for (let day = place.day; day < end; day += DAY) {
    if (day >= place.day + DAYS_A_PAGE * DAY || groups.size >= GROUPS_A_PAGE) return answer({ day });
    const after = day === place.day ? (place.token ?? '') : '';
    const sealed = (await ports.registry.sealedOfDay(dayId(day))).filter(
      (index) => index.token >= after && mayCount(index, filter),
    );
    const period = present({ period: periodOf(dayId(day), by) });
    while (sealed.length > 0) {
      const some = sealed.splice(0, RESULTS_AT_ONCE);
      const [{ token }] = some as [SealedIndex];
      const uncounted = some.filter(({ sums }) => sums === undefined).map((index) => index.token);
      if (uncounted.length > left) return answer({ day, token });
      left -= uncounted.length;
      const results = uncounted.length > 0 ? await readResults(ports, uncounted) : new Map();
      for (const { token: of, store, sums } of some)
        for (const sum of sums ?? sumsOf(results.get(of)?.entries ?? []))
          if (filter.rule === undefined || sum.rule === filter.rule)
            addSum(groups, { ...period, store, ...sum });
    }
  }
  return answer();
}

/** Whether a result may have entries that are counted. Without rules it has none at all. */
function mayCount(
  { store, rules }: SealedIndex,
  filter: Pick<InputOf<'queryLogSummary'>, 'store' | 'rule'>,
): boolean {
  return (
    (filter.store === undefined || store === filter.store) &&
    (filter.rule === undefined ? rules.length > 0 : rules.includes(filter.rule))
  );
}

/** Of a day (`YYYY-MM-DD`). */
function periodOf(date: string, by: InputOf<'queryLogSummary'>['by']): string | undefined {
  switch (by) {
    case undefined:
      return undefined;
    case 'day':
      return date;
    case 'month':
      return date.slice(0, 'YYYY-MM'.length);
    case 'quarter':
      return `${date.slice(0, 'YYYY'.length)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
  }
}
