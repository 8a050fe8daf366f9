import type { Instant } from '../../shared/domain/record/ids.ts';

/** Something that happens at an instant of its own choosing. */
export interface Source {
  /** When it happens next; never, if undefined. */
  next(): Instant | undefined;
  /** Does everything that is due at `now`. */
  happen(now: Instant): void;
}

/** What is going to happen, in order of time; at one instant, in the order in which it was entered. */
export interface Agenda extends Source {
  /** Answers how to take the entry back. */
  add(at: Instant, act: () => void): () => void;
}

interface Entry {
  readonly at: Instant;
  act: (() => void) | undefined;
}

export function agenda(): Agenda {
  /** Latest first: what comes next is at the end, where taking and most adding is cheap. */
  const entries: Entry[] = [];

  function last(): Entry | undefined {
    while (entries.length > 0 && entries.at(-1)?.act === undefined) entries.pop();
    return entries.at(-1);
  }

  return {
    add(at, act) {
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((entries[middle] as Entry).at > at) low = middle + 1;
        else high = middle;
      }
      const entry: Entry = { at, act };
      entries.splice(low, 0, entry);
      return () => {
        entry.act = undefined;
      };
    },
    next: () => last()?.at,
    happen(now) {
      for (let entry = last(); entry !== undefined && entry.at <= now; entry = last()) {
        entries.pop();
        entry.act?.();
      }
    },
  };
}

/** Happens again and again, first at `first`. */
export function every(milliseconds: number, first: Instant, act: () => void): Source {
  let next = first;
  return {
    next: () => next,
    happen(now) {
      for (; next <= now; next += milliseconds) act();
    },
  };
}
