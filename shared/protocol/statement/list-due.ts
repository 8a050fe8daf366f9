import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Chunk } from '../../domain/record/work.ts';
import type { Core } from '../core.ts';

/** Where the next page begins: first in the lanes, then under the legal holds. */
export type DuePlace = LanePlace | HoldPlace;

/** `past`: the last chunk of the lane's page that was read. */
interface LanePlace {
  readonly lane: string;
  readonly after?: string;
  readonly past?: string;
}

/** `list`: of a page of holds. `past`: the last of them that was read. `hold`: one that is read, and goes on `after`. */
interface HoldPlace {
  readonly holds: true;
  readonly list?: string;
  readonly past?: string;
  readonly hold?: string;
  readonly after?: string;
}

interface DueHoldings {
  readonly holdings: readonly Holding[];
  readonly next?: DuePlace;
}

type DueCore = Pick<Core, 'registry' | 'configuration'>;

/** Holdings of a page: a batch reads 100. */
const MOST_REFS = 500;

/**
 * Holdings that were registered and due before a time, by what the registry knows now, and are not disposed of: those
 * that lanes have work on, and those that are parked under a legal hold. It reads some chunks of one lane, or a part of
 * what one hold keeps, and their holdings, so that a page may have nothing. A holding in two places is there twice.
 */
export async function listDue(core: DueCore, before: Instant, place?: DuePlace): Promise<DueHoldings> {
  const lanes = Object.keys(core.configuration.stores).toSorted();
  const first = lanes[0] === undefined ? undefined : { lane: lanes[0] };
  const from = place ?? first;
  const { refs, next } =
    from === undefined || 'holds' in from ? await parkedRefs(core, from) : await chunkRefs(core, lanes, from);
  const read = refs.length === 0 ? undefined : await core.registry.readHoldings(refs);
  const holdings = [...(read?.holdings.values() ?? [])].filter((holding) => wasDue(holding, before));
  return { holdings, ...present({ next }) };
}

interface Refs {
  readonly refs: readonly HoldingRef[];
  readonly next: DuePlace | undefined;
}

async function chunkRefs(
  { registry }: DueCore,
  lanes: readonly string[],
  { lane, after, past }: LanePlace,
): Promise<Refs> {
  const page = await registry.chunks(lane, after);
  // One that is gone is not found: then the page is read again from its first chunk on.
  const left = page.items.slice(page.items.findIndex(({ id }) => id === past) + 1);
  const some = firstOf(left);
  const refs = [...new Set(some.flatMap((one) => (one.dataset === undefined ? one.refs : [])))];
  if (some.length < left.length)
    return { refs, next: { lane, ...present({ after, past: some.at(-1)?.id }) } };
  if (page.next !== undefined) return { refs, next: { lane, after: page.next } };
  const following = lanes.find((other) => other > lane);
  return { refs, next: following === undefined ? { holds: true } : { lane: following } };
}

/** What was released is on its way into chunks. */
async function parkedRefs({ registry }: DueCore, place?: HoldPlace): Promise<Refs> {
  const { list, past = '', hold: begun, after } = place ?? {};
  const page = await registry.holdRecords(list);
  const hold = begun ?? page.items.find(({ id, state }) => id > past && state !== 'released')?.id;
  if (hold === undefined)
    return { refs: [], next: page.next === undefined ? undefined : { holds: true, list: page.next } };
  const { items: refs, next } = await registry.parked(hold, after);
  const from = next === undefined ? { past: hold } : { hold, after: next };
  return { refs, next: { holds: true, ...present({ list }), ...from } };
}

/** At least one, if there are any. */
function firstOf(chunks: readonly Chunk[]): readonly Chunk[] {
  let refs = 0;
  return chunks.filter((chunk, at) => {
    refs += chunk.refs.length;
    return at === 0 || refs <= MOST_REFS;
  });
}

function wasDue({ state, decision, registeredAt }: Holding, before: Instant): boolean {
  const { actAt = Infinity } = decision ?? {};
  return state === 'active' && registeredAt < before && actAt < before;
}
