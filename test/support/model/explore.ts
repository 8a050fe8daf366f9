import { gatedRun, type Choice, type GatedRun } from './gated-run.ts';
import type { Model } from './model.ts';

/**
 * Explores the schedules of a model by running it again and again from the start, which real code needs: a promise
 * cannot be copied. Each mistake is reported with the shortest schedule that shows it.
 */
export interface Explored {
  /** `all`: every interleaving; else that many different random ones. */
  readonly how: 'all' | 'sample';
  /** Times that the model was run. */
  readonly runs: number;
  /** Different states met; in a sample, different schedules. */
  readonly states: number;
  /** Interleavings that these represent. */
  readonly interleavings: number;
  readonly seconds: number;
  /** Of a sample. */
  readonly seed?: number;
  readonly wrong: readonly Wrong[];
}

export interface Wrong {
  readonly what: string;
  readonly schedules: number;
  readonly trace: readonly string[];
}

/** Gives the model in its first state. What costs time is better prepared once, outside. */
export type Build = () => Model | Promise<Model>;

interface Level {
  readonly key: string;
  readonly choices: number;
  next: number;
  paths: number;
}

/**
 * Every interleaving. A state that was met before is not entered again, which is exact: its key holds all that the
 * ports keep and all that any process has seen. Throws when there are more than `limit` runs. `enough`: stop after
 * that many runs beyond the first wrong one.
 */
export async function exploreAll(
  build: Build,
  { limit = 20_000, enough = Infinity }: { readonly limit?: number; readonly enough?: number } = {},
): Promise<Explored> {
  const start = process.cpuUsage();
  const found = findings();
  const pathsFrom = new Map<string, number>();
  const stack: Level[] = [];
  let runs = 0;
  let interleavings = 0;
  const count = (paths: number): void => {
    const top = stack.at(-1);
    if (top === undefined) interleavings += paths;
    else top.paths += paths;
  };
  for (let going = true; going;) {
    runs += 1;
    if (runs > limit)
      throw new Error(`more than ${limit} runs (${pathsFrom.size} states so far): take a sample instead`);
    const model = await build();
    const run = await gatedRun(model);
    for (const level of stack) await follow(run, level);
    for (;;) {
      const now = wrongNow(model, run);
      const choices = now === undefined ? run.choices() : [];
      if (choices.length === 0) {
        found.note(
          now ?? (await model.wrongAtEnd?.()),
          stack.map(({ next }) => next),
          runs,
        );
        count(1);
        break;
      }
      const key = run.key();
      const known = pathsFrom.get(key);
      if (known !== undefined) {
        count(known);
        break;
      }
      pathsFrom.set(key, 0);
      stack.push({ key, choices: choices.length, next: 0, paths: 0 });
      await run.make(choices[0] as Choice);
    }
    going = backtrack(stack, (level) => {
      pathsFrom.set(level.key, level.paths);
      count(level.paths);
    });
    if (runs - found.firstAt() > enough) going = false;
  }
  const wrong = await found.traced(build);
  return { how: 'all', runs, states: pathsFrom.size, interleavings, seconds: secondsSince(start), wrong };
}

async function follow(run: GatedRun, level: Level): Promise<void> {
  const choices = run.choices();
  const choice = choices[level.next];
  if (choice === undefined || choices.length !== level.choices)
    throw new Error('the model is not the same when it is run again: something in it depends on chance');
  await run.make(choice);
}

/** Leaves every level that has no untried choice; false when none is left. */
function backtrack(stack: Level[], left: (level: Level) => void): boolean {
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    top.next += 1;
    if (top.next < top.choices) return true;
    stack.pop();
    left(top);
  }
  return false;
}

/** What happens how often in random schedules, a step of a process counting 1. */
const WEIGHT: Readonly<Record<Choice['kind'], number>> = {
  step: 1,
  start: 1,
  move: 0.4,
  late: 0.2,
  death: 0.1,
};

const SEED = 20_260_301;

/** Different random schedules, always the same ones of a seed. */
export async function exploreSample(
  build: Build,
  {
    schedules = 10_000,
    enough = Infinity,
    seed = SEED,
  }: {
    readonly schedules?: number;
    readonly enough?: number;
    readonly seed?: number;
  } = {},
): Promise<Explored> {
  const start = process.cpuUsage();
  const found = findings();
  const random = mulberry32(seed);
  const seen = new Set<string>();
  let runs = 0;
  while (seen.size < schedules && runs < 3 * schedules && runs - found.firstAt() <= enough) {
    runs += 1;
    const model = await build();
    const run = await gatedRun(model);
    const schedule: number[] = [];
    /** Between schedules that switch at every step and such that hardly ever do. */
    const inertia = random() * 4;
    let last = '';
    let now = wrongNow(model, run);
    for (let choices = run.choices(); now === undefined && choices.length > 0; choices = run.choices()) {
      const index = draw(
        choices,
        random(),
        ({ kind, by }) => WEIGHT[kind] * (by === last && kind === 'step' ? inertia : 1),
      );
      const choice = choices[index] as Choice;
      last = choice.by;
      schedule.push(index);
      await run.make(choice);
      now = wrongNow(model, run);
    }
    const name = schedule.join();
    if (seen.has(name)) continue;
    seen.add(name);
    found.note(now ?? (await model.wrongAtEnd?.()), schedule, runs);
  }
  const wrong = await found.traced(build);
  return {
    how: 'sample',
    runs,
    states: seen.size,
    interleavings: seen.size,
    seconds: secondsSince(start),
    seed,
    wrong,
  };
}

function wrongNow(model: Model, run: GatedRun): string | undefined {
  return run.failure() ?? model.wrongNow?.();
}

function draw<Item>(items: readonly Item[], point: number, weight: (item: Item) => number): number {
  const weights = items.map(weight);
  let left = point * weights.reduce((sum, one) => sum + one, 0);
  for (const [index, one] of weights.entries()) {
    left -= one;
    if (left < 0) return index;
  }
  return items.length - 1;
}

function findings() {
  const shortest = new Map<string, { schedules: number; schedule: readonly number[] }>();
  let first = Infinity;
  return {
    firstAt: () => first,
    note(what: string | undefined, schedule: readonly number[], run: number): void {
      if (what === undefined) return;
      first = Math.min(first, run);
      const known = shortest.get(what);
      if (known === undefined) shortest.set(what, { schedules: 1, schedule });
      else {
        known.schedules += 1;
        if (schedule.length < known.schedule.length) known.schedule = schedule;
      }
    },
    /** Runs the shortest schedules once more to trace them. */
    async traced(build: Build): Promise<Wrong[]> {
      const wrong: Wrong[] = [];
      for (const [what, { schedules, schedule }] of shortest) {
        const run = await gatedRun(await build(), true);
        for (const index of schedule) await run.make(run.choices()[index] as Choice);
        wrong.push({ what, schedules, trace: [...run.lines] });
      }
      return wrong.toSorted((a, b) => a.trace.length - b.trace.length);
    },
  };
}

/** A report that a person can follow. */
export function reportOf(
  name: string,
  { how, runs, states, interleavings, seconds, seed = SEED, wrong }: Explored,
): string {
  const size =
    how === 'all'
      ? `all ${interleavings.toLocaleString('en')} interleavings, ${states.toLocaleString('en')} states`
      : `${states.toLocaleString('en')} random schedules (seed ${seed})`;
  const head = `${name}: ${size}, ${runs.toLocaleString('en')} runs in ${seconds.toFixed(1)} s`;
  const bad = wrong.map(
    ({ what, schedules, trace }) =>
      `  WRONG (${schedules}): ${what}\n${trace.map((line) => `    ${line}`).join('\n')}`,
  );
  return [head, ...bad].join('\n');
}

/** Of the processor, so that a busy machine changes nothing. */
function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000_000;
}

/** Small, fast and good enough to draw schedules (Tommy Ettinger, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
