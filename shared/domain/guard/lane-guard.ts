import type { Instant } from '../record/ids.ts';
import type { GuardCode } from '../record/waiting.ts';

/** How many records were let through since the beginning of this hour or minute. */
export interface Taken {
  readonly at: Instant;
  readonly count: number;
}

/**
 * What a lane has taken of its limits: one small item a lane, written on its version before anything is acted on. So two
 * attempts at the same time never take the same room, and an attempt that dies has taken what it asked for.
 */
export interface LaneGuard {
  readonly version: number;
  /** The token of the attempt that wrote it: two that write the same numbers can still be told apart. */
  readonly by: string;
  readonly hour?: Taken;
  readonly minute?: Taken;
}

export const NEW_GUARD: LaneGuard = { version: 0, by: '' };

/** One record or collection that is about to be acted on. */
export interface Ask {
  /** It deletes or masks something: a restriction does not, and waits for no limit. */
  readonly destroys: boolean;
  /** Its records: 1, or the rows of a page. */
  readonly weight: number;
  /** The policy and the rule that decide. */
  readonly policy: string;
  readonly rule: string;
  /** All policies that it belongs to. */
  readonly policies: readonly string[];
}

/** How many records one limit still lets through, and until when what it does not has to wait. */
export interface Room {
  readonly records: number;
  readonly code: GuardCode;
  readonly until: Instant;
}

/** One limit of a lane: pure, and made for one instant. */
export interface Gate {
  /** Nothing if it has no say. */
  room(guard: LaneGuard, ask: Ask): Room | undefined;
  /** Counts what is let through by all gates together. */
  took(guard: LaneGuard, ask: Ask, records: number): LaneGuard;
}

/** How many of the ask's records may be acted on now, and why not all of them. */
export interface Verdict {
  readonly granted: number;
  readonly because?: Omit<Room, 'records'>;
}

/** Asks all gates for each of these in turn, and counts what is let through. The guard stays the same object if nothing is. */
export function judge(
  guard: LaneGuard,
  asks: readonly Ask[],
  gates: readonly Gate[],
): { readonly guard: LaneGuard; readonly verdicts: readonly Verdict[] } {
  let state = guard;
  const verdicts = asks.map((ask): Verdict => {
    const rooms = gates.flatMap((gate) => gate.room(state, ask) ?? []);
    const granted = Math.max(0, Math.min(ask.weight, ...rooms.map(({ records }) => records)));
    if (granted > 0) for (const gate of gates) state = gate.took(state, ask, granted);
    const narrowest = rooms.find(({ records }) => records <= granted && records < ask.weight);
    if (narrowest === undefined) return { granted };
    return { granted, because: { code: narrowest.code, until: narrowest.until } };
  });
  return { guard: state, verdicts };
}
