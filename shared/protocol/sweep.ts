import { hourOf } from '../domain/calendar/utc-time.ts';
import { SHARDS } from '../domain/record/shard.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Hint } from '../ports/registry.ts';
import { each } from '../domain/each.ts';
import { seconds, type Core } from './core.ts';
import { lookAtHints } from './look-at-hints.ts';

const HOUR = 3_600_000;
/** How far back the very first sweep looks. */
const FIRST_LOOK_BACK = 7 * 24 * HOUR;

/** A wake-up: the hints of one minute, in all shards. Late, doubled or lost wake-ups cost at most an hour. */
export async function sweepMinute(core: Core, minute: Instant): Promise<void> {
  const { sent } = await sweepBucket(core, hourOf(minute), minute);
  core.report('sweep.swept', { count: sent });
}

/**
 * Correctness: from the watermark to now, every hint whose minute has come. The watermark moves to the oldest hour in
 * which a hint is unsettled, so an outage of any length is caught up. A run that dies, or ends at its budget, leaves
 * the watermark where it got to; the next run goes on from there.
 */
export async function sweepHourly(core: Core, goOn: () => boolean = () => true): Promise<'done' | 'more'> {
  const mark = await core.registry.watermark();
  const start = mark ?? hourOf(core.clock.now()) - FIRST_LOOK_BACK;
  let settledUpTo: Instant | undefined = start;
  let sent = 0;
  let hour = start;
  for (; hour <= hourOf(core.clock.now()) && goOn(); hour += HOUR) {
    // Asked before the hour is read: a hint that is put into it afterwards must not be passed over.
    const over = isOver(core, hour);
    const found = await sweepBucket(core, hour, undefined);
    sent += found.sent;
    if (settledUpTo === hour && found.open === 0 && over) settledUpTo = hour + HOUR;
  }
  if (mark === undefined || settledUpTo > mark) await core.registry.moveWatermark(mark, settledUpTo);
  core.report('sweep.swept', { count: sent });
  await forgetInFlight(core);
  await core.queues.toSeal({ kind: 'seal' });
  if (hour <= hourOf(core.clock.now())) return 'more';
  core.report('sweep.caught-up', { seconds: Math.floor((core.clock.now() - settledUpTo) / 1000) });
  return 'done';
}

/** No writer can put a hint into this hour any more, on any clock and however slow; and all its minutes have come. */
function isOver(core: Core, hour: Instant): boolean {
  const { clockTolerance, functionTimeout } = core.configuration.timing;
  return core.clock.now() > hour + HOUR + seconds(functionTimeout + 2 * clockTolerance);
}

/**
 * The hints of an hour, or of one minute of it, a page of every shard at a time: what is due in different shards shares
 * its reads and chunks, because references are spread over all of them.
 */
async function sweepBucket(
  core: Core,
  hour: Instant,
  minute: Instant | undefined,
): Promise<{ readonly sent: number; readonly open: number }> {
  const total = { sent: 0, open: 0 };
  let unread = Array.from({ length: SHARDS }, (_, shard): Unread => ({ shard }));
  while (unread.length > 0) {
    const hints: Hint[] = [];
    const rest: Unread[] = [];
    await each(unread, SHARDS, async ({ shard, after }) => {
      const page = await core.registry.hints(hour, shard, {
        ...(minute === undefined ? {} : { minute }),
        ...(after === undefined ? {} : { after }),
      });
      hints.push(...page.items);
      if (page.next !== undefined) rest.push({ shard, after: page.next });
    });
    const now = core.clock.now();
    const come = hints.filter((hint) => hint.minute <= now);
    if (minute === undefined) await wakeAgain(core, hints, now);
    const found = await lookAtHints(core, latestOfEach(come));
    total.sent += found.sent;
    total.open += found.open + (hints.length - come.length);
    unread = rest;
  }
  return total;
}

/**
 * Wake-ups may be gone, for example after their stack was deployed again. Asking again for one that exists changes
 * nothing. Only the hourly sweep asks: a wake-up that came early on this clock would ask for itself until its minute is
 * here.
 */
async function wakeAgain(core: Core, hints: readonly Hint[], now: Instant): Promise<void> {
  for (const minute of new Set(hints.map((hint) => hint.minute))) {
    if (minute > now) await core.timers.wake(minute);
  }
}

interface Unread {
  readonly shard: number;
  readonly after?: string;
}

/** A holding hinted more than once in one bucket is looked at once, by its latest hint. */
function latestOfEach(hints: readonly Hint[]): readonly Hint[] {
  const latest = new Map<string, Hint>();
  for (const hint of hints) {
    const known = latest.get(hint.holding);
    if (known === undefined || known.minute < hint.minute) latest.set(hint.holding, hint);
  }
  return [...latest.values()];
}

/** In-flight records say nothing once their lease is over on any clock. */
async function forgetInFlight(core: Core): Promise<void> {
  for (const lane of Object.keys(core.configuration.stores)) {
    for (const chunk of await core.registry.inFlight(lane)) {
      const over = core.clock.now() > chunk.until + 2 * seconds(core.configuration.timing.clockTolerance);
      if (over) await core.registry.deleteInFlight(lane, chunk.token);
    }
  }
}
