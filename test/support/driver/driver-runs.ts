import { type FunctionPorts, type Interceptor, runFunction } from '../../../local/virtual/run-function.ts';
import type { Receiver, Verb } from '../../../local/virtual/virtual-deployment.ts';
import type { Message } from '../../../local/virtual/virtual-queue.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import type { WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import type { Effect, MemoryStore } from '../../../shared/stores/memory-store.ts';
import type { WorldCore } from './world.ts';

/** What one run of a function did, as seen from outside. */
export interface Run {
  readonly verb: Verb;
  readonly at: Instant;
  readonly tokens: string[];
  /** What it destroyed. */
  readonly effects: Effect[];
  end: 'running' | 'done' | 'again' | 'threw' | 'lost';
  error?: unknown;
}

interface Around {
  readonly skew: (verb: Verb) => number;
  readonly queuesOn: (clock: Clock) => Queues;
  /** The table's name, once it is one that was restored. */
  readonly adopted?: () => string | undefined;
  /** What the lane has instead of the store itself. */
  readonly instead?: Store | undefined;
}

/** Runs functions over the ports of one lane, and writes down what each run does. */
export function runsOf(
  core: WorldCore & Pick<WriteLogCore, 'bucket' | 'signer'>,
  store: MemoryStore,
  around: Around,
) {
  const runs: Run[] = [];
  const waiting: { readonly verb: Verb; readonly interceptor: Interceptor }[] = [];

  async function run(to: Receiver, message: Message): Promise<Run['end']> {
    const { verb } = to;
    const mine: Run = { verb, at: core.clock.now(), tokens: [], effects: [], end: 'running' };
    runs.push(mine);
    const index = waiting.findIndex((one) => one.verb === verb);
    const interceptor = index < 0 ? undefined : waiting.splice(index, 1)[0]?.interceptor;
    const threw = (error: unknown): void => {
      mine.error = error;
    };
    const skew = around.skew(verb);
    const own = around.queuesOn({ now: () => core.clock.now() + skew });
    const noting = noted({ ...core, queues: own, ...present({ adopted: around.adopted?.() }) }, store, mine);
    const { instead } = around;
    const ports = instead === undefined ? noting : { ...noting, stores: { [core.lane]: instead } };
    mine.end = await runFunction(to, ports, message, { skew, interceptor, threw }).catch(
      () => 'threw' as const,
    );
    return mine.end;
  }

  return { runs, run, onNext: (verb: Verb, interceptor: Interceptor) => waiting.push({ verb, interceptor }) };
}

/** The same ports, with notes of what goes through them. */
function noted(
  { lane, ...core }: WorldCore & Pick<WriteLogCore, 'bucket' | 'signer'>,
  store: MemoryStore,
  mine: Run,
): FunctionPorts {
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
        restrict: acting((...args: Parameters<typeof store.restrict>) => store.restrict(...args)),
      },
    },
  };
}
