import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';

/** A lane does less while its store answers much more slowly than usual. */
export interface SlowDown {
  /** How many times as long as usual calls take before it does. */
  readonly factor: number;
}

/** One call of a store that was answered. */
export interface MeasuredCall {
  /** What was asked, and of how many records about: only calls of one kind are compared. */
  readonly kind: string;
  readonly milliseconds: number;
}

/** What a lane knows of how fast its store is. */
export interface Pace {
  /** When `usual` was written. */
  readonly at: Instant;
  /** By kind of call: milliseconds. */
  readonly usual: Readonly<Record<string, number>>;
  readonly slow?: Slow;
}

export interface Slow {
  /** 1 to `MOST_LEVEL`: each halves the records of an attempt, and doubles the pause after it. */
  readonly level: number;
  readonly changed: Instant;
  /** No other attempt acts until then. */
  readonly until: Instant;
  /** The attempt that may act, and how many records it has left. */
  readonly by: string;
  readonly left: number;
}

const MINUTE = 60_000;
const MOST_LEVEL = 5;
const FIRST_PAUSE = 15_000;
const MOST_RECORDS = 500;
/** Milliseconds. Faster calls are compared with this: a pause of the process does not make the store slow. */
const LEAST_USUAL = 25;
/** The part of a new measure in what is usual. A store that stays slow is the usual one after some hours. */
const WEIGHT = 1 / 8;
const WEIGHT_WHEN_SLOW = 1 / 64;

/** Calls of about the same number of records. */
export function kindOfCall(verb: string, records: number): string {
  return `${verb}/${10 ** Math.min(4, Math.ceil(Math.log10(Math.max(1, records))))}`;
}

/** Milliseconds after each attempt. */
export function pauseAt(level: number): number {
  return FIRST_PAUSE * 2 ** (level - 1);
}

/** Records of an attempt. */
export function mostAt(level: number): number {
  return Math.floor(MOST_RECORDS / 2 ** level);
}

/** Until when no attempt acts, because the store is slow. Restrictions protect people, and do not wait for it. */
export function slowUntil({ pace }: { readonly pace?: Pace }, now: Instant): Instant | undefined {
  const until = pace?.slow?.until;
  return until !== undefined && until > now ? until : undefined;
}

/**
 * What the lane knows after an attempt: the same object if there is nothing to write. What is usual is written once a minute
 * at most; that the store became slower or faster, at once, but not twice in the shortest pause: attempts that ran at the same
 * time tell the same.
 */
export function paceAfter(
  pace: Pace | undefined,
  calls: readonly MeasuredCall[],
  { factor }: SlowDown,
  now: Instant,
): Pace | undefined {
  if (calls.length === 0) return pace;
  const { at = -Infinity, usual = {}, slow } = pace ?? {};
  const ratio = median(
    calls.flatMap(({ kind, milliseconds }) => {
      const known = usual[kind];
      return known === undefined ? [] : [milliseconds / Math.max(known, LEAST_USUAL)];
    }),
  );
  const level = slow?.level ?? 0;
  const mayChange = slow === undefined || now - slow.changed >= FIRST_PAUSE;
  const next = ratio === undefined || !mayChange ? level : nextLevel(level, ratio, factor);
  if (next === level && now - at < MINUTE && calls.every(({ kind }) => usual[kind] !== undefined))
    return pace;
  const weight = ratio !== undefined && ratio > factor ? WEIGHT_WHEN_SLOW : WEIGHT;
  return {
    at: now,
    usual: usualAfter(usual, calls, { weight, ratio }),
    ...present({ slow: next === level ? slow : slowAt(next, level, now) }),
  };
}

function nextLevel(level: number, ratio: number, factor: number): number {
  if (ratio > factor) return Math.min(MOST_LEVEL, level + 1);
  return ratio <= (1 + factor) / 2 ? Math.max(0, level - 1) : level;
}

function slowAt(level: number, before: number, now: Instant): Slow | undefined {
  if (level === 0) return undefined;
  // Where it becomes faster, the next attempt need not wait.
  const until = level > before ? now + pauseAt(level) : now;
  return { level, changed: now, until, by: '', left: 0 };
}

/**
 * A kind that comes for the first time is taken to be as slow as the others: a lane that is slow acts on fewer records, and
 * what it measures of these calls only then is not what is usual.
 */
function usualAfter(
  usual: Pace['usual'],
  calls: readonly MeasuredCall[],
  { weight, ratio = 1 }: { readonly weight: number; readonly ratio?: number | undefined },
): Readonly<Record<string, number>> {
  const after: Record<string, number> = { ...usual };
  for (const [kind, same] of Map.groupBy(calls, (call) => call.kind)) {
    const measured = median(same.map(({ milliseconds }) => milliseconds)) ?? 0;
    const known = usual[kind] ?? Math.ceil(measured / Math.max(1, ratio));
    const next = known + (measured - known) * weight;
    // Rounded towards what was measured, or a small difference would never count.
    after[kind] = measured > known ? Math.ceil(next) : Math.floor(next);
  }
  return after;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
