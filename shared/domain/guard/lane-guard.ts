import type { StoreAction } from '../record/actions.ts';
import type { Instant } from '../record/ids.ts';
import type { Pace } from './pace.ts';
import type { GuardCode } from '../record/waiting.ts';

/** How many records were let through since the beginning of this minute, hour or day. */
export interface Taken {
  readonly at: Instant;
  readonly count: number;
}

export const STOP_REASONS = ['VOLUME', 'SHARE', 'CANARY'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** A person has to say whether the rule may go on. Only the approval or the end of it removes this. */
export interface RuleStop {
  readonly policy: string;
  /** As it is written. */
  readonly rule: string;
  readonly at: Instant;
  /**
   * `VOLUME`: more records than `recordsPerDay`. `SHARE`: a larger part of the store than `share`. `CANARY`: its first
   * records in this lane failed, or nothing could be said of them.
   */
  readonly because: StopReason;
  /** How many records the rule was let through on that day, and how many it may be; of a canary, how many were read back. */
  readonly taken: number;
  readonly most: number;
}

/** What one rule has taken in a lane. */
export interface RuleGuard {
  readonly day: Taken;
  /** What a person approved beyond the limit of a day, until then. */
  readonly approved?: { readonly until: Instant; readonly count: number };
  readonly stop?: RuleStop;
  /** Its first records in this lane. Absent where no canary is configured, or none was due yet. */
  readonly canary?: CanaryState;
}

export interface CanaryState {
  /** Records that were read back as the rule promises. */
  readonly verified: number;
  /** Trials in a row of which nothing was told. */
  readonly trials: number;
  /** The attempt that was let through, until its lease is over, and with how many records. */
  readonly trial?: { readonly token: string; readonly until: Instant; readonly records: number };
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
  /** By the key of the rule. */
  readonly rules?: Readonly<Record<string, RuleGuard>>;
  /** How many records a census has counted in the store. */
  readonly holdings?: { readonly census: string; readonly count: number };
  /** How many records the newest survey of the store has counted or estimated: rows of datasets are in no census. */
  readonly surveyed?: number;
  /** How fast its store is; where the lane is to slow down with it. */
  readonly pace?: Pace;
  /** What a dry run would have done on its last day. */
  readonly dryRun?: DryRun;
}

export interface DryRun {
  /** `YYYY-MM-DD` in UTC. */
  readonly day: string;
  readonly counts: readonly {
    readonly policy: string;
    readonly rule: string;
    readonly action: StoreAction;
    readonly records: number;
  }[];
}

export const NEW_GUARD: LaneGuard = { version: 0, by: '' };

/** One record or collection that is about to be acted on. */
export interface Ask {
  /** It deletes or masks something: a restriction does not, and waits for no limit. */
  readonly destroys: boolean;
  readonly action: StoreAction;
  /** Its records: 1, or the rows of a page. */
  readonly weight: number;
  /** The policy and the rule that decide. */
  readonly policy: string;
  readonly rule: string;
  /** Names the rule in the lane's guard. */
  readonly key: string;
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
  took?(guard: LaneGuard, ask: Ask, records: number): LaneGuard;
  /** It was this gate that did not let all through. */
  cut?(guard: LaneGuard, ask: Ask): LaneGuard;
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
    const rooms = gates.flatMap((gate) => {
      const room = gate.room(state, ask);
      return room === undefined ? [] : [{ gate, room }];
    });
    const granted = Math.max(0, Math.min(ask.weight, ...rooms.map(({ room }) => room.records)));
    if (granted > 0) for (const gate of gates) state = gate.took?.(state, ask, granted) ?? state;
    const narrowest = rooms.find(({ room }) => room.records <= granted && room.records < ask.weight);
    if (narrowest === undefined) return { granted };
    state = narrowest.gate.cut?.(state, ask) ?? state;
    const { code, until } = narrowest.room;
    return { granted, because: { code, until } };
  });
  return { guard: state, verdicts };
}

/**
 * What was taken in this minute, hour or day. Another worker's clock may be a little ahead, and have begun the next one:
 * then that counts, so that no time is given out twice. One that is far ahead is wrong.
 */
export function takenIn(taken: Taken | undefined, start: Instant, length: number): Taken {
  const counts = taken !== undefined && taken.at >= start && taken.at <= start + length;
  return counts ? taken : { at: start, count: 0 };
}
