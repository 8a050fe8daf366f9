import { roundDownToMinute, roundUpToMinute } from '../calendar/calendar.ts';
import type { Instant } from '../record/ids.ts';
import type { Window } from '../record/window.ts';

/** When a stage is to be done: never before the floor, whatever bound is there. */
export function actAtOf(
  { notBefore, notAfter, floor }: Pick<Window, 'notBefore' | 'notAfter' | 'floor'>,
  leadSeconds: number,
): Instant {
  if (notBefore !== undefined) return Math.max(roundUpToMinute(notBefore), floor);
  if (notAfter === undefined) return floor;
  return Math.max(floor, roundDownToMinute(notAfter) - leadSeconds * 1000);
}
