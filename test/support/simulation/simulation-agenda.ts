import type { Instant } from '../../../shared/domain/record/ids.ts';

/** What is going to happen, by time; at one instant in the order in which it was entered. */
export interface Agenda<Task> {
  add(at: Instant, task: Task): void;
  next(): Instant | undefined;
  /** Takes all that is due at `now`. */
  take(now: Instant): Task[];
}

export function agenda<Task>(): Agenda<Task> {
  /** Latest first: what comes next is at the end, where taking and most adding is cheap. */
  const entries: { readonly at: Instant; readonly task: Task }[] = [];
  return {
    add(at, task) {
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((entries[middle] as { readonly at: Instant }).at > at) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, { at, task });
    },
    next: () => entries.at(-1)?.at,
    take(now) {
      const due: Task[] = [];
      for (let last = entries.at(-1); last !== undefined && last.at <= now; last = entries.at(-1)) {
        due.push(last.task);
        entries.pop();
      }
      return due;
    },
  };
}
