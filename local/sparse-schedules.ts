import { hourOf } from '../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { SweepMessage } from '../shared/ports/queues.ts';
import type { OpenWork } from './open-work.ts';
import type { Source } from './virtual/agenda.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface SparseOptions {
  readonly clock: Clock;
  readonly work: Pick<OpenWork, 'isOpen' | 'wroteSince'>;
  /** What an hourly sweep has to see: when a policy version comes into effect, and when rows of datasets are looked for. */
  readonly changes: readonly Instant[];
}

/**
 * The hourly sweep, without those that would find nothing. Hints have their wake-ups, which are never lost here. What
 * is left for the full hour: what waits or was left behind, what happens then, and the first sweep of a day, which begins
 * the census. The census is skipped while no holding was written.
 */
export function sparseSchedules(
  { clock, work, changes }: SparseOptions,
  toSweep: (message: SweepMessage) => void,
): readonly Source[] {
  let lastSweep = clock.now();
  let census = Infinity;

  function next(): Instant | undefined {
    const now = clock.now();
    if (work.wroteSince()) census = Math.min(census, Math.floor(now / DAY) * DAY + DAY);
    const wanted = Math.min(
      work.isOpen() ? now : Infinity,
      census,
      ...changes.filter((change) => change > lastSweep),
    );
    return wanted === Infinity ? undefined : fullHour(Math.max(wanted, now, lastSweep + 1));
  }

  return [
    {
      next,
      happen(now) {
        if ((next() ?? Infinity) > now) return;
        lastSweep = now;
        if (census <= now) census = Infinity;
        toSweep({ kind: 'hourly' });
      },
    },
  ];
}

function fullHour(instant: Instant): Instant {
  const hour = hourOf(instant);
  return hour === instant ? hour : hour + HOUR;
}
