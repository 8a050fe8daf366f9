import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Registry } from '../../ports/registry.ts';
import {
  fromHoldingItem,
  HOLDING_SK,
  holdingKey,
  toHoldingItem,
  tombstoneKey,
} from './dynamo-holding-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, versionIs } from './dynamo-table.ts';

type Holdings = Pick<
  Registry,
  'holding' | 'holdings' | 'putHolding' | 'putTombstone' | 'tombstones' | 'scanHoldings'
>;

/** One item a holding, in a partition of its own, so that writes spread evenly. */
export function dynamoHoldings(table: DynamoTable): Holdings {
  return {
    async holding(ref) {
      const item = await table.get(holdingKey(ref));
      return item && fromHoldingItem(item);
    },

    async holdings(refs) {
      const items = await table.batchGet([...new Set(refs)].map(holdingKey));
      const found = new Map(items.map(fromHoldingItem).map((holding) => [holding.ref, holding]));
      return new Map(refs.flatMap((ref) => pairIfFound(ref, found)));
    },

    async putHolding(next) {
      const written = await table.put(toHoldingItem(holdingKey(next.ref), next), versionIs(next.version - 1));
      return written ? 'written' : 'moved';
    },

    async putTombstone(tombstone) {
      await table.put(toHoldingItem(tombstoneKey(tombstone.ref, tombstone.generation), tombstone), ABSENT);
    },

    async tombstones(ref) {
      const items = await table.all({ partition: holdingKey(ref).PK, prefix: 'T#' });
      return items.map(fromHoldingItem).toSorted((a, b) => a.generation - b.generation);
    },

    async scanHoldings(segment, segments, after) {
      const filter = { expression: 'SK = :holding', values: { ':holding': HOLDING_SK } };
      const { items, ...next } = await table.scan(segment, segments, filter, after);
      return { items: items.map(fromHoldingItem), ...next };
    },
  };
}

function pairIfFound<Found>(ref: HoldingRef, found: ReadonlyMap<HoldingRef, Found>): [HoldingRef, Found][] {
  const value = found.get(ref);
  return value === undefined ? [] : [[ref, value]];
}
