import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Chunk } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { isOver, isPauseOf } from './lane/begin.ts';
import { rowsWaitSince } from './waiting-too-long.ts';

/** What keeps the lane from a chunk, as far as the registry knows. */
export type Because = 'paused' | 'failing' | 'working' | 'waiting';

export interface OverdueHoldings {
  readonly store: string;
  readonly producer: string;
  readonly because: Because;
  /** With `failing`: the code of the last failure. With `waiting`: what it waits for, if the lane has found that out. */
  readonly code?: string;
  /** It is about the rows of this dataset. */
  readonly dataset?: string;
  /** Of a dataset: how many rows its last attempt left waiting, 0 if it did not come to count them. */
  readonly count: number;
  /** Of a dataset: since when its rows wait. */
  readonly oldestDeadline: Instant;
}

/** Where the next page begins. */
export interface OverdueCursor {
  readonly lane: string;
  readonly after?: string;
}

export interface OverduePage {
  readonly groups: readonly OverdueHoldings[];
  readonly next?: OverdueCursor;
}

/**
 * Holdings past their deadline, in groups of what is alike, and datasets whose rows wait too long: one page of one lane's
 * chunks. Nothing is written. A holding in two chunks is counted twice. What is parked under a hold is kept rightly and is
 * not listed.
 */
export async function listOverdue(
  core: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  now: Instant,
  cursor?: OverdueCursor,
): Promise<OverduePage> {
  const lanes = Object.keys(core.configuration.stores).toSorted();
  const lane = cursor?.lane ?? lanes[0];
  if (lane === undefined) return { groups: [] };
  const page = await core.registry.chunks(lane, cursor?.after);
  const late = page.items.flatMap((chunk): readonly Late[] => {
    const since = chunk.dataset === undefined ? chunk.deadline : rowsWaitSince(core, chunk, now);
    return since === undefined || since >= now ? [] : [{ chunk, since }];
  });
  const groups = late.length === 0 ? [] : await grouped(core, lane, late);
  const following = lanes[lanes.indexOf(lane) + 1];
  const next =
    page.next !== undefined
      ? { lane, after: page.next }
      : following === undefined
        ? undefined
        : { lane: following };
  return { groups, ...present({ next }) };
}

interface Late {
  readonly chunk: Chunk;
  readonly since: Instant;
}

async function grouped(
  core: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  lane: string,
  late: readonly Late[],
): Promise<readonly OverdueHoldings[]> {
  const isPaused = (await core.registry.wideHolds()).some((hold) => isPauseOf(hold, lane));
  const live = (await core.registry.workRecords(lane)).filter((work) => !isOver(core, work));
  const worked = new Set(live.map(({ chunk }) => chunk.id));
  const because = (chunk: Chunk): Because => {
    if (isPaused) return 'paused';
    if (worked.has(chunk.id)) return 'working';
    return chunk.failures > 0 ? 'failing' : 'waiting';
  };
  const groups = Map.groupBy(late, ({ chunk }) =>
    JSON.stringify([chunk.producer, because(chunk), codeOf(because(chunk), chunk), chunk.dataset]),
  );
  return [...groups.values()].flatMap((group) => {
    const first = group[0]?.chunk;
    if (first === undefined) return [];
    const reason = because(first);
    return [
      {
        store: lane,
        producer: first.producer,
        because: reason,
        ...present({ code: codeOf(reason, first), dataset: first.dataset }),
        count: group.reduce((sum, { chunk }) => sum + countOf(chunk), 0),
        oldestDeadline: Math.min(...group.map(({ since }) => since)),
      },
    ];
  });
}

function countOf({ dataset, refs, waits = [] }: Chunk): number {
  return dataset === undefined ? refs.length : waits.reduce((sum, { count }) => sum + count, 0);
}

function codeOf(because: Because, { failure, waits }: Chunk): string | undefined {
  switch (because) {
    case 'failing':
      return failure?.code;
    case 'waiting':
      return waits?.toSorted((a, b) => b.count - a.count)[0]?.code;
    case 'paused':
    case 'working':
      return undefined;
  }
}

/** Past its deadline, by the decision on record. What rightly waits is late once nothing came of that within a day. */
export function isOverdue({ state, decision, waitsUntil }: Deadlined, now: Instant): boolean {
  const waits = waitsUntil !== undefined && now < waitsUntil + DAY;
  return state === 'active' && decision?.deadline !== undefined && decision.deadline < now && !waits;
}

interface Deadlined {
  readonly state: string;
  readonly decision?: { readonly deadline?: Instant };
  readonly waitsUntil?: Instant;
}

const DAY = 86_400_000;
