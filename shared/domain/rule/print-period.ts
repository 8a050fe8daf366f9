import { isSetting } from './ast.ts';
import { UNITS } from '../calendar/units.ts';
import type { Period } from './ast.ts';
import type { CalendarUnit, Unit } from '../calendar/units.ts';

/** `7 years and 6 months`, largest unit first. */
export function printPeriod(period: Period): string {
  if (isSetting(period)) return `{${period.setting}}`;
  const { holidays = [] } = period;
  const parts = UNITS.flatMap((unit) => {
    const amount = period[unit];
    if (amount === undefined) return [];
    const except = unit === 'workingDays' && holidays.length > 0 ? ` except ${holidays.join(', ')}` : '';
    return [`${amount} ${named(unit, amount)}${except}`];
  });
  return parts.join(' and ');
}

function named(unit: Unit, amount: number): string {
  const name = unit === 'workingDays' ? 'working days' : unit;
  return amount === 1 ? name.slice(0, -1) : name;
}

export function printUnit(unit: CalendarUnit): string {
  if (typeof unit === 'object') return `year ending ${unit.yearEnding}`;
  return unit === 'tax-year' ? 'UK tax year' : unit.replace('-', ' ');
}

/** A text as the language quotes it. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
