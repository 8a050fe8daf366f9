import type { Move } from './model.ts';
import type { World } from '../driver/world.ts';

export const MINUTE = 60_000;

/**
 * Minutes of a model: no clock is off, hints lie at least one minute ahead, the early hint two; a run of a function
 * ends before the second minute after its start, which is its timeout; the sweep is never more than a minute behind.
 */
export const IN_MINUTES = {
  clockTolerance: 0,
  minimumHintDistance: 60,
  earlyHint: 120,
  functionTimeout: 120,
};

export interface Minutes {
  /** Since the start. */
  now(): number;
  iso(minute: number): string;
  /** A run of this function begins or ends. */
  begins(run: string): void;
  ends(run: string): void;
  /** This minute's hints were read. */
  swept(minute: number): void;
  sweptUpTo(): number;
  /** Whether the minute of a hint is still to be swept. */
  isHinted(): boolean;
  /** Whether such a hint comes by this minute; or in the next one, the earliest that a late writer can reach. */
  isHintedBy(minute: number): boolean;
  readonly move: Move;
  state(): unknown;
}

export function minutesOf(it: World, start: number, last: number): Minutes {
  const since = new Map<string, number>();
  let upTo = 0;
  const now = (): number => (it.clock.now() - start) / MINUTE;
  const waiting = (): number[] =>
    it.registry
      .allHints()
      .map((hint) => (hint.minute - start) / MINUTE)
      .filter((minute) => minute > upTo);
  return {
    now,
    iso: (minute) => new Date(start + minute * MINUTE).toISOString(),
    begins: (run) => void since.set(run, now()),
    ends: (run) => void since.delete(run),
    swept: (minute) => {
      upTo = minute;
    },
    sweptUpTo: () => upTo,
    isHinted: () => waiting().length > 0,
    isHintedBy: (minute) => waiting().some((one) => one <= Math.max(minute, now() + 1)),
    move: {
      name: 'a minute passes',
      may: () => now() < last && upTo >= now() - 1 && [...since.values()].every((began) => now() < began + 1),
      make: () => it.clock.advance(MINUTE),
      detail: () => `, it is minute ${now()}`,
    },
    state: () => [it.clock.now(), upTo, [...since].toSorted(([a], [b]) => (a < b ? -1 : 1))],
  };
}
