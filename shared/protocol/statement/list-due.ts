import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Chunk } from '../../domain/record/work.ts';
import type { Core } from '../core.ts';

/** Where the next page begins. `past`: the last chunk of the lane's page that was read. */
export interface DuePlace {
  readonly lane: string;
  readonly after?: string;
  readonly past?: string;
}

/** Holdings of a page: a batch reads 100. */
const MOST_REFS = 500;

/**
 * Holdings that were registered and due before a time, by what the registry knows now, and are not disposed of: those
 * that lanes have work on. It reads some chunks of one lane and their holdings, so that a page may have nothing. What is
 * parked under a hold has no chunk. A holding in two chunks is there twice.
 */
export async function listDue(
  { registry, configuration }: Pick<Core, 'registry' | 'configuration'>,
  before: Instant,
  place?: DuePlace,
): Promise<{ readonly holdings: readonly Holding[]; readonly next?: DuePlace }> {
  const lanes = Object.keys(configuration.stores).toSorted();
  const lane = place?.lane ?? lanes[0];
  if (lane === undefined) return { holdings: [] };
  const { after } = place ?? {};
  const page = await registry.chunks(lane, after);
  // One that is gone is not found: then the page is read again from its first chunk on.
  const left = page.items.slice(page.items.findIndex(({ id }) => id === place?.past) + 1);
  const some = firstOf(left);
  const refs = [...new Set(some.flatMap((one) => (one.dataset === undefined ? one.refs : [])))];
  const read = refs.length === 0 ? undefined : await registry.readHoldings(refs);
  const holdings = [...(read?.holdings.values() ?? [])].filter((holding) => wasDue(holding, before));
  const following = lanes.find((other) => other > lane);
  const next =
    some.length < left.length
      ? { lane, ...present({ after, past: some.at(-1)?.id }) }
      : page.next !== undefined
        ? { lane, after: page.next }
        : following === undefined
          ? undefined
          : { lane: following };
  return { holdings, ...present({ next }) };
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
