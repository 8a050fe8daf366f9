import { hash } from 'node:crypto';
import type { Gate, GateOptions, ProcessPlan } from './model.ts';

/** A call that waits at its gate. */
export interface Pending {
  readonly operation: () => unknown;
  readonly holds: () => boolean;
  readonly mayBeLate: boolean;
  readonly words: (result: unknown) => string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One process of a run: its past is all that its code has seen, so equal pasts go on equally. */
export interface GatedProcess {
  readonly plan: ProcessPlan;
  state: 'waiting' | 'running' | 'done' | 'gone';
  /** Grows with every start: no call of an earlier life is ever answered. */
  life: number;
  /** Its names tell its lives apart. */
  named: boolean;
  past: string;
  pending: Pending[];
  deathsLeft: number;
  latePutsLeft: number;
}

export function gatedProcess(plan: ProcessPlan): GatedProcess {
  const { deaths = 0, latePuts = 0 } = plan;
  return {
    plan,
    state: 'waiting',
    life: 0,
    named: false,
    past: '',
    pending: [],
    deathsLeft: deaths,
    latePutsLeft: latePuts,
  };
}

const NEVER = new Promise<never>(() => undefined);

/** Runs the process up to its first calls; `ended` hears how this life ends, unless it is killed. */
export function startLife(process: GatedProcess, ended: (outcome: string, error?: unknown) => void): void {
  process.life += 1;
  process.state = 'running';
  process.past = '';
  process.pending = [];
  const alive = aliveIn(process);
  const end = (outcome: string, error?: unknown): void => {
    if (!alive()) return;
    process.state = process.plan.repeats === true ? 'waiting' : 'done';
    process.past = process.plan.repeats === true ? '' : outcome;
    ended(outcome, error);
  };
  process.plan.run(gateOf(process, alive)).then(
    (value) => end(`ends ${textOf(value)}`.trim()),
    (error: unknown) => end('throws', error ?? 'nothing'),
  );
}

export function kill(process: GatedProcess, again: boolean): void {
  process.deathsLeft -= 1;
  process.state = again ? 'waiting' : 'gone';
  process.pending = [];
  process.past = '';
  process.plan.died?.();
}

function aliveIn(process: GatedProcess): () => boolean {
  const { life } = process;
  return () => process.life === life && process.state === 'running';
}

function gateOf(process: GatedProcess, alive: () => boolean): Gate {
  let calls = 0;
  let tokens = 0;
  const note = (text: string): void => {
    process.past = hash('sha1', `${process.past} ${text}`, 'base64');
  };
  const call = (
    operation: () => unknown,
    rest: Partial<Pick<Pending, 'holds' | 'mayBeLate'>> & Pick<Pending, 'words'>,
  ): Promise<unknown> => {
    if (!alive()) return NEVER;
    calls += 1;
    const number = calls;
    return new Promise((resolve, reject) => {
      process.pending.push({
        operation,
        holds: () => true,
        mayBeLate: false,
        ...rest,
        resolve: (value) => {
          note(`${number}=${textOf(value)}`);
          resolve(value);
        },
        reject: (error) => {
          note(`${number}!${wordsOf(error)}`);
          reject(error as Error);
        },
      });
    });
  };
  const gate = <Port extends object>(port: Port, options: GateOptions<Port> = {}): Port => {
    const { open = () => false, late = [], describe = describePlainly } = options;
    return new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function' || typeof name !== 'string') return method;
        const isLate = (late as readonly string[]).includes(name);
        return (...args: unknown[]): unknown => {
          const operation = (): unknown => method.apply(target, args);
          if (open(name as keyof Port & string, args)) return alive() ? operation() : NEVER;
          return call(operation, { mayBeLate: isLate, words: (result) => describe(name, args, result) });
        };
      },
    });
  };
  return Object.assign(gate, {
    clock: (clock: { now(): number }) => ({
      now() {
        const now = clock.now();
        note(`@${now}`);
        return now;
      },
    }),
    tokens: () => ({
      next() {
        process.named = true;
        tokens += 1;
        return `${process.plan.name}-${process.life}-${tokens}`;
      },
    }),
    async until(what: string, holds: () => boolean) {
      await call(() => undefined, { holds, words: () => what });
    },
    async step<Value>(what: string, take: () => Value) {
      return (await call(take, { words: () => what })) as Value;
    },
  });
}

function describePlainly(method: string, args: readonly unknown[], result: unknown): string {
  const answer = textOf(result).slice(0, 80);
  return `${method}(${args.map(textOf).join(', ').slice(0, 120)})${answer === '' ? '' : ` -> ${answer}`}`;
}

const texts = new WeakMap<object, string>();

/** Results as text. Ports hand out frozen objects, so what was written out once is kept. */
export function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Map) return [...value].map(([key, one]) => `${String(key)}:${textOf(one)}`).join();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  // Part by part: there may be maps in it, which JSON leaves out, and frozen parts that are known.
  if (!Object.isFrozen(value)) {
    const parts = Object.entries(value).map(([key, one]) => `${key}:${textOf(one)}`);
    return `{${parts.join()}}`;
  }
  const known = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, known);
  return known;
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something that is not an error';
}
