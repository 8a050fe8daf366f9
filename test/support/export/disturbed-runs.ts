import { expect, test } from 'vitest';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import { beforeCall, counting, killAt, sleepAt } from '../driver/kill-points.ts';
import type { ExportWorld } from './export-world.ts';

/** A copy that was asked for, and has not begun. */
export interface Asked {
  readonly w: ExportWorld;
  readonly ref: Awaited<ReturnType<ExportWorld['asks']>>;
}

/** A run of a function, from 1. */
export type Run = readonly [verb: Verb, run: number];

interface Disturbed {
  /** What is copied, in the names of tests. */
  readonly what: string;
  readonly runs: readonly Run[];
  readonly prepared: () => Promise<Asked>;
  /** What is wrong with the copy in the end: it has to be ready after the time that a dead run may cost. */
  readonly wrong: (asked: Asked) => Promise<readonly string[]>;
  /** A run makes more calls than that. */
  readonly calls: (verb: Verb, run: number) => number;
}

const pass = ({ make }: { readonly make: () => Promise<unknown> }): Promise<unknown> => make();

/** Each run dies, sleeps or meets another one at each of its calls, and the copy comes to the same. */
export function disturbedRuns({ what, runs, prepared, wrong, calls: least }: Disturbed): void {
  /** The function's runs before this one go as they do. */
  async function beforeRun(verb: Verb, run: number): Promise<Asked> {
    const asked = await prepared();
    for (let before = 1; before < run; before += 1) asked.w.onNext(verb, pass);
    return asked;
  }

  /** The calls of the run of a function that is disturbed. */
  async function callsOf(verb: Verb, run: number): Promise<readonly string[]> {
    const calls: string[] = [];
    const asked = await beforeRun(verb, run);
    asked.w.onNext(verb, counting(calls));
    expect(await wrong(asked)).toEqual([]);
    return calls;
  }

  test.each(runs)(`${what} whose %s dies in run %i, anywhere, comes to the same`, async (verb, run) => {
    const calls = await callsOf(verb, run);
    const found: string[] = [];
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const asked = await beforeRun(verb, run);
        asked.w.onNext(verb, killAt(index + 1, when));
        found.push(...(await wrong(asked)).map((one) => `${when} ${index + 1} ${call}: ${one}`));
      }
    }
    expect(found).toEqual([]);
    expect(calls.length).toBeGreaterThan(least(verb, run));
  });

  test.each(runs)(
    `${what} whose %s sleeps in run %i and goes on hours later is not disturbed by it`,
    async (verb, run) => {
      const calls = await callsOf(verb, run);
      const found: string[] = [];
      for (const [index, call] of calls.entries()) {
        const asked = await beforeRun(verb, run);
        const sleeper = sleepAt(index + 1, () => undefined);
        asked.w.onNext(verb, sleeper.interceptor);
        await asked.w.pass(40 * 60_000);
        sleeper.wake();
        found.push(...(await wrong(asked)).map((one) => `${index + 1} ${call}: ${one}`));
      }
      expect(found).toEqual([]);
    },
  );

  test.each(runs)(
    `${what} that another %s takes further in the middle of run %i comes to the same`,
    async (verb, run) => {
      const calls = await callsOf(verb, run);
      const found: string[] = [];
      for (const [index, call] of calls.entries()) {
        const asked = await beforeRun(verb, run);
        asked.w.onNext(
          verb,
          beforeCall(index + 1, () => asked.w.again(verb, asked.ref)),
        );
        found.push(...(await wrong(asked)).map((one) => `${index + 1} ${call}: ${one}`));
      }
      expect(found).toEqual([]);
    },
  );
}
