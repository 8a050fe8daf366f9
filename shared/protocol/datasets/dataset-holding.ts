import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Chunk } from '../../domain/record/work.ts';

/**
 * A dataset as what holdings are asked for: its limits, its policies, and its entries. It is in no registry. References in
 * its entries are those of the year in which the attempt began.
 */
export function datasetHolding(
  { lane, producer, refs: [ref] }: Chunk,
  category: string,
  now: Instant,
): Holding {
  if (ref === undefined) throw new TypeError('the chunk of a dataset has no reference');
  return {
    ref,
    version: 1,
    generation: 1,
    state: 'active',
    store: lane,
    registeredAt: now,
    variants: [
      {
        producer,
        content: '',
        categories: [category],
        purposes: [],
        entities: [],
        sent: now,
        received: now,
        since: 1,
        folded: 1,
      },
    ],
    decision: { status: 'due', policies: '', stage: 'delete' },
  };
}
