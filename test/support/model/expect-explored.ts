import { expect, vi } from 'vitest';
import { noteModel } from './explored-so-far.ts';
import { reportOf, type Explored } from './explore.ts';

// A model takes up to half a minute of the processor, which a busy machine shares among many.
vi.setConfig({ testTimeout: 300_000 });

/** The model holds: notes how much was explored, and fails with the shortest trace of what is wrong. */
export function expectNothingWrong(name: string, explored: Explored): void {
  noteModel(reportOf(name, { ...explored, wrong: [] }), explored.interleavings);
  expect(explored.wrong, reportOf(name, explored)).toEqual([]);
}

/** The model can fail: a wrong order is found out, in the words of the invariant that it breaks. */
export function expectCaught(name: string, explored: Explored, what: RegExp): void {
  const found = explored.wrong.find((wrong) => what.test(wrong.what));
  expect(found, reportOf(name, explored)).toBeDefined();
}
