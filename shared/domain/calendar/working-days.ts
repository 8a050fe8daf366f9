/** Which days are worked. Policies have these fields. */
export interface WorkingCalendar {
  /** `YYYY-MM-DD`, or `MM-DD` for that day of every year. Empty: there are none. */
  readonly holidays?: readonly string[];
  /** Weekdays from 1, Monday. Default: Saturday and Sunday. */
  readonly weekend?: readonly number[];
  /** Single days (`YYYY-MM-DD`) that are worked although they are in a weekend. */
  readonly workdays?: readonly string[];
}

/** What counting needs to know of a date. */
interface Day<Self> {
  readonly year: number;
  readonly dayOfWeek: number;
  add(period: { readonly days: number }): Self;
  toString(): string;
}

export type Counted<Of> =
  | {
      readonly kind: 'reached';
      readonly day: Of;
      /** Holidays that would have counted otherwise. */
      readonly skipped: readonly string[];
    }
  /** The span leaves the years that the list of holidays covers. */
  | { readonly kind: 'not-covered'; readonly year: number; readonly covered: Years }
  /** Hardly any day is a working day. */
  | { readonly kind: 'beyond' };

interface Years {
  readonly from: number;
  readonly to: number;
}

const WEEKEND: readonly number[] = [6, 7];
/** A list that names ten years of holidays in a row is a mistake. */
const MOST_IN_A_ROW = 3660;

/** The years from the first to the last dated holiday; a list without dates covers all years. */
function coveredYears({ holidays = [] }: WorkingCalendar): Years | 'all' {
  const years = holidays.filter(isDated).map((day) => Number(day.slice(0, 4)));
  return years.length === 0 ? 'all' : { from: Math.min(...years), to: Math.max(...years) };
}

function isDated(holiday: string): boolean {
  return holiday.length === 10;
}

/** What contradicts itself in a calendar: sentences that say what to do. */
export function workingDayMistakes({ holidays = [], weekend = WEEKEND, workdays = [] }: WorkingCalendar): {
  readonly key: keyof WorkingCalendar;
  readonly message: string;
}[] {
  const both = workdays.filter((day) => holidays.some((holiday) => day.endsWith(holiday)));
  return [
    ...(new Set(weekend).size < 7
      ? []
      : [
          {
            key: 'weekend' as const,
            message: 'every weekday is in the weekend; leave out those that are worked',
          },
        ]),
    ...both.map((day) => ({
      key: 'workdays' as const,
      message: `${day} is both a holiday and a working day; remove it from one of the two lists`,
    })),
  ];
}

interface Prepared {
  readonly holidays: ReadonlySet<string>;
  readonly weekend: ReadonlySet<number>;
  readonly workdays: ReadonlySet<string>;
  readonly covered: Years | 'all';
}

const prepared = new WeakMap<WorkingCalendar, Prepared>();

function preparedOf(calendar: WorkingCalendar): Prepared {
  const known = prepared.get(calendar);
  if (known !== undefined) return known;
  const { holidays = [], weekend = WEEKEND, workdays = [] } = calendar;
  const made = {
    holidays: new Set(holidays),
    weekend: new Set(weekend),
    workdays: new Set(workdays),
    covered: coveredYears(calendar),
  };
  prepared.set(calendar, made);
  return made;
}

/**
 * The `count`-th working day after (of a negative number: before) `from`, which itself does not count. `except` are more
 * holidays. A holiday is not worked even if it is also a working day of the list.
 */
export function countWorkingDays<Of extends Day<Of>>(
  from: Of,
  count: number,
  calendar: WorkingCalendar,
  except: readonly string[] = [],
): Counted<Of> {
  const { holidays, weekend, workdays, covered } = preparedOf(calendar);
  const skipped: string[] = [];
  let day = from;
  let idle = 0;
  for (let left = Math.abs(count); left > 0;) {
    day = day.add({ days: Math.sign(count) });
    if (covered !== 'all' && (day.year < covered.from || day.year > covered.to))
      return { kind: 'not-covered', year: day.year, covered };
    const date = day.toString();
    const isWorked = !weekend.has(day.dayOfWeek) || workdays.has(date);
    const isHoliday = holidays.has(date) || holidays.has(date.slice(-5)) || except.includes(date);
    if (isWorked && isHoliday) skipped.push(date);
    idle = isWorked && !isHoliday ? 0 : idle + 1;
    if (idle === 0) left -= 1;
    else if (idle > MOST_IN_A_ROW) return { kind: 'beyond' };
  }
  return { kind: 'reached', day, skipped };
}
