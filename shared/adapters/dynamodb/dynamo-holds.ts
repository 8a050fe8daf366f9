import * as z from 'zod';
import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import {
  isSameHold,
  type LegalHold,
  type NamedAttempt,
  type PausedRule,
  pauseOfRestored,
  type WideHold,
} from '../../domain/record/hold.ts';
import type { Holds } from '../../ports/holds.ts';
import type { Every, ItemKey, StoredItem } from './dynamo-item.ts';
import { part, SCHEMA, stored, trusted, whole } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { PAGE_ITEMS } from './dynamo-table.ts';

const WIDE_HOLDS = 'L#all';
const WIDE_HOLD_PREFIX = 'L#';
const CONFIRMED_PREFIX = 'R#';
const RECORDS = 'J#holds';

const scopeItem = z.union([
  z.strictObject({ category: part.text }),
  z.strictObject({ store: part.text }),
  z.strictObject({ policy: part.text }),
  z.strictObject({ everything: z.literal(true) }),
]);

const frozen = z.literal(true).optional();
const categories = z.array(part.text).readonly().optional();

const wideHoldItem = z.object({
  SK: part.text,
  k: z.enum(['hold', 'pause']),
  o: scopeItem,
  s: z.enum(['placed', 'released']),
  a: part.instant,
  f: frozen,
  c: categories,
  /** Of a pause of a policy, or of a rule of it. A former release takes it for one of the whole lane, or of all lanes. */
  p: z.tuple([part.text, part.text.optional()]).optional(),
});

const attemptItem = z.tuple([part.text, part.text, part.instant, part.count]);

const recordItem = z.object({
  SK: part.text,
  o: z.union([z.strictObject({ entity: part.entityRef }), scopeItem]),
  s: z.enum(['placed', 'released']),
  a: part.instant,
  f: frozen,
  c: categories,
  w: part.instant.optional(),
  x: part.text.optional(),
  e: part.instant.optional(),
  y: part.text.optional(),
  i: z.array(attemptItem).optional(),
});
type RecordItem = Omit<z.infer<typeof recordItem>, 'SK'>;

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

    async recordHold(hold) {
      const there = await table.putIfAbsent(toRecordItem(hold));
      return there === undefined || isSameHold(fromRecordItem(there), hold) ? 'written' : 'refused';
    },

    async holdRecord(id) {
      const item = await table.get(recordKey(id));
      return item && fromRecordItem(item);
    },

    async recordRelease(hold) {
      const { s: _state, ...body } = present(toRecordBody(hold));
      const names = Object.keys(body);
      await table.update(recordKey(hold.id), {
        expression: `SET v = :v, s = :s, ${names.map((name) => `${name} = if_not_exists(${name}, :${name})`).join(', ')}`,
        values: {
          ':v': SCHEMA,
          ':s': 'released',
          ...Object.fromEntries(Object.entries(body).map(([name, value]) => [`:${name}`, value])),
        },
      });
    },

    async recordInFlight(id, inFlight) {
      const change = {
        expression: 'SET i = if_not_exists(i, :i)',
        values: { ':i': inFlight.map(toAttemptItem) },
      };
      await table.update(recordKey(id), change, 'attribute_exists(PK)');
    },

    async holdRecords(after) {
      const page = await table.page({ partition: RECORDS, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromRecordItem) };
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

function recordKey(id: string): ItemKey {
  return { PK: RECORDS, SK: id };
}

function toRecordItem(hold: LegalHold): StoredItem & ItemKey {
  return stored<RecordItem>(recordKey(hold.id), { ...toRecordBody(hold), s: 'placed' });
}

function toRecordBody(hold: LegalHold): Every<RecordItem> {
  return {
    o: hold.scope,
    s: hold.state,
    a: hold.at,
    f: hold.freeze,
    c: hold.categories,
    w: hold.reviewBy,
    x: hold.sealed,
    e: hold.released?.at,
    y: hold.released?.sealed,
    i: hold.inFlight?.map(toAttemptItem),
  };
}

function fromRecordItem(found: StoredItem): LegalHold {
  const item = trusted('legal hold', recordItem, found);
  return whole<LegalHold>({
    id: item.SK,
    kind: 'hold',
    scope: item.o,
    state: item.s,
    at: item.a,
    freeze: item.f,
    categories: item.c,
    reviewBy: item.w,
    sealed: item.x,
    released: item.e === undefined ? undefined : { at: item.e, ...present({ sealed: item.y }) },
    inFlight: item.i?.map(fromAttemptItem),
  });
}

function toAttemptItem({ lane, token, until, holdings }: NamedAttempt): z.infer<typeof attemptItem> {
  return [lane, token, until, holdings];
}

function fromAttemptItem([lane, token, until, holdings]: z.infer<typeof attemptItem>): NamedAttempt {
  return { lane, token, until, holdings };
}

function toWideHoldItem(hold: WideHold): StoredItem & ItemKey {
  const { id, kind, scope, state, at, freeze, categories: own, only } = hold;
  const p = only && (only.rule === undefined ? [only.policy] : [only.policy, only.rule]);
  const body = { k: kind, o: scope, s: state, a: at, f: freeze, c: own, p };
  return stored<typeof body>(wideHoldKey(id), body);
}

function fromWideHoldItem(found: StoredItem): WideHold {
  const item = trusted('wide hold', wideHoldItem, found);
  return whole<WideHold>({
    id: item.SK.slice(WIDE_HOLD_PREFIX.length),
    kind: item.k,
    scope: item.o,
    state: item.s,
    at: item.a,
    freeze: item.f,
    categories: item.c,
    only: item.p && pausedFrom(item.p),
  });
}

function pausedFrom([policy, rule]: NonNullable<z.infer<typeof wideHoldItem>['p']>): PausedRule {
  return { policy, ...present({ rule }) };
}
