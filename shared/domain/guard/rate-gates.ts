import { hourOf, minuteOf } from '../calendar/utc-time.ts';
import type { Instant } from '../record/ids.ts';
import type { GuardCode } from '../record/waiting.ts';
import { type Gate, type LaneGuard, type Room, takenIn } from './lane-guard.ts';
import { type QuietHours, quietUntil } from './quiet-hours.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

interface Rate {
  readonly field: 'hour' | 'minute';
  readonly most: number;
  readonly code: GuardCode;
  readonly start: Instant;
  readonly length: number;
}

/** The most records that a lane deletes or masks in an hour. A restriction protects a person: it neither waits nor counts. */
export function hourGate(most: number, now: Instant): Gate {
  return rateGate(rateOfHour(most, now));
}

/** The most records that it deletes or masks in a minute. */
export function minuteGate(most: number, now: Instant): Gate {
  return rateGate(rateOfMinute(most, now));
}

/** What nothing more is let through by, before anything was asked. */
export function fullRate(
  guard: LaneGuard,
  { hourlyCap, recordsPerMinute }: { readonly hourlyCap: number; readonly recordsPerMinute?: number },
  now: Instant,
): Room | undefined {
  const minute = recordsPerMinute === undefined ? [] : [rateOfMinute(recordsPerMinute, now)];
  const rooms = [rateOfHour(hourlyCap, now), ...minute].map((rate) => roomOf(guard, rate));
  return rooms.find(({ records }) => records <= 0);
}

function rateOfHour(most: number, now: Instant): Rate {
  return { field: 'hour', most, code: 'HOURLY_CAP', start: hourOf(now), length: HOUR };
}

function rateOfMinute(most: number, now: Instant): Rate {
  return { field: 'minute', most, code: 'MINUTE_RATE', start: minuteOf(now), length: MINUTE };
}

function roomOf(guard: LaneGuard, { field, most, code, start, length }: Rate): Room {
  const taken = takenIn(guard[field], start, length);
  return { records: most - taken.count, code, until: taken.at + length };
}

function rateGate(rate: Rate): Gate {
  const { field, start, length } = rate;
  return {
    room: (guard, { destroys }) => (destroys ? roomOf(guard, rate) : undefined),
    took(guard, { destroys }, records) {
      if (!destroys) return guard;
      const taken = takenIn(guard[field], start, length);
      return { ...guard, [field]: { at: taken.at, count: taken.count + records } };
    },
  };
}

/** Nothing is deleted or masked in quiet hours. Restrictions are carried out: they protect people, and destroy nothing. */
export function quietGate(quiet: QuietHours, now: Instant): Gate {
  const until = quietUntil(quiet, now);
  return {
    room: (_guard, { destroys }) =>
      until === undefined || !destroys ? undefined : { records: 0, code: 'QUIET_HOURS', until },
  };
}
