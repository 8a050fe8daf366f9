import { hourOf } from '../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { MemoryClock } from '../shared/adapters/memory/memory-clock.ts';
import type { MemoryTimers } from '../shared/adapters/memory/memory-timers.ts';
import type { Queues } from '../shared/ports/queues.ts';
import type { QueueWorker } from './queue-worker.ts';
import type { SoleWriter } from './sole-writer.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
/** The hourly sweep fires at this minute of the hour, so that it can call the hour before settled on any clock. */
const PAST_THE_HOUR = 5 * MINUTE;

export interface TimeLine {
  /** Runs everything that can run at this instant. */
  readonly settle: () => Promise<void>;
  /** Goes to a later instant through everything that happens on the way, in order. One walk after the other. */
  readonly moveTo: (instant: Instant) => Promise<void>;
}

interface TimeLineOptions {
  readonly clock: MemoryClock;
  readonly timers: MemoryTimers;
  readonly queues: Queues;
  readonly workers: readonly QueueWorker[];
  readonly writer: Pick<SoleWriter, 'oldestOpenHour'>;
  /** When a policy version comes into effect, the hourly sweep has to see it. */
  readonly policyChanges: readonly Instant[];
  /** Whether anything was written since the last answer. */
  readonly wroteSince: () => boolean;
}

/**
 * Virtual time stands still while anything works, and jumps from one thing that happens to the next: a wake-up, a
 * message that becomes visible again, the hourly sweep, the weekly proof. An hourly sweep that would find nothing is
 * skipped: where nothing is open, it only reads empty partitions, and this process would know of a hint in them. The next
 * one that does fire walks over the skipped hours, as after an outage.
 */
export function timeLine(options: TimeLineOptions): TimeLine {
  const { clock, timers, queues, workers } = options;
  let lastSweep = clock.now() - HOUR;
  let lastProof = clock.now();
  let proofWanted = false;
  let walk: Promise<void> = Promise.resolve();

  async function settle(): Promise<void> {
    for (let ran = true; ran;) {
      ran = (await Promise.all(workers.map((worker) => worker.drain()))).includes(true);
    }
  }

  /** The first of these minutes after the last sweep, and not before the hour that it has to look into is over. */
  function nextSweep(): Instant | undefined {
    const open = options.writer.oldestOpenHour();
    const changes = options.policyChanges.filter((change) => change > lastSweep);
    const wanted = [
      ...(open === undefined ? [] : [hourOf(open) + HOUR]),
      ...changes.map((change) => hourOf(change) + HOUR),
    ];
    if (wanted.length === 0) return undefined;
    return Math.max(hourOf(lastSweep) + HOUR, Math.min(...wanted)) + PAST_THE_HOUR;
  }

  function nextProof(): Instant | undefined {
    proofWanted ||= options.wroteSince();
    return proofWanted ? lastProof + WEEK : undefined;
  }

  function nextInstant(): Instant {
    const visible = workers.map((worker) => worker.nextVisible());
    const all = [timers.next(), nextSweep(), nextProof(), ...visible].filter(
      (instant) => instant !== undefined,
    );
    return Math.max(clock.now(), Math.min(Infinity, ...all));
  }

  async function happen(): Promise<void> {
    const now = clock.now();
    const minutes = timers.takeDue(now);
    await queues.toSweep(minutes.map((minute) => ({ kind: 'minute', minute })));
    for (const worker of workers) await worker.reveal();
    if ((nextSweep() ?? Infinity) <= now) {
      lastSweep = now;
      await queues.toSweep([{ kind: 'hourly' }]);
    }
    if ((nextProof() ?? Infinity) <= now) {
      lastProof = now;
      proofWanted = false;
      await queues.toSweep([{ kind: 'weekly' }]);
    }
    await settle();
  }

  async function go(target: Instant): Promise<void> {
    await settle();
    for (let next = nextInstant(); next <= target; next = nextInstant()) {
      clock.set(next);
      await happen();
    }
    clock.set(Math.max(target, clock.now()));
    await settle();
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = walk.then(work);
    walk = done.catch(() => undefined);
    return done;
  }

  return { settle: () => inTurn(settle), moveTo: (instant) => inTurn(() => go(instant)) };
}
