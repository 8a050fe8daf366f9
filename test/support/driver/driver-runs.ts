import type { Action } from '../../../shared/domain/record/actions.ts';
import type { FormerAttempt, Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { type FunctionPorts, type Interceptor, runFunction } from '../../../local/virtual/run-function.ts';
import type { Receiver, Verb } from '../../../local/virtual/virtual-deployment.ts';
import type { Message } from '../../../local/virtual/virtual-queue.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import type { Effect, MemoryStore } from '../../../shared/stores/memory-store.ts';

export interface ClaimMade {
  readonly ref: HoldingRef;
  readonly generation: number;
  readonly stage: Action;
  readonly attempt: number;
  readonly token: string;
  readonly former: readonly FormerAttempt[];
}

/** What one run of a function did, as seen from outside. */
export interface Run {
  readonly verb: Verb;
  readonly at: Instant;
  readonly tokens: string[];
  /** What it destroyed. */
  readonly effects: Effect[];
  /** Claims that became durable. */
  readonly claims: ClaimMade[];
  end: 'running' | 'done' | 'again' | 'threw' | 'lost';
  error?: unknown;
}

/** Runs functions over the ports of one lane, and writes down what each run does. */
export function runsOf(core: LaneCore, store: MemoryStore, skew: (verb: Verb) => number) {
  const runs: Run[] = [];
  const waiting: { readonly verb: Verb; readonly interceptor: Interceptor }[] = [];

  async function run(to: Receiver, message: Message): Promise<Run['end']> {
    const { verb } = to;
    const mine: Run = { verb, at: core.clock.now(), tokens: [], effects: [], claims: [], end: 'running' };
    runs.push(mine);
    const index = waiting.findIndex((one) => one.verb === verb);
    const interceptor = index < 0 ? undefined : waiting.splice(index, 1)[0]?.interceptor;
    const threw = (error: unknown): void => {
      mine.error = error;
    };
    const faults = { skew: skew(verb), interceptor, threw };
    mine.end = await runFunction(to, noted(core, store, mine), message, faults).catch(() => 'threw' as const);
    return mine.end;
  }

  return { runs, run, onNext: (verb: Verb, interceptor: Interceptor) => waiting.push({ verb, interceptor }) };
}

/** The same ports, with notes of what goes through them. */
function noted({ lane, ...core }: LaneCore, store: MemoryStore, mine: Run): FunctionPorts {
  const acting =
    <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      const before = store.effects.length;
      const answer = await call(...args);
      mine.effects.push(...store.effects.slice(before));
      return answer;
    };
  return {
    ...core,
    tokens: {
      next() {
        const token = core.tokens.next();
        mine.tokens.push(token);
        return token;
      },
    },
    stores: {
      [lane]: {
        ...store,
        delete: acting((batch: Parameters<typeof store.delete>[0]) => store.delete(batch)),
        anonymise: acting((...args: Parameters<typeof store.anonymise>) => store.anonymise(...args)),
      },
    },
    registry: {
      ...core.registry,
      async putHolding(next) {
        const answer = await core.registry.putHolding(next);
        if (answer === 'written') noteClaim(next, mine);
        return answer;
      },
    },
  };
}

function noteClaim({ ref, generation, version, claim }: Holding, mine: Run): void {
  if (claim?.version !== version) return;
  const { stage, attempt, token, former = [] } = claim;
  mine.claims.push({ ref, generation, stage, attempt, token, former });
}
