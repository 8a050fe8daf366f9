import { formatInstant } from '../calendar/calendar.ts';
import type { Step } from '../evaluate/step.ts';
import type { Instant } from '../record/ids.ts';
import { ADDED_AS, UNITS } from '../calendar/units.ts';
import type { Duration } from '../calendar/units.ts';

const MINUTE = 60_000;
/** By how much clocks are put back somewhere in the world. */
const PUT_BACK = [20, 30, 60, 120, 180].map((minutes) => minutes * MINUTE);

/** What a clock change did to a time that a period reaches: a sentence with a space before it, or nothing. */
export function clockChangeOf(
  { kind, period, from, to }: Extract<Step, { kind: 'added' | 'subtracted' }>,
  zone: string,
): string {
  if (from.kind !== 'instant' || to.kind !== 'instant' || !movesDate(period)) return '';
  const exact = exactOf(period);
  return clockChange(timeOf(from.at, zone), to.at + (kind === 'added' ? -exact : exact), zone);
}

/** `wanted`: the local time that was looked for on the day of `reached`. */
export function clockChange(wanted: string, reached: Instant, zone: string): string {
  const found = timeOf(reached, zone);
  if (found !== wanted)
    return ` The clock skips ${wanted} on that day, so the time moves forward to ${found}.`;
  const again = PUT_BACK.some((by) => localOf(reached + by, zone) === localOf(reached, zone));
  return again ? ` The clock shows ${wanted} twice on that day, and the earlier one counts.` : '';
}

function movesDate(period: Duration): boolean {
  return UNITS.some((unit) => typeof ADDED_AS[unit] !== 'number' && (period[unit] ?? 0) > 0);
}

/** Milliseconds of exact time. */
function exactOf(period: Duration): number {
  return UNITS.reduce((sum, unit) => {
    const as = ADDED_AS[unit];
    return typeof as === 'number' ? sum + (period[unit] ?? 0) * as : sum;
  }, 0);
}

/** Without its offset. */
function localOf(at: Instant, zone: string): string {
  return formatInstant(at, zone).replace(/[+-]\d\d:\d\d$/, '');
}

function timeOf(at: Instant, zone: string): string {
  return localOf(at, zone).replace(/^.*T/, '');
}
