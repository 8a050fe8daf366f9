import { driver, type Driver, type DriverOptions } from './driver.ts';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import { counting, killAt } from './kill-points.ts';
import { wrongs } from './wrongs.ts';

/** What happens to a deployment, with one run of a function in it that is going to be killed. */
export interface Life {
  readonly options?: DriverOptions;
  /** Up to just before the run; what it sends is not delivered yet. */
  prepare(d: Driver): Promise<void>;
  readonly verb: Verb;
  /** Which of its runs after that; the first if not said. */
  readonly run?: number;
  /** Between the death and what comes after it. */
  meanwhile?(d: Driver): Promise<void>;
  finish(d: Driver): Promise<void>;
  /** What has to be true in the end, besides what always has to. */
  wrong(d: Driver, killed: Killed): readonly string[];
}

export interface Killed {
  /** Calls that took effect. */
  readonly made: readonly string[];
}

export interface Outcome {
  /** How often the run was killed. */
  readonly points: number;
  readonly wrong: readonly string[];
}

const pass: Interceptor = ({ make }) => make();

async function lived(
  life: Life,
  victim: Interceptor,
  made: () => readonly string[],
): Promise<readonly string[]> {
  const d = await driver(life.options);
  await life.prepare(d);
  for (let run = 1; run < (life.run ?? 1); run += 1) d.onNext(life.verb, pass);
  d.onNext(life.verb, victim);
  await d.settle();
  await life.meanwhile?.(d);
  await life.finish(d);
  return [...(await wrongs(d)), ...life.wrong(d, { made: made() })];
}

const READS =
  /\.(holding|holdings|states|history|pointers|hints|hasHint|watermark|wideHolds?|parked|inFlight|cursor|scanHoldings|pending|head|get|logKey|open|registryKey)$/;

/**
 * Kills the run before its first call, and before and after each that changes something. Dying between two reads is
 * dying after the last change.
 */
export async function killedThroughout(life: Life): Promise<Outcome> {
  const calls: string[] = [];
  const undisturbed = await lived(life, counting(calls), () => calls);
  const wrong = undisturbed.map((what) => `not killed: ${what}`);
  let points = 0;
  for (const [index, call] of calls.entries()) {
    if (READS.test(call) && index > 0) continue;
    for (const when of ['before', 'after'] as const) {
      points += 1;
      const made = calls.slice(0, when === 'before' ? index : index + 1);
      const found = await lived(life, killAt(index + 1, when), () => made);
      wrong.push(...found.map((what) => `killed ${when} ${index + 1} ${call}: ${what}`));
    }
  }
  return { points, wrong };
}

/** Kills the first, the second, … run of the function, as far as there are so many. */
export async function everyRunKilled(life: Life, runs: number): Promise<Outcome> {
  const wrong: string[] = [];
  let points = 0;
  for (let run = 1; run <= runs; run += 1) {
    const outcome = await killedThroughout({ ...life, run });
    points += outcome.points;
    wrong.push(...outcome.wrong.map((what) => `run ${run} ${what}`));
  }
  return { points, wrong };
}
