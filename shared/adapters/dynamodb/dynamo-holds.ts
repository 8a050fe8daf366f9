import * as z from 'zod';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { isSameHold, pauseOfRestored, type WideHold } from '../../domain/record/hold.ts';
import type { Holds } from '../../ports/holds.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, SCHEMA, stored, trusted } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { PAGE_ITEMS } from './dynamo-table.ts';

const WIDE_HOLDS = 'L#all';
const WIDE_HOLD_PREFIX = 'L#';
const CONFIRMED_PREFIX = 'R#';

const scopeItem = z.union([
  z.strictObject({ category: part.text }),
  z.strictObject({ store: part.text }),
  z.strictObject({ policy: part.text }),
  z.strictObject({ everything: z.literal(true) }),
]);

const wideHoldItem = z.object({
  SK: part.text,
  k: z.enum(['hold', 'pause']),
  o: scopeItem,
  s: z.enum(['placed', 'released']),
  a: part.instant,
});

/** Reasons not to act, and what waits for their end. */
export function dynamoHolds(
  table: DynamoTable,
  { tableName, isAdopted }: { readonly tableName: string; readonly isAdopted: boolean },
): Holds {
  return {
    async wideHolds() {
      const items = await table.all({ partition: WIDE_HOLDS });
      const placed = items
        .filter(({ SK }) => String(SK).startsWith(WIDE_HOLD_PREFIX))
        .map(fromWideHoldItem)
        .filter(({ state }) => state === 'placed');
      const isPaused = isAdopted && !items.some(({ SK }) => SK === confirmedKey(tableName).SK);
      return isPaused ? [pauseOfRestored(), ...placed] : placed;
    },

    async confirmRestored(at) {
      await table.put(stored<{ a: number }>(confirmedKey(tableName), { a: at }));
    },

    async wideHold(id) {
      const item = await table.get(wideHoldKey(id));
      return item && fromWideHoldItem(item);
    },

    async placeWideHold(hold) {
      const there = await table.putIfAbsent(toWideHoldItem({ ...hold, state: 'placed' }));
      return there === undefined || isSameHold(fromWideHoldItem(there), hold) ? 'written' : 'refused';
    },

    async releaseWideHold({ id, kind, scope, at }) {
      await table.update(wideHoldKey(id), {
        expression:
          'SET v = :v, s = :s, k = if_not_exists(k, :k), o = if_not_exists(o, :o), a = if_not_exists(a, :a)',
        values: { ':v': SCHEMA, ':s': 'released', ':k': kind, ':o': scope, ':a': at },
      });
    },

    async park(hold, holdings) {
      await table.putAll(holdings.map((holding) => stored(parkedKey(hold, holding), {})));
    },

    async parked(hold, after) {
      const page = await table.page({ partition: parkedPartition(hold), after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromParkedItem) };
    },

    async unpark(hold, holdings) {
      await table.deleteAll(holdings.map((holding) => parkedKey(hold, holding)));
    },
  };
}

function wideHoldKey(id: string): ItemKey {
  return { PK: WIDE_HOLDS, SK: `${WIDE_HOLD_PREFIX}${id}` };
}

/** With the name of the table: a copy of it has another one, and brings this item along. */
function confirmedKey(tableName: string): ItemKey {
  return { PK: WIDE_HOLDS, SK: `${CONFIRMED_PREFIX}${tableName}` };
}

function parkedPartition(hold: string): string {
  return `P#${hold}`;
}

function parkedKey(hold: string, holding: HoldingRef): ItemKey {
  return { PK: parkedPartition(hold), SK: holding };
}

function fromParkedItem(found: StoredItem): HoldingRef {
  return trusted('parked', z.object({ SK: part.holdingRef }), found).SK;
}

function toWideHoldItem({ id, kind, scope, state, at }: WideHold): StoredItem & ItemKey {
  const body = { k: kind, o: scope, s: state, a: at };
  return stored<typeof body>(wideHoldKey(id), body);
}

function fromWideHoldItem(found: StoredItem): WideHold {
  const item = trusted('wide hold', wideHoldItem, found);
  return {
    id: item.SK.slice(WIDE_HOLD_PREFIX.length),
    kind: item.k,
    scope: item.o,
    state: item.s,
    at: item.a,
  };
}
