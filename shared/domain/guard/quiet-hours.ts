import { isZone, localDate } from '../calendar/calendar.ts';
import type { Instant } from '../record/ids.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Local times `HH:MM`; `24:00` is the end of the day. If `to` is not later than `from`, it is on the next day. */
export interface QuietSpan {
  readonly from: string;
  readonly to: string;
  /** On which days it begins. Absent: on every day. */
  readonly days?: readonly Weekday[];
}

/** When a lane neither deletes nor anonymises anything, because people work with the store. */
export interface QuietHours {
  readonly zone: string;
  readonly hours: readonly QuietSpan[];
}

const DAY_MINUTES = 1440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
/** Otherwise the lane could never do its work. */
const LEAST_FREE_MINUTES = 60;

/**
 * The end of the quiet time that contains this instant, together with those that follow it without a gap; nothing if the
 * lane may work. A local time that the clock skips or shows twice makes a quiet time longer, never shorter.
 */
export function quietUntil({ zone, hours }: QuietHours, now: Instant): Instant | undefined {
  let until = now;
  // At least an hour of each week is free, so this ends within a week's spans.
  for (let spans = 0; spans <= 7 * hours.length + 1; spans += 1) {
    const end = Math.max(-Infinity, ...hours.map((span) => endOfSpan(span, zone, until) ?? -Infinity));
    if (end <= until) break;
    until = end;
  }
  return until === now ? undefined : until;
}

/** The end of the span if it contains the instant. It may have begun on the day before. */
function endOfSpan(span: QuietSpan, zone: string, instant: Instant): Instant | undefined {
  const today = localDate({ kind: 'instant', at: instant }, zone);
  const ends = [today.subtract({ days: 1 }), today].flatMap((day) => {
    const name = WEEKDAYS[day.dayOfWeek - 1];
    if (name === undefined || span.days?.includes(name) === false) return [];
    const at = (minutes: number, which: 'earlier' | 'later'): Instant =>
      day
        .add({ days: Math.floor(minutes / DAY_MINUTES) })
        .toPlainDateTime({ hour: Math.floor((minutes % DAY_MINUTES) / 60), minute: minutes % 60 })
        .toZonedDateTime(zone, { disambiguation: which }).epochMilliseconds;
    const { from, to } = minutesOf(span);
    const [start, end] = [at(from, 'earlier'), at(to, 'later')];
    return start <= instant && instant < end ? [end] : [];
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function minutesOf({ from, to }: QuietSpan): { readonly from: number; readonly to: number } {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [start, end] = [minutes(from), minutes(to)];
  return { from: start, to: end > start ? end : end + DAY_MINUTES };
}

/** What is wrong with them, and what to write. */
export function quietProblem({ zone, hours }: QuietHours): string | undefined {
  if (!isZone(zone)) return `"${zone}" is not a time zone; write one such as \`Europe/Vienna\``;
  const isQuiet = new Uint8Array(WEEK_MINUTES);
  for (const span of hours) {
    const { from, to } = minutesOf(span);
    for (const day of span.days ?? WEEKDAYS) {
      const start = WEEKDAYS.indexOf(day) * DAY_MINUTES;
      for (let minute = from; minute < to; minute += 1) isQuiet[(start + minute) % WEEK_MINUTES] = 1;
    }
  }
  // Twice around the week, because a free time may go over its end.
  let free = 0;
  for (let minute = 0; minute < 2 * WEEK_MINUTES; minute += 1) {
    free = isQuiet[minute % WEEK_MINUTES] === 1 ? 0 : free + 1;
    if (free >= LEAST_FREE_MINUTES) return undefined;
  }
  return 'these quiet hours leave the lane no hour of the week in which it can work; leave at least one hour free';
}
