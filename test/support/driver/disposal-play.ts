import type { Interceptor } from '../../../local/virtual/run-function.ts';
import type { Verb } from '../../../local/virtual/virtual-deployment.ts';
import { present } from '../../../shared/domain/present.ts';
import { driver, type Driver, type DriverOptions } from './driver.ts';
import { NOTHING, since, type Interleaving } from './interleavings.ts';
import { counting, killAt } from './kill-points.ts';
import { violations } from './violations.ts';

const HOUR = 3_600_000;

/** A record `n-1` that comes due at 10:00, and what is done to a function that works on it. */
export interface Play extends DriverOptions {
  /** More records about the same contract, due at the same time. */
  readonly more?: readonly string[];
  readonly purposes?: readonly string[];
  /** Whose next run is disturbed. */
  readonly verb?: Verb;
  /** When the record is about to come due. */
  readonly from?: string;
  readonly until?: string;
  /** What goes wrong besides. */
  readonly fails?: (d: Driver) => void;
}

export const DELETING: Play = { rules: { notes: ['1 day after contract.ended'] } };

/** Registered, written, ended a day ago less a minute; no function has looked yet. */
export async function aboutToBeDue(play: Play): Promise<Driver> {
  const d = await driver({ start: '2026-03-03T08:30:00Z', ...play });
  for (const id of ['n-1', ...(play.more ?? [])]) {
    d.registers(id, ['c-1'], present({ purposes: play.purposes }));
    d.store.put([id], { text: 'hello' });
  }
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.runUntil(play.from ?? '2026-03-03T10:00:00Z');
  play.fails?.(d);
  return d;
}

/** What is wrong in the end, when this run is disturbed and this comes next. */
export async function disturbed(
  play: Play,
  victim: Interceptor,
  interleaving: Interleaving = NOTHING,
): Promise<readonly string[]> {
  const d = await aboutToBeDue(play);
  const verb = play.verb ?? 'dispose';
  d.onNext(verb, victim);
  await untilRun(d, verb);
  return afterwards(d, play, interleaving);
}

/** Something comes, and time goes on until others have taken over. */
export async function afterwards(
  d: Driver,
  play: Play,
  interleaving: Interleaving,
): Promise<readonly string[]> {
  const before = since(d);
  await interleaving.happens(d);
  await d.pass(5 * HOUR);
  await interleaving.later?.(d);
  await d.runUntil(play.until ?? '2026-03-03T18:00:00Z');
  return [...(await violations(d)), ...interleaving.wrong(d, before)];
}

/** Time goes on until this function has run once more. */
export async function untilRun(d: Driver, verb: Verb): Promise<void> {
  const before = d.runs.filter((run) => run.verb === verb).length;
  for (let minutes = 0; minutes < 600; minutes += 1) {
    if (d.runs.filter((run) => run.verb === verb).length > before) return;
    await d.pass(60_000);
  }
  throw new Error(`${verb} does not run any more`);
}

/** The calls of the undisturbed run. */
export async function callsOf(play: Play): Promise<readonly string[]> {
  const calls: string[] = [];
  const wrong = await disturbed(play, counting(calls));
  if (wrong.length > 0) throw new Error(`wrong even when nothing is disturbed: ${wrong.join('; ')}`);
  return calls;
}

/** Kills the run before and after each of its calls. Answers all that is wrong, and at how many points it was killed. */
export async function killedAtEachCall(
  play: Play,
  interleaving: Interleaving,
): Promise<{ readonly points: number; readonly wrong: readonly string[] }> {
  const calls = await callsOf(play);
  const wrong: string[] = [];
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const found = await disturbed(play, killAt(index + 1, when), interleaving);
      wrong.push(...found.map((what) => `killed ${when} ${index + 1} ${call}: ${what}`));
    }
  }
  return { points: 2 * calls.length, wrong };
}
