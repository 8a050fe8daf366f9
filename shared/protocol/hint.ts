import type { Timing } from '../domain/configuration/configuration.ts';
import { minuteOf } from '../domain/calendar/utc-time.ts';
import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Hint } from '../ports/hints.ts';
import { nextLook } from '../domain/facts/after-care.ts';
import { type Holding, lookAtOf } from '../domain/record/holding.ts';
import type { Core } from './core.ts';
import { producerOf, unique } from './plan-of.ts';
import { seconds } from './seconds.ts';

const MINUTE = 60_000;

type Hinting = Pick<Core, 'registry' | 'timers' | 'configuration'>;

/**
 * The minute whose sweep finds the holding due on any clock: `wanted` + tolerance, rounded up, and never nearer than
 * the minimum distance, so that the hint is durable before its minute is read.
 */
export function hintMinute(wanted: Instant, now: Instant, timing: Timing): Instant {
  const onAnyClock = wanted + seconds(timing.clockTolerance);
  const durable = now + seconds(timing.minimumHintDistance);
  return minuteUp(Math.max(onAnyClock, durable));
}

/** Whether a hint on record will have the holding looked at by `minute`. A past one does not count. */
export function isHintedBy(hintAt: Instant | undefined, minute: Instant, now: Instant): boolean {
  return hintAt !== undefined && hintAt > now && hintAt <= minute;
}

export function hintFor(holding: Holding, minute: Instant, deadline?: Instant): Hint {
  return {
    minute,
    holding: holding.ref,
    lane: holding.store,
    producer: producerOf(holding),
    ...present({ deadline }),
  };
}

/** Makes the hints durable, then asks for their wake-ups. Repeating it changes nothing. */
export async function putHints(core: Hinting, hints: readonly Hint[]): Promise<void> {
  if (hints.length === 0) return;
  await core.registry.putHints(hints);
  for (const minute of unique(hints.map((hint) => hint.minute))) await wakeFor(core, minute);
}

/** Asks for the wake-up whose sweep reads the hints of this minute: it reads those that are older than the tolerance. */
export function wakeFor(core: Pick<Core, 'timers' | 'configuration'>, minute: Instant): Promise<void> {
  return core.timers.wake(minuteUp(minute + seconds(core.configuration.timing.clockTolerance)));
}

/**
 * After all writes: a hint whose minute may have been swept meanwhile was read before the holding was there, so the
 * holding is hinted again, whether this run wrote that hint or only relied on it. The new hint is not on record in the
 * holding: the sweep that reads it finds the holding as it is.
 */
export async function hintAgainIfLate(
  core: Hinting & Pick<Core, 'clock'>,
  holdings: readonly Holding[],
): Promise<void> {
  // Without a date, or parked, nothing relies on a hint: an old one on record says nothing.
  const dated = holdings.flatMap((holding) =>
    holding.hintAt === undefined || holding.parked !== undefined || !needsHint(holding)
      ? []
      : [{ holding, minute: holding.hintAt }],
  );
  await hintInTime(
    core,
    dated.filter(({ minute }) => isLate(core, minute)).map(({ holding }) => holding),
    (holding, now) => lookAtOf(holding.decision) ?? nextLook(holding) ?? now,
  );
}

/** Has these looked at as soon as a hint can: what a hold let go, and what was set aside. Others are left out. */
export function hintSoon(core: Hinting & Pick<Core, 'clock'>, holdings: Iterable<Holding>): Promise<void> {
  const open = [...holdings].filter(({ state }) => state === 'active' || state === 'pending');
  return hintInTime(core, open, (_, now) => now);
}

/** Hints that are durable before their minute can be swept: else they are put again, for a later one. */
export async function hintInTime(
  core: Hinting & Pick<Core, 'clock'>,
  holdings: readonly Holding[],
  wanted: (holding: Holding, now: Instant) => Instant,
): Promise<void> {
  let open = holdings;
  while (open.length > 0) {
    const now = core.clock.now();
    const hints = open.map((holding) => {
      const minute = hintMinute(wanted(holding, now), now, core.configuration.timing);
      return hintFor(holding, minute, holding.decision?.deadline);
    });
    await putHints(core, hints);
    open = open.filter((_, index) => isLate(core, hints[index]?.minute ?? now));
  }
}

/** Whether a sweep may have read the hints of this minute already, on any clock. */
function isLate(core: Pick<Core, 'clock' | 'configuration'>, minute: Instant): boolean {
  const reach = Math.max(MINUTE, seconds(core.configuration.timing.clockTolerance));
  return core.clock.now() > minute - reach;
}

function needsHint({ state, decision, probe }: Holding): boolean {
  return state === 'pending' || lookAtOf(decision) !== undefined || probe !== undefined;
}

export function minuteUp(instant: Instant): Instant {
  const minute = minuteOf(instant);
  return minute === instant ? instant : minute + MINUTE;
}
