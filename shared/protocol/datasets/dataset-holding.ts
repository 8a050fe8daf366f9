import { unregistered } from '../../domain/datasets/row-holding.ts';
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
  const dataset = unregistered({ ref, store: lane, producer, category, entities: [] }, now);
  return { ...dataset, decision: { status: 'due', policies: '', stage: 'delete' } };
}
