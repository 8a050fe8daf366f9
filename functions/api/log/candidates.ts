import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { dateOf, type LogMonth, type MonthDay } from '../../../shared/domain/log/log-month.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import type { LogIndexed } from '../../../shared/ports/results.ts';
import type { ApiPorts } from '../api-ports.ts';
import { type DayOfStore, monthsOf, resultsOn, withIndex } from './indexed-days.ts';
import { type LogFilter, mayHold, mostMatches } from './log-filter.ts';

const DAY = 86_400_000;
/** The most days that are read one by one for one page. */
const DAYS_A_PAGE = 62;
/** The most pages of the index that are read together, and how often. */
const PAGES_AT_ONCE = 100;
const READS = 5;

/** From which token on, and at least how many lines are wanted, if there are. */
interface Wanted {
  readonly from: Instant;
  readonly to: Instant;
  readonly token?: string | undefined;
  readonly lines: number;
}

interface Candidates {
  /** Results that may have matching lines, in order. */
  readonly sealed: readonly SealedIndex[];
  /** The first day that was not looked at. */
  readonly next?: Instant;
}

/**
 * The results in which a page's lines are. With the log's index only those that have some are found, over any time: its
 * months tell the days, and the days' pages the results.
 */
export async function candidates(ports: ApiPorts, filter: LogFilter, wanted: Wanted): Promise<Candidates> {
  return withIndex(ports, wanted.from, {
    byIndex: (indexed) => byIndex(ports, filter, { ...wanted, indexed }),
    byDays: () => byDays(ports, filter, wanted),
  });
}

/** Results are listed by the day on which their attempt began, so reading the days of the period is enough. */
async function byDays(ports: ApiPorts, filter: LogFilter, wanted: Wanted): Promise<Candidates> {
  const sealed: SealedIndex[] = [];
  const firstDay = Math.floor(wanted.from / DAY) * DAY;
  let lines = 0;
  for (let day = firstDay; day < wanted.to; day += DAY) {
    if (lines > wanted.lines || day >= firstDay + DAYS_A_PAGE * DAY) return { sealed, next: day };
    const found = chosen(await ports.registry.sealedOfDay(dayId(day)), filter, wanted.token);
    sealed.push(...found);
    lines += linesIn(found, filter);
  }
  return { sealed };
}

async function byIndex(
  ports: ApiPorts,
  filter: LogFilter,
  { from, to, token, lines: most, indexed }: Wanted & { readonly indexed: LogIndexed },
): Promise<Candidates> {
  const sealed: SealedIndex[] = [];
  let lines = 0;
  let reads = 0;
  let open: DayOfStore[] = [];
  const readOpen = async (): Promise<void> => {
    const found = chosen(await resultsOn(ports, open), filter, token);
    sealed.push(...found);
    lines += linesIn(found, filter);
    reads += 1;
    open = [];
  };
  let expected = 0;
  const [first, last] = [dayId(from), dayId(to - 1)];
  for await (const { month, stores } of monthsOf(ports, { indexed, from, to, store: filter.store })) {
    for (let day = 1; day <= 31; day += 1) {
      const date = dateOf(month, day);
      if (date < first || date > last) continue;
      const some = stores.flatMap((of) => {
        const own = of.days.find((one) => one.day === day);
        const count = own === undefined ? 0 : mostOn(of, own, filter);
        return own === undefined || count === 0 ? [] : [{ day: date, month: of, pages: own.pages, count }];
      });
      if (some.length === 0) continue;
      if (lines > most || reads === READS) return { sealed, next: Date.parse(date) };
      open.push(...some);
      expected += some.reduce((all, { count }) => all + count, 0);
      const pages = open.reduce((all, one) => all + one.pages, 0);
      if (lines + expected <= most && pages < PAGES_AT_ONCE) continue;
      await readOpen();
      expected = 0;
    }
  }
  if (open.length > 0) await readOpen();
  return { sealed };
}

/** The most lines of a day that can match. If the whole day is in the period, it is their exact number. */
function mostOn(
  { rules, sums }: LogMonth,
  { day, lines }: MonthDay,
  { rule, outcome }: Pick<LogFilter, 'rule' | 'outcome'>,
): number {
  if (sums === undefined || (rule === undefined && outcome === undefined)) return lines;
  return sums
    .filter(
      (sum) => (rule ?? rules[sum.rule]) === rules[sum.rule] && (outcome ?? sum.outcome) === sum.outcome,
    )
    .flatMap(({ days }) => days.filter(([of]) => of === day))
    .reduce((all, [, entries]) => all + entries, 0);
}

function chosen(
  found: readonly SealedIndex[],
  filter: LogFilter,
  from: string | undefined,
): readonly SealedIndex[] {
  return found.filter((index) => (from === undefined || index.token >= from) && mayHold(index, filter));
}

function linesIn(sealed: readonly SealedIndex[], filter: LogFilter): number {
  return sealed.reduce((all, index) => all + mostMatches(index, filter), 0);
}
