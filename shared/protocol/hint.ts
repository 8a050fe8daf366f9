import type { Timing } from '../domain/configuration/configuration.ts';
import type { Holding } from '../domain/record/holding.ts';
import { minuteOf } from '../domain/calendar/utc-time.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import { seconds, type Core } from './core.ts';

const MINUTE = 60_000;

/**
 * The minute whose sweep will find the holding due on any clock: `wanted` + tolerance, rounded up, and never nearer
 * than the minimum distance, so that the hint is durable before its minute is read.
 */
export function hintMinute(wanted: Instant, now: Instant, timing: Timing): Instant {
  const onAnyClock = wanted + seconds(timing.clockTolerance);
  const durable = now + seconds(timing.minimumHintDistance);
  return minuteUp(Math.max(onAnyClock, durable));
}

/** Makes the hint durable, then asks for its wake-up. Repeating it changes nothing. */
export async function putHint(
  core: Pick<Core, 'registry' | 'timers'>,
  holding: HoldingRef,
  minute: Instant,
  deadline: Instant | undefined,
): Promise<void> {
  await core.registry.putHint({ minute, holding, ...(deadline === undefined ? {} : { deadline }) });
  await core.timers.wake(minute);
}

/** Whether a hint on record will have the holding looked at by `minute`: then a new one would be one too many. */
export function hintedBy(holding: Pick<Holding, 'hintAt'>, minute: Instant, now: Instant): boolean {
  return holding.hintAt !== undefined && holding.hintAt > now && holding.hintAt <= minute;
}

/**
 * After all writes: a hint whose minute has come meanwhile may have been read before the plan was there, so the
 * holding is hinted again, whether this run wrote that hint or not.
 */
export async function hintAgainIfLate(
  core: Pick<Core, 'registry' | 'timers' | 'clock' | 'configuration'>,
  holding: Pick<Holding, 'ref' | 'hintAt' | 'decision'>,
): Promise<void> {
  let planned = holding.hintAt;
  while (planned !== undefined) {
    const now = core.clock.now();
    if (now <= planned - MINUTE) return;
    planned = hintMinute(holding.decision?.actAt ?? now, now, core.configuration.timing);
    await putHint(core, holding.ref, planned, holding.decision?.deadline);
  }
}

export function minuteUp(instant: Instant): Instant {
  const minute = minuteOf(instant);
  return minute === instant ? instant : minute + MINUTE;
}
