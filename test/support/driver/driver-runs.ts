import type { Action } from '../../../shared/domain/record/actions.ts';
import type { FormerAttempt, Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import type { Effect } from '../../../shared/stores/memory-store.ts';
import type { World } from './world.ts';

export type Verb = 'ingest' | 'sweep' | 'dispose' | 'seal';

/** One call of a port by a watched run. Calls are numbered from 1. */
export interface PortCall {
  readonly number: number;
  /** E.g. `registry.putHolding`. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly make: () => Promise<unknown>;
  /** Nobody waits for this run any more: it is dead, or takes too long. */
  readonly abandon: () => void;
}

/** Answers a port call in the port's place. */
export type Interceptor = (call: PortCall) => Promise<unknown>;

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

const PORTS = ['registry', 'queues', 'timers', 'keys', 'bucket', 'index', 'store'] as const;

/** Starts functions over the world's ports, and writes down what each run does. */
export function runsOf(it: World, skew: (verb: Verb) => number) {
  const runs: Run[] = [];
  const waiting: { readonly verb: Verb; readonly interceptor: Interceptor }[] = [];

  async function run(
    verb: Verb,
    work: (core: LaneCore) => Promise<'done' | 'again'>,
  ): Promise<'done' | 'again' | 'lost'> {
    const mine: Run = {
      verb,
      at: it.clock.now(),
      tokens: [],
      effects: [],
      claims: [],
      end: 'running',
    };
    runs.push(mine);
    let abandon = (): void => undefined;
    const abandoned = new Promise<'lost'>((resolve) => {
      abandon = () => {
        mine.end = 'lost';
        resolve('lost');
      };
    });
    const index = waiting.findIndex((one) => one.verb === verb);
    const interceptor = index < 0 ? undefined : waiting.splice(index, 1)[0]?.interceptor;
    const core = { ...written(it, mine), clock: { now: () => it.clock.now() + skew(verb) } };
    const ended = work(interceptor === undefined ? core : intercepted(core, interceptor, abandon)).then(
      (outcome) => {
        if (mine.end === 'running') mine.end = outcome;
        return outcome;
      },
      (error: unknown) => {
        if (mine.end === 'running') mine.end = 'threw';
        mine.error = error;
        return 'again' as const;
      },
    );
    return Promise.race([ended, abandoned]);
  }

  return { runs, run, onNext: (verb: Verb, interceptor: Interceptor) => waiting.push({ verb, interceptor }) };
}

/** The same ports, with notes of what goes through them. */
function written({ core, store, registry }: World, mine: Run): LaneCore {
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
    store: {
      ...store,
      delete: acting((batch: Parameters<typeof store.delete>[0]) => store.delete(batch)),
      anonymise: acting((...args: Parameters<typeof store.anonymise>) => store.anonymise(...args)),
    },
    registry: {
      ...registry,
      async putHolding(next) {
        const answer = await registry.putHolding(next);
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

function intercepted(core: LaneCore, interceptor: Interceptor, abandon: () => void): LaneCore {
  let calls = 0;
  const wrapped = Object.fromEntries(
    PORTS.map((port) => [
      port,
      Object.fromEntries(
        Object.entries(core[port]).map(([method, member]) => {
          if (typeof member !== 'function') return [method, member];
          const call = member as (...args: readonly unknown[]) => Promise<unknown>;
          return [
            method,
            (...args: readonly unknown[]) => {
              calls += 1;
              const make = (): Promise<unknown> => call(...args);
              return interceptor({ number: calls, name: `${port}.${method}`, args, make, abandon });
            },
          ];
        }),
      ),
    ]),
  );
  return { ...core, ...wrapped };
}
