import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { DueState } from '../../domain/record/entry.ts';
import { carriedOut, generationName, type Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { isSameStage } from '../../domain/record/stage-name.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { DueHolding } from '../../ports/upkeep.ts';

/** The days that are stated, from the beginning of the first one and before the end of the last one. */
export interface Days {
  readonly from: Instant;
  readonly to: Instant;
}

/** Without the locators that it may have. */
export type ActedOnStage = Pick<ActedOn, 'stage' | 'part' | 'version'>;

/** By `generationName`. */
export type ActedOnByName = ReadonlyMap<string, readonly ActedOnStage[]>;

/**
 * These generations, without those of which nothing was due in the days. Each is there once: of one that comes twice, because
 * it became a tombstone while they were read, the last one counts. `actedOn`: what lanes have acted on before the end of the
 * days. It was due, whatever its facts say since, and is open unless its stage is settled.
 */
export function dueAmong(
  generations: readonly Holding[],
  days: Days,
  actedOn: ActedOnByName = new Map(),
): readonly DueHolding[] {
  const due = new Map<string, DueHolding>();
  for (const holding of generations) {
    const { ref, generation, registeredAt } = holding;
    const name = generationName(holding);
    const isOpen = actedOn.get(name)?.some((one) => !isSettled(holding, one)) === true;
    const state = stateIn(holding, days) ?? (isOpen ? 'open' : undefined);
    if (state !== undefined) due.set(name, { ref, generation, year: yearOf(registeredAt), state });
  }
  return [...due.values()];
}

/** A worker may die after it has settled something, and before its list of what it acted on is gone. */
function isSettled({ done = [] }: Holding, acted: ActedOnStage): boolean {
  return done.some((one) => isSameStage(one, acted) && one.version >= acted.version);
}

function stateIn(holding: Holding, { from, to }: Days): DueState | undefined {
  const { state, decision, parked, waitsUntil, kept } = holding;
  if (state === 'active' && decision?.actAt !== undefined && decision.actAt < to) {
    if (parked !== undefined) return 'held';
    return waitsUntil !== undefined || kept !== undefined ? 'waits' : 'open';
  }
  const times = carriedOut(holding).map(({ at }) => (state === 'active' ? at : atLatestBefore(at)));
  const ended = times.filter((at) => at >= from);
  if (ended.length === 0) return undefined;
  return ended.some((at) => at < to) ? 'settled' : 'later';
}

/** What is not planned any more has its times rounded up to a minute (`asKept`): the first one of a day is of the day before. */
function atLatestBefore(roundedUp: Instant): Instant {
  return roundedUp - 1;
}
