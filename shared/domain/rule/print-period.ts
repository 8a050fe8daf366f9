import { isSetting } from './ast.ts';
import { UNITS } from '../calendar/units.ts';
import type { AttributeReference, Period } from './ast.ts';
import type { CalendarUnit, Unit, WeekdayOfMonth, YearEnd } from '../calendar/units.ts';
import { MONTHS, UNIT_NAMES, WEEKDAYS } from './words.ts';

/** `7 years and 6 months`, largest unit first. */
export function printPeriod(period: Period): string {
  if (isSetting(period)) return `{${period.setting}}`;
  if ('attribute' in period) return `the period in ${printReference(period)}`;
  const { holidays = [] } = period;
  const parts = UNITS.flatMap((unit) => {
    const amount = period[unit];
    if (amount === undefined) return [];
    const except = unit === 'workingDays' && holidays.length > 0 ? ` except ${holidays.join(', ')}` : '';
    return [`${amount} ${named(unit, amount)}${except}`];
  });
  return parts.join(' and ');
}

/** `contract_term`, `term of contract.signed`. */
export function printReference({ attribute, event }: AttributeReference): string {
  return event === undefined ? attribute : `${attribute} of ${event}`;
}

function named(unit: Unit, amount: number): string {
  const name = UNIT_NAMES[unit];
  return amount === 1 ? name.slice(0, -1) : name;
}

export function printUnit(unit: CalendarUnit): string {
  if (typeof unit === 'object') {
    const { yearEnding } = unit;
    return `year ending ${typeof yearEnding === 'string' ? '' : 'the '}${printDay(yearEnding)}`;
  }
  return CALENDAR_UNIT_NAMES[unit];
}

const CALENDAR_UNIT_NAMES: Readonly<Record<Extract<CalendarUnit, string>, string>> = {
  day: 'day',
  month: 'month',
  quarter: 'quarter',
  'calendar-year': 'calendar year',
  'fiscal-year': 'fiscal year',
  'uk-tax-year': 'UK tax year',
  'tax-year': 'tax year',
  'academic-year': 'academic year',
};

/** `03-31`, `last Saturday of September` or `Saturday nearest 09-30`. */
export function printDay(day: YearEnd): string {
  if (typeof day === 'string') return day;
  if ('nearest' in day) return `${WEEKDAYS[day.weekday - 1]} nearest ${day.nearest}`;
  return `${printWeekday(day)} of ${MONTHS[day.month - 1]}`;
}

export function printWeekday({ nth, weekday }: WeekdayOfMonth): string {
  return `${nth === -1 ? 'last' : ordinal(nth)} ${WEEKDAYS[weekday - 1]}`;
}

export function ordinal(count: number): string {
  const teen = count % 100 >= 11 && count % 100 <= 13;
  return `${count}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')}`;
}

/** A text as the language quotes it. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
