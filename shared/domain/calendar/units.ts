/** The words of the calendar that rules and policies share. */

export const UNITS = [
  'years',
  'months',
  'weeks',
  'days',
  'workingDays',
  'hours',
  'minutes',
  'seconds',
] as const;
export type Unit = (typeof UNITS)[number];

/**
 * At least one unit. Added in the order years and months, weeks and days, working days, hours, minutes and seconds. `holidays`
 * are added to those of the policy.
 */
export type Duration = Readonly<Partial<Record<Unit, number>>> & { readonly holidays?: readonly string[] };

/** How each unit is added: on the calendar, day by day, or as milliseconds of exact time. */
export const ADDED_AS: Readonly<Record<Unit, 'date' | 'working day' | number>> = {
  years: 'date',
  months: 'date',
  weeks: 'date',
  days: 'date',
  workingDays: 'working day',
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
};

/** Years that end on another day in each country or company, and where the policy says on which. */
export const POLICY_YEARS = {
  'fiscal-year': 'fiscalYearEnd',
  'tax-year': 'taxYearEnd',
  'academic-year': 'academicYearEnd',
} as const;
export type PolicyYear = keyof typeof POLICY_YEARS;
/** The last days of the policy's years. */
export type YearEnds = Readonly<Partial<Record<(typeof POLICY_YEARS)[PolicyYear], YearEnd>>>;

export function isPolicyYear(unit: CalendarUnit): unit is PolicyYear {
  return typeof unit === 'string' && Object.hasOwn(POLICY_YEARS, unit);
}

/** The `nth` such weekday of a month, or with -1 the last; weekdays count from 1, Monday. */
export interface WeekdayOfMonth {
  readonly nth: 1 | 2 | 3 | 4 | -1;
  readonly weekday: number;
}
/** `month` counts from 1. */
export interface WeekdayOfYear extends WeekdayOfMonth {
  readonly month: number;
}

/** `MM-DD` (`02-29` means the last day of February), such as the last Saturday of September, or the one nearest to a day. */
export type YearEnd = string | WeekdayOfYear | { readonly weekday: number; readonly nearest: string };

/** A day, month or year. Years end on a day, or on that of the policy. */
export type CalendarUnit =
  | 'day'
  | 'month'
  | 'quarter'
  | 'calendar-year'
  | 'uk-tax-year'
  | PolicyYear
  | { readonly yearEnding: YearEnd };

/** Days on which runs take place; weekdays count from 1, Monday. */
export type RunDay =
  | 'day'
  | 'quarter'
  | { readonly weekday: number }
  | { readonly dayOfMonth: number }
  | { readonly dayOfYear: string }
  /** Of each month, or of one. */
  | { readonly weekdayOf: WeekdayOfMonth | WeekdayOfYear };

/** When people born on 29 February have their birthday in years without that day. */
export type LeapBirthday = '02-28' | '03-01';
