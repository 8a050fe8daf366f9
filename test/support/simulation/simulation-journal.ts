import type { StoreAction } from '../../../shared/domain/record/actions.ts';
import type { Holding, StageDone } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import type { HoldingChange } from '../../../shared/ports/holdings.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { type LinkedLine, openLines } from '../../../shared/protocol/entry-links.ts';

/** A place in the order of all that became durable, and the true time of it. */
export interface Mark {
  readonly order: number;
  readonly at: Instant;
}

/** What became of one message: each mark is of the first time. */
export interface Progress {
  /** In the fact history: a worker may have seen it from here on. */
  put?: Mark;
  /** Folded: every attempt that begins later has to honour it. */
  folded?: Mark;
  acknowledged?: Mark;
}

/** A registration or withdrawal that took effect. */
export interface Applied extends Mark {
  readonly id: string;
  /** Of the holding, as this message left it. */
  readonly version: number;
  readonly received: Instant;
}

/** An attempt was about to change the record. */
export interface Acting extends Mark {
  readonly begun: Mark;
  readonly token: string;
  readonly generation: number;
  readonly stage: StoreAction;
  /** Of the holding, as it was decided on. */
  readonly version: number;
}

/** What one attempt said of one holding. */
export interface Said extends Mark {
  readonly begun: Mark;
  readonly token: string;
  readonly line: LinkedLine;
}

/** A stage's outcome came into the holding. */
export interface Settled extends Said {
  /** Of the holding, as the outcome left it. */
  readonly version: number;
}

/** What really happened, in order: written by what runs the functions, read by what judges them. */
export interface Journal {
  readonly progress: Map<string, Progress>;
  readonly applied: Map<HoldingRef, Applied[]>;
  readonly acting: Map<HoldingRef, Acting[]>;
  readonly said: Map<HoldingRef, Said[]>;
  readonly settled: Map<HoldingRef, Settled[]>;
  mark(): Mark;
  of(id: string): Progress;
  /** The registry as one run of a function sees it; `id`: of the message that it works on. */
  watch(registry: Registry, id: string | undefined): Registry;
}

export function journal(now: () => Instant, keys: Keys): Journal {
  const progress = new Map<string, Progress>();
  const applied = new Map<HoldingRef, Applied[]>();
  const acting = new Map<HoldingRef, Acting[]>();
  const said = new Map<HoldingRef, Said[]>();
  const settled = new Map<HoldingRef, Settled[]>();
  const begun = new Map<string, Mark>();
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

  function beginningOf(token: string): Mark {
    const mark = begun.get(token);
    if (mark === undefined) throw new Error(`no attempt began as ${token}`);
    return mark;
  }

  async function tell(result: AttemptResult): Promise<void> {
    const { token } = result;
    const its = mark();
    for (const line of await openLines(keys, result))
      append(said, line.ref, { ...its, token, line, begun: beginningOf(token) });
  }

  function settle(ref: HoldingRef, { link, stage }: StageDone, version: number): void {
    const one = said.get(ref)?.find(({ line }) => line.link === link && line.stage === stage);
    if (one === undefined) throw new Error(`an outcome of ${stage} has no result`);
    append(settled, ref, { ...one, ...mark(), version });
  }

  function written({ before, after }: HoldingChange, id: string | undefined, tombstone?: Holding): void {
    const outcomes = after.generation === (before?.generation ?? 1) ? after.done : tombstone?.done;
    for (const done of newOutcomes(before, outcomes)) settle(after.ref, done, after.version);
    if (id === undefined) return;
    const variant = after.variants.find(({ folded }) => folded === after.version);
    const isWithdrawn = JSON.stringify(after.withdrawnAt) !== JSON.stringify(before?.withdrawnAt);
    if (variant === undefined && !isWithdrawn) return;
    const received = variant?.received ?? now();
    append(applied, after.ref, { ...mark(), id, version: after.version, received });
  }

  return {
    progress,
    applied,
    acting,
    said,
    settled,
    mark,
    of,
    watch(registry, id) {
      const tombstones = new Map<HoldingRef, Holding>();
      return {
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
        async putWork(next, former) {
          const answer = await registry.putWork(next, former);
          if (answer === 'written') begun.set(next.token, mark());
          return answer;
        },
        async actOn(work, actedOn) {
          const answer = await registry.actOn(work, actedOn);
          const its = { ...mark(), token: work.token, begun: beginningOf(work.token) };
          if (answer === 'written') for (const one of actedOn) append(acting, one.ref, { ...one, ...its });
          return answer;
        },
        async putResult(result) {
          const answer = await registry.putResult(result);
          if (answer === 'written') await tell(result);
          return answer;
        },
        async putTombstone(tombstone) {
          await registry.putTombstone(tombstone);
          tombstones.set(tombstone.ref, tombstone);
        },
        async writeHoldings(changes) {
          const answers = await registry.writeHoldings(changes);
          for (const [index, change] of changes.entries())
            if (answers[index] === 'written') written(change, id, tombstones.get(change.after.ref));
          return answers;
        },
      };
    },
  };
}

function newOutcomes(before: Holding | undefined, after: readonly StageDone[] = []): readonly StageDone[] {
  return after.filter(
    ({ stage, link }) => !before?.done?.some((known) => known.stage === stage && known.link === link),
  );
}

function append<Item>(lists: Map<HoldingRef, Item[]>, ref: HoldingRef, item: Item): void {
  const list = lists.get(ref) ?? [];
  list.push(item);
  lists.set(ref, list);
}
