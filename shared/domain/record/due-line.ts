import { DUE_STATES, type DueCounts, type DueState } from './entry.ts';
import type { LogRef } from './ids.ts';

/** One generation of a record in the list of a `due-list`. */
export interface DueLine {
  readonly ref: LogRef;
  readonly generation: number;
  readonly state: DueState;
}

/** The reference of the record, its generation and its state, each after a space. */
export const DUE_LINE = new RegExp(`^[\\w-]{22} [1-9]\\d{0,9} (?:${DUE_STATES.join('|')})$`);

export const NONE_DUE: DueCounts = { settled: 0, later: 0, held: 0, waits: 0, open: 0 };

export function dueLine({ ref, generation, state }: DueLine): string {
  return `${ref} ${generation} ${state}`;
}

/** Of a line that `DUE_LINE` takes. */
export function dueLineIn(line: string): DueLine {
  const [ref = '', generation, state] = line.split(' ');
  const known = DUE_STATES.find((one) => one === state);
  return { ref: ref as LogRef, generation: Number(generation), state: known ?? 'open' };
}

export function countsOfLines(lines: readonly string[]): DueCounts {
  const counts = { ...NONE_DUE };
  for (const line of lines) counts[dueLineIn(line).state] += 1;
  return counts;
}

export function sumOfCounts(all: readonly DueCounts[]): DueCounts {
  const sum = { ...NONE_DUE };
  for (const counts of all) for (const state of DUE_STATES) sum[state] += counts[state];
  return sum;
}

export function sameCounts(a: DueCounts, b: DueCounts): boolean {
  return DUE_STATES.every((state) => a[state] === b[state]);
}
