import type { HoldingRef } from '../../domain/record/ids.ts';
import type { DamagedHolding, HoldingChange, Holdings, HoldingsRead } from '../../ports/holdings.ts';
import type { Holding } from '../../domain/record/holding.ts';
import {
  entityPartition,
  fromPointerItem,
  POINTER_PREFIX,
  pointerKey,
  toPointerItem,
} from './dynamo-entity-item.ts';
import {
  fromHoldingItem,
  HOLDING_SK,
  holdingKey,
  keptOf,
  toHoldingItem,
  toHoldingUpdate,
  TOMBSTONE_PREFIX,
  tombstoneKey,
} from './dynamo-holding-item.ts';
import { AdapterError } from '../adapter-error.ts';
import { isTooNew, SCHEMA, type StoredItem } from './dynamo-item.ts';
import type { ConditionalWrite } from './dynamo-statements.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { scanWithEntities } from './dynamo-scan.ts';
import { absentOrOlder, PAGE_ITEMS } from './dynamo-table.ts';

/** One item a holding, in a partition of its own, so that writes spread evenly. */
export function dynamoHoldings(table: DynamoTable): Holdings {
  // The schema version that a holding was read with, as long as somebody has the holding.
  const schemas = new WeakMap<Holding, number>();

  function read(item: StoredItem): Holding {
    const holding = fromHoldingItem(item);
    schemas.set(holding, Number(item['v']));
    return holding;
  }

  /**
   * A table of a former schema is a deployment's fault and is refused. A damaged item, or one that a much newer release
   * wrote, concerns itself alone.
   */
  function readEach(
    items: readonly StoredItem[],
    concernsItself = ({ code }: AdapterError, item: StoredItem) => code === 'ITEM_INVALID' || isTooNew(item),
  ): { items: Holding[]; damaged: DamagedHolding[] } {
    const readable: Holding[] = [];
    const damaged: DamagedHolding[] = [];
    for (const item of items) {
      try {
        readable.push(read(item));
      } catch (error) {
        if (!(error instanceof AdapterError) || !concernsItself(error, item)) throw error;
        damaged.push({ ...keptOf(item), code: error.code });
      }
    }
    return { items: readable, damaged };
  }

  async function readHoldings(refs: readonly HoldingRef[]): Promise<HoldingsRead> {
    const { items, damaged } = readEach(await table.batchGet(refs.map(holdingKey)));
    const found = new Map(items.map((holding) => [holding.ref, holding]));
    return { holdings: new Map(refs.flatMap((ref) => pairIfFound(ref, found))), damaged };
  }

  function writeOf({ before, after }: HoldingChange): ConditionalWrite {
    if (after.version !== (before?.version ?? 0) + 1)
      throw new TypeError('a change raises the version by one');
    if (before === undefined) return { kind: 'insert', item: toHoldingItem(holdingKey(after.ref), after) };
    return toHoldingUpdate(before, after, schemas.get(before) ?? SCHEMA);
  }

  return {
    async holdings(refs) {
      const items = await table.batchGet(refs.map(holdingKey));
      const found = new Map(items.map(read).map((holding) => [holding.ref, holding]));
      return new Map(refs.flatMap((ref) => pairIfFound(ref, found)));
    },

    readHoldings,

    async writeHoldings(changes) {
      const refs = changes.map(({ after }) => after.ref);
      if (new Set(refs).size < refs.length) throw new TypeError('one holding is changed twice in one call');
      const written = await table.writeEach(changes.map(writeOf));
      return written.map((isWritten) => (isWritten ? 'written' : 'moved'));
    },

    async putTombstone(tombstone) {
      const item = toHoldingItem(tombstoneKey(tombstone.ref, tombstone.generation), tombstone);
      await table.put(item, absentOrOlder(tombstone.version));
    },

    async tombstones(ref) {
      const items = await table.all({ partition: holdingKey(ref).PK, prefix: TOMBSTONE_PREFIX });
      return items.map(fromHoldingItem).toSorted((a, b) => a.generation - b.generation);
    },

    async tombstonesAt(of) {
      const keys = of.map(({ ref, generation }) => tombstoneKey(ref, generation));
      return (await table.batchGet(keys)).map(fromHoldingItem);
    },

    async putPointers(entities, holding) {
      await table.writeEach(
        [...new Set(entities)].map((entity) => ({ kind: 'insert', item: toPointerItem(entity, holding) })),
      );
    },

    async pointers(entity, after) {
      const { items, ...next } = await table.page({
        partition: entityPartition(entity),
        prefix: POINTER_PREFIX,
        after,
        limit: PAGE_ITEMS,
      });
      return { items: items.map(fromPointerItem), ...next };
    },

    async pointersAmong(entity, refs) {
      const items = await table.batchGet([...new Set(refs)].map((ref) => pointerKey(entity, ref)));
      return items.map(fromPointerItem);
    },

    async scanHoldings(segment, segments, after) {
      const filter = { expression: 'SK = :holding', values: { ':holding': HOLDING_SK } };
      const { items, ...next } = await table.scan(segment, segments, filter, after);
      return { ...readEach(items), ...next };
    },

    async scanAll(segment, segments, after) {
      const { holdings, tombstones, ...rest } = await scanWithEntities(table, { segment, segments, after });
      // They may be of any age, and a scan decides nothing by them.
      const { items, damaged } = readEach(tombstones, () => true);
      return { ...rest, ...readEach(holdings), earlier: items, damagedEarlier: damaged };
    },
  };
}

function pairIfFound(ref: HoldingRef, found: ReadonlyMap<HoldingRef, Holding>): [HoldingRef, Holding][] {
  const value = found.get(ref);
  return value === undefined ? [] : [[ref, value]];
}
