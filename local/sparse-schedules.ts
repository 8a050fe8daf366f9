import { hourOf } from '../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { SweepMessage } from '../shared/ports/queues.ts';
import type { SoleWriter } from './sole-writer.ts';
import type { Source } from './virtual/agenda.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
/** The hourly sweep fires at this minute of the hour, so that it can call the hour before settled on any clock. */
const PAST_THE_HOUR = 5 * MINUTE;

interface SparseOptions {
  readonly clock: Clock;
  readonly writer: Pick<SoleWriter, 'oldestOpenHour' | 'wroteSince'>;
  /** When a policy version comes into effect, the hourly sweep has to see it. */
  readonly policyChanges: readonly Instant[];
}

/**
 * The hourly sweep and the weekly proof, without those that would find nothing: where nothing is open, a sweep only
 * reads empty partitions, and this process would know of a hint in them. The next one that does fire walks over the
 * skipped hours, as after an outage. The proof is skipped while nothing was written.
 */
export function sparseSchedules(
  { clock, writer, policyChanges }: SparseOptions,
  toSweep: (message: SweepMessage) => void,
): readonly Source[] {
  let lastSweep = clock.now() - HOUR;
  let lastProof = clock.now();
  let proofWanted = false;

  /** The first of these minutes after the last sweep, and not before the hour that it has to look into is over. */
  function nextSweep(): Instant | undefined {
    const open = writer.oldestOpenHour();
    const changes = policyChanges.filter((change) => change > lastSweep);
    const wanted = [...(open === undefined ? [] : [open]), ...changes].map(
      (instant) => hourOf(instant) + HOUR,
    );
    if (wanted.length === 0) return undefined;
    return Math.max(hourOf(lastSweep) + HOUR, Math.min(...wanted)) + PAST_THE_HOUR;
  }

  function nextProof(): Instant | undefined {
    proofWanted ||= writer.wroteSince();
    return proofWanted ? lastProof + WEEK : undefined;
  }

  return [
    {
      next: nextSweep,
      happen(now) {
        if ((nextSweep() ?? Infinity) > now) return;
        lastSweep = now;
        toSweep({ kind: 'hourly' });
      },
    },
    {
      next: nextProof,
      happen(now) {
        if ((nextProof() ?? Infinity) > now) return;
        lastProof = now;
        proofWanted = false;
        toSweep({ kind: 'weekly' });
      },
    },
  ];
}
