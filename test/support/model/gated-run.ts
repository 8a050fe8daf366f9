import { hash } from 'node:crypto';
import {
  gatedProcess,
  kill,
  startLife,
  textOf,
  wordsOf,
  type GatedProcess,
  type Pending,
} from './gated-process.ts';
import type { Model } from './model.ts';

/** One thing that can happen next. `kind` weighs it where schedules are drawn at random. */
export interface Choice {
  readonly kind: 'step' | 'start' | 'death' | 'late' | 'move';
  /** Who makes it; the one that moved last is tried first, so that traces switch seldom. */
  readonly by: string;
  readonly make: () => void;
}

/** One schedule under way. */
export interface GatedRun {
  choices(): Choice[];
  make(choice: Choice): Promise<void>;
  /** Equal keys: equal ports and equal pasts, so the same can happen next. */
  key(): string;
  /** An error that a process did not catch. */
  failure(): string | undefined;
  /** What happened, a line a step, if asked for. */
  readonly lines: readonly string[];
}

/** A schedule that is longer never ends. */
const MOST_STEPS = 1000;

/** Starts the model's processes up to their first calls. */
export async function gatedRun(model: Model, tell = false): Promise<GatedRun> {
  const processes = model.processes.map(gatedProcess);
  const moves = (model.moves ?? []).map((move) => ({ move, left: move.times ?? Infinity }));
  /** Puts that timed out and have not landed yet. */
  const wire: Pending[] = [];
  const lines: string[] = [];
  let deathsLeft = model.deaths ?? Infinity;
  let last = '';
  let steps = 0;
  let failure: string | undefined;

  function say(line: () => string): void {
    if (tell) lines.push(line());
  }

  function start(process: GatedProcess): void {
    const { name } = process.plan;
    startLife(process, (outcome, error) => {
      say(() => `${name}: ${outcome}`);
      if (error !== undefined) failure ??= `${name} threw ${wordsOf(error)}`;
    });
  }

  function grant(process: GatedProcess, pending: Pending): void {
    process.pending.splice(process.pending.indexOf(pending), 1);
    settled(pending.operation).then(
      (value) => {
        say(() => `${process.plan.name}: ${pending.words(value)}`);
        pending.resolve(value);
      },
      (error: unknown) => {
        say(() => `${process.plan.name}: ${pending.words(undefined)} throws ${wordsOf(error)}`);
        pending.reject(error);
      },
    );
  }

  function choicesOf(process: GatedProcess): Choice[] {
    const { plan } = process;
    const { name: by } = plan;
    if (process.state === 'waiting') {
      if (plan.after !== undefined && !plan.after()) return [];
      const make = (): void => {
        say(() => `${by}: starts`);
        start(process);
      };
      return [{ kind: 'start', by, make }];
    }
    if (process.state !== 'running') return [];
    const ready = process.pending.filter((pending) => pending.holds());
    const steps = ready.map((pending): Choice => {
      return { kind: 'step', by, make: () => grant(process, pending) };
    });
    return [...steps, ...latePutsOf(process, ready), ...deathsOf(process)];
  }

  function latePutsOf(process: GatedProcess, ready: readonly Pending[]): Choice[] {
    if (process.latePutsLeft === 0) return [];
    const { name: by } = process.plan;
    const late = (pending: Pending, what: string, then: () => void): Choice => ({
      kind: 'late',
      by,
      make() {
        process.latePutsLeft -= 1;
        say(() => `${by}: ${pending.words(undefined)} ${what}; the client tries again`);
        then();
      },
    });
    return ready
      .filter(({ mayBeLate }) => mayBeLate)
      .flatMap((pending) => [
        late(pending, 'lands, the answer is lost', () => void settled(pending.operation)),
        late(pending, 'times out, to land later', () => void wire.push(pending)),
      ]);
  }

  function deathsOf(process: GatedProcess): Choice[] {
    if (deathsLeft === 0 || process.deathsLeft === 0 || process.pending.length === 0) return [];
    const { name: by, afterDeath = 'again' } = process.plan;
    const death = (again: boolean): Choice => ({
      kind: 'death',
      by,
      make() {
        say(() => `${by}: DIES${again ? ', and will come again' : ''}`);
        deathsLeft -= 1;
        kill(process, again);
      },
    });
    return [
      ...(afterDeath === 'gone' ? [] : [death(true)]),
      ...(afterDeath === 'again' ? [] : [death(false)]),
    ];
  }

  function landings(): Choice[] {
    return wire.map((put) => ({
      kind: 'late',
      by: 'wire',
      make() {
        wire.splice(wire.indexOf(put), 1);
        say(() => `late: ${put.words(undefined)}`);
        void settled(put.operation);
      },
    }));
  }

  function movesNow(): Choice[] {
    return moves
      .filter(({ move, left }) => left > 0 && move.may())
      .map((entry) => ({
        kind: 'move',
        by: entry.move.name,
        make() {
          entry.left -= 1;
          entry.move.make();
          say(() => `${entry.move.name}${entry.move.detail?.() ?? ''}`);
        },
      }));
  }

  for (const process of processes) {
    if (process.plan.atOnce ?? process.plan.after === undefined) start(process);
  }
  await allWait();

  return {
    lines,
    failure: () => failure,
    choices() {
      const lastFirst = processes.toSorted(
        (a, b) => Number(b.plan.name === last) - Number(a.plan.name === last),
      );
      return [...lastFirst.flatMap(choicesOf), ...landings(), ...movesNow()];
    },
    async make(choice) {
      last = choice.by;
      steps += 1;
      if (steps > MOST_STEPS) failure ??= `it goes on for more than ${MOST_STEPS} steps`;
      choice.make();
      await allWait();
    },
    key() {
      const pasts = processes.map(({ state, past, life, named, deathsLeft, latePutsLeft }) => {
        return [state, past, named ? life : 0, deathsLeft, latePutsLeft];
      });
      const left = moves.map((entry) => (entry.left === Infinity ? -1 : entry.left));
      const puts = wire.map(({ words }) => words(undefined));
      return hash('sha1', `${textOf(model.state())} ${JSON.stringify([pasts, left, puts])}`, 'base64');
    },
  };
}

async function settled(operation: () => unknown): Promise<unknown> {
  return operation();
}

/** Everything in memory runs in microtasks, so after one turn of the event loop every process waits at a gate. */
function allWait(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
