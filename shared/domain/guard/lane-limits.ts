import * as z from 'zod';
import { list, matching, strict, text, wrong } from '../configuration/authored-schema.ts';
import { present } from '../present.ts';
import type { BreakerLimits } from './breaker.ts';
import type { SlowDown } from './pace.ts';
import { type QuietHours, WEEKDAYS } from './quiet-hours.ts';

/** What a store's lane may do, besides its hourly cap. */
export interface LaneLimits {
  /** The most records that the lane disposes of in one minute. */
  readonly recordsPerMinute?: number;
  /** When it neither deletes nor anonymises anything. */
  readonly quietHours?: QuietHours;
  /** The lane does less while the store is slow. Absent: it does not look at that. */
  readonly slowDown?: SlowDown;
  /** Nothing is done in the store: what would be done is counted. */
  readonly dryRun?: boolean;
  /** This number of records of a rule is disposed of and read back first, when it acts in this lane for the first time. */
  readonly canary?: number;
  /** What one rule may dispose of in a day, before a person is asked. */
  readonly breaker?: BreakerLimits;
}

const RATE = 'write how many records may be disposed of per minute, from 1 to 1000000';

const FACTOR = 'write how many times as long as usual calls take before the lane slows down, from 2 to 100';
/** Conservative: calls of one kind rarely differ by so much in a store that is not in trouble. */
const DEFAULT_FACTOR = 4;

const QuietSpan = strict('quiet hours', {
  from: matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a local time such as `08:00`'),
  to: matching(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a local time such as `18:00`, or `24:00`'),
  days: list(
    z.enum(WEEKDAYS, { error: wrong(`write one of ${WEEKDAYS.join(', ')}`) }),
    'list the days on which they begin, such as `["mon", "tue"]`, or omit `days` for every day',
  ).optional(),
});

const RECORDS = 'write how many records one rule may dispose of in a day, from 1 to 100000000';
const SHARE =
  "write which part of the store's records one rule may dispose of in a day, above 0 and up to 1, such as 0.05";

const CANARY =
  'write how many records of a new rule are disposed of and read back first, from 0 (none) to 1000';

const Breaker = strict('the breaker', {
  recordsPerDay: z
    .int({ error: wrong(RECORDS) })
    .min(1, { error: wrong(RECORDS) })
    .max(100_000_000, { error: wrong(RECORDS) })
    .optional(),
  share: z
    .number({ error: wrong(SHARE) })
    .gt(0, { error: wrong(SHARE) })
    .max(1, { error: wrong(SHARE) })
    .optional(),
}).refine(({ recordsPerDay, share }) => recordsPerDay !== undefined || share !== undefined, {
  error: 'without a limit it stops nothing; write `recordsPerDay`, `share` or both, or omit the breaker',
});

/** As they are written in a store. */
export const LIMITS = {
  recordsPerMinute: z
    .int({ error: wrong(RATE) })
    .min(1, { error: wrong(RATE) })
    .max(1_000_000, { error: wrong(RATE) })
    .optional(),
  breaker: Breaker.optional(),
  dryRun: z
    .boolean({ error: wrong('write `true` if nothing is to be disposed of, only counted') })
    .optional(),
  canary: z
    .int({ error: wrong(CANARY) })
    .min(0, { error: wrong(CANARY) })
    .max(1000, { error: wrong(CANARY) })
    .optional(),
  slowDown: strict('the slowing down', {
    factor: z
      .number({ error: wrong(FACTOR) })
      .min(2, { error: wrong(FACTOR) })
      .max(100, { error: wrong(FACTOR) })
      .optional(),
  }).optional(),
  quietHours: strict('the quiet hours', {
    zone: text('name the time zone, such as `Europe/Vienna`'),
    hours: list(QuietSpan, 'list the hours, such as `{ from: "08:00", to: "18:00" }`').max(20, {
      error: 'too many; write at most 20',
    }),
  }).optional(),
};
const Limits = z.object(LIMITS);

export function limitsOf({
  recordsPerMinute,
  quietHours,
  breaker,
  canary,
  dryRun,
  slowDown,
}: z.output<typeof Limits>): LaneLimits {
  return present({
    recordsPerMinute,
    quietHours: quietHours && quietHoursOf(quietHours),
    breaker: breaker && present(breaker),
    canary,
    slowDown: slowDown && { factor: slowDown.factor ?? DEFAULT_FACTOR },
    dryRun: dryRun === true ? dryRun : undefined,
  });
}

function quietHoursOf({ zone, hours }: NonNullable<z.output<typeof Limits>['quietHours']>): QuietHours {
  return { zone, hours: hours.map(({ from, to, days }) => ({ from, to, ...present({ days }) })) };
}
