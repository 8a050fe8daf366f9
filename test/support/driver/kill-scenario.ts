import type { Interceptor } from '../../../local/virtual/run-function.ts';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import { driver, type Driver, type DriverOptions } from './driver.ts';
import { counting, killAt } from './kill-points.ts';
import { violations } from './violations.ts';

/** What happens to a deployment, with one run of a function in it that is going to be killed. */
export interface Scenario {
  readonly options?: DriverOptions;
  /** Up to just before the run; what it sends is not delivered yet. */
  prepare(d: Driver): Promise<void>;
  readonly verb: Verb;
  /** Which of its runs after that; the first if not said. */
  readonly run?: number;
  /** Between the death and what comes after it. */
  between?(d: Driver): Promise<void>;
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

async function played(
  scenario: Scenario,
  victim: Interceptor,
  made: () => readonly string[],
): Promise<readonly string[]> {
  const d = await driver(scenario.options);
  await scenario.prepare(d);
  for (let run = 1; run < (scenario.run ?? 1); run += 1) d.onNext(scenario.verb, pass);
  d.onNext(scenario.verb, victim);
  await d.settle();
  await scenario.between?.(d);
  await scenario.finish(d);
  return [...(await violations(d)), ...scenario.wrong(d, { made: made() })];
}

/** Kills the run before and after each of its calls. */
export async function killedThroughout(scenario: Scenario): Promise<Outcome> {
  const calls: string[] = [];
  const undisturbed = await played(scenario, counting(calls), () => calls);
  const wrong = undisturbed.map((what) => `not killed: ${what}`);
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const made = calls.slice(0, when === 'before' ? index : index + 1);
      const found = await played(scenario, killAt(index + 1, when), () => made);
      wrong.push(...found.map((what) => `killed ${when} ${index + 1} ${call}: ${what}`));
    }
  }
  return { points: 2 * calls.length, wrong };
}

/** Kills the first, the second, … run of the function. */
export async function everyRunKilled(scenario: Scenario, runs: number): Promise<Outcome> {
  const wrong: string[] = [];
  let points = 0;
  for (let run = 1; run <= runs; run += 1) {
    const outcome = await killedThroughout({ ...scenario, run });
    points += outcome.points;
    wrong.push(...outcome.wrong.map((what) => `run ${run} ${what}`));
  }
  return { points, wrong };
}
