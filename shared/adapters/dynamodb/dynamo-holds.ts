import * as z from 'zod';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { isSameHold, type WideHold } from '../../domain/record/hold.ts';
import type { InFlight, Registry } from '../../ports/registry.ts';
import { AdapterError } from '../adapter-error.ts';
import { fromPointerItem, POINTER_PREFIX } from './dynamo-entity-item.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { PAGE_ITEMS } from './dynamo-table.ts';

type Holds = Pick<
  Registry,
  | 'wideHolds'
  | 'wideHold'
  | 'placeWideHold'
  | 'releaseWideHold'
  | 'park'
  | 'parked'
  | 'unpark'
  | 'putInFlight'
  | 'inFlight'
  | 'deleteInFlight'
>;

const REF_BYTES = 16;
const WIDE_HOLDS = 'L#all';
const WIDE_HOLD_PREFIX = 'L#';

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

const inFlightItem = z.object({
  SK: part.text,
  b: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length % REF_BYTES === 0),
  u: part.instant,
});

/** Reasons not to act, what waits for their end, and what is being acted on. */
export function dynamoHolds(table: DynamoTable): Holds {
  return {
    async wideHolds() {
      const items = await table.all({ partition: WIDE_HOLDS, prefix: WIDE_HOLD_PREFIX });
      return items.map(fromWideHoldItem).filter(({ state }) => state === 'placed');
    },

    async wideHold(id) {
      const item = await table.get(wideHoldKey(id));
      return item && fromWideHoldItem(item);
    },

    async placeWideHold(hold) {
      const there = await table.putIfAbsent(toWideHoldItem({ ...hold, state: 'placed' }));
      return there === undefined || isSameHold(fromWideHoldItem(there), hold) ? 'written' : 'refused';
    },

    async releaseWideHold(hold) {
      await table.put(toWideHoldItem({ ...hold, state: 'released' }));
    },

    async park(hold, holding) {
      await table.put(stored(parkedKey(hold, holding), {}));
    },

    async parked(hold, after) {
      const query = { partition: parkedPartition(hold), prefix: POINTER_PREFIX, after, limit: PAGE_ITEMS };
      const page = await table.page(query);
      return { ...page, items: page.items.map(fromPointerItem) };
    },

    async unpark(hold, holding) {
      await table.delete(parkedKey(hold, holding));
    },

    async putInFlight(chunk) {
      await table.put(toInFlightItem(chunk));
    },

    async inFlight(lane) {
      const items = await table.all({ partition: inFlightPartition(lane) });
      return items.map((item) => fromInFlightItem(lane, item));
    },

    async deleteInFlight(lane, token) {
      await table.delete({ PK: inFlightPartition(lane), SK: token });
    },
  };
}

function wideHoldKey(id: string): ItemKey {
  return { PK: WIDE_HOLDS, SK: `${WIDE_HOLD_PREFIX}${id}` };
}

function parkedPartition(hold: string): string {
  return `K#${hold}`;
}

function parkedKey(hold: string, holding: HoldingRef): ItemKey {
  return { PK: parkedPartition(hold), SK: `${POINTER_PREFIX}${holding}` };
}

function inFlightPartition(lane: string): string {
  return `W#${lane}`;
}

function toWideHoldItem({ id, kind, scope, state, at }: WideHold): StoredItem & ItemKey {
  const body = { k: kind, o: scope, s: state, a: at };
  return stored<Omit<z.infer<typeof wideHoldItem>, 'SK'>>(wideHoldKey(id), body);
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

function toInFlightItem({ lane, token, holdings, until }: InFlight): StoredItem {
  const refs = holdings.map((ref) => Buffer.from(ref, 'base64url'));
  if (refs.some(({ length }) => length !== REF_BYTES)) {
    throw new AdapterError(
      'ITEM_INVALID',
      'A chunk names a holding whose reference is not 128 bits of base64url. References come from `holdingRef` only.',
    );
  }
  const key = { PK: inFlightPartition(lane), SK: token };
  return stored<Omit<z.infer<typeof inFlightItem>, 'SK'>>(key, { b: Buffer.concat(refs), u: until });
}

function fromInFlightItem(lane: string, found: StoredItem): InFlight {
  const { SK: token, b: bytes, u: until } = trusted('in-flight', inFlightItem, found);
  const holdings = Array.from({ length: bytes.length / REF_BYTES }, (_, index) =>
    Buffer.from(bytes.subarray(index * REF_BYTES, (index + 1) * REF_BYTES)).toString('base64url'),
  );
  return { lane, token, holdings: holdings as HoldingRef[], until };
}
