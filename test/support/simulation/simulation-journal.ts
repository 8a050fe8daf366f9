import type { Action } from '../../../shared/domain/record/actions.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';

/** A place in the order of all that became durable, and the true time of it. */
export interface Mark {
  readonly order: number;
  readonly at: Instant;
}

/** What became of one message: each mark is of the first time. */
export interface Progress {
  /** In the fact history: a worker may have seen it from here on. */
  put?: Mark;
  /** Folded: every claim from here on has to honour it. */
  folded?: Mark;
  /** A registration or withdrawal took effect. */
  applied?: Mark;
  acknowledged?: Mark;
}

export interface Applied extends Mark {
  readonly id: string;
  readonly ref: HoldingRef;
  readonly generation: number;
}

export interface Claimed extends Mark {
  readonly generation: number;
}

export interface Settled extends Mark {
  readonly generation: number;
  readonly stage: Action;
}

/** What really happened, in order: written by what runs the functions, read by what judges them. */
export interface Journal {
  readonly progress: Map<string, Progress>;
  /** Registrations and withdrawals that took effect, in order. */
  readonly applied: readonly Applied[];
  readonly claims: Map<HoldingRef, Claimed[]>;
  readonly settled: Map<HoldingRef, Settled[]>;
  mark(): Mark;
  of(id: string): Progress;
  /** The registry as a run of a function sees it; `id`: of the message that it works on. */
  watch(registry: Registry, id: string | undefined): Registry;
}

export function journal(now: () => Instant): Journal {
  const progress = new Map<string, Progress>();
  const applied: Applied[] = [];
  const claims = new Map<HoldingRef, Claimed[]>();
  const settled = new Map<HoldingRef, Settled[]>();
  let order = 0;

  const mark = (): Mark => {
    order += 1;
    return { order, at: now() };
  };
  const of = (id: string): Progress => {
    const known = progress.get(id) ?? {};
    progress.set(id, known);
    return known;
  };
  const append = <Item>(lists: Map<HoldingRef, Item[]>, ref: HoldingRef, item: Item): void => {
    const list = lists.get(ref) ?? [];
    list.push(item);
    lists.set(ref, list);
  };
  function written(next: Holding, id: string | undefined): void {
    if (next.state === 'claimed' && next.claim?.version === next.version) {
      append(claims, next.ref, { ...mark(), generation: next.generation });
    }
    const done = next.done?.at(-1);
    const known = settled.get(next.ref)?.at(-1);
    const isNew = known?.generation !== next.generation || known.stage !== done?.stage;
    if (done !== undefined && isNew) {
      append(settled, next.ref, { ...mark(), generation: next.generation, stage: done.stage });
    }
    if (id === undefined || (next.state !== 'pending' && next.state !== 'withdrawn')) return;
    const its = mark();
    of(id).applied ??= its;
    applied.push({ ...its, id, ref: next.ref, generation: next.generation });
  }

  return {
    progress,
    applied,
    claims,
    settled,
    mark,
    of,
    watch: (registry, id) => ({
      ...registry,
      async putFact(entity, fact) {
        const answer = await registry.putFact(entity, fact);
        if (id !== undefined && answer === 'new') of(id).put ??= mark();
        return answer;
      },
      async putState(entity, state) {
        const answer = await registry.putState(entity, state);
        if (id !== undefined && answer === 'written') of(id).folded ??= mark();
        return answer;
      },
      async putHolding(next) {
        const answer = await registry.putHolding(next);
        if (answer === 'written') written(next, id);
        return answer;
      },
    }),
  };
}
