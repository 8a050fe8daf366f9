import * as z from 'zod';
import type { Cursor, PolicyVersionRecord, Quarantined, Registry } from '../../ports/registry.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { EXISTS, PAGE_ITEMS } from './dynamo-table.ts';

type Operations = Pick<
  Registry,
  | 'putCursor'
  | 'cursor'
  | 'deleteCursor'
  | 'recordPolicies'
  | 'putQuarantined'
  | 'quarantined'
  | 'quarantinedItem'
  | 'removeQuarantined'
>;

const QUARANTINE = 'Q#all';

const cursorItem = z.object({
  PK: part.text,
  a: part.instant,
  e: part.entityRef.optional(),
  n: part.text.optional(),
  s: part.instant.optional(),
  d: z.boolean().optional(),
  c: part.count.optional(),
});

const policiesItem = z.object({ PK: part.text, f: part.instant, r: part.instant });

const quarantinedItem = z.object({
  SK: part.text,
  a: part.instant,
  c: part.text,
  w: part.text,
  p: part.text.optional(),
  b: part.text,
});

/** Where walks stand, which policies were seen, and what waits for an operator. */
export function dynamoOperations(table: DynamoTable): Operations {
  return {
    async putCursor(cursor) {
      await table.put(toCursorItem(cursor));
    },

    async cursor(id) {
      const item = await table.get(cursorKey(id));
      return item && fromCursorItem(item);
    },

    async deleteCursor(id) {
      await table.delete(cursorKey(id));
    },

    async recordPolicies(record) {
      const key = { PK: `P#${record.digest}`, SK: 'P' };
      const body = { f: record.effectiveFrom, r: record.recordedAt };
      const there = await table.putIfAbsent(stored<Omit<z.infer<typeof policiesItem>, 'PK'>>(key, body));
      return there === undefined
        ? { record, isNew: true }
        : { record: fromPoliciesItem(there), isNew: false };
    },

    async putQuarantined(item) {
      await table.put(toQuarantinedItem(item));
    },

    async quarantined(after) {
      const page = await table.page({ partition: QUARANTINE, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromQuarantinedItem) };
    },

    async quarantinedItem(id) {
      const item = await table.get({ PK: QUARANTINE, SK: id });
      return item && fromQuarantinedItem(item);
    },

    async removeQuarantined(id) {
      return (await table.delete({ PK: QUARANTINE, SK: id }, EXISTS)) ? 'removed' : 'unknown';
    },
  };
}

function cursorKey(id: string): ItemKey {
  return { PK: `C#${id}`, SK: 'C' };
}

function toCursorItem({ id, at, entity, after, since, done, count }: Cursor): StoredItem {
  const body = { a: at, e: entity, n: after, s: since, d: done, c: count };
  return stored<Omit<z.infer<typeof cursorItem>, 'PK'>>(cursorKey(id), body);
}

function fromCursorItem(found: StoredItem): Cursor {
  const item = trusted('cursor', cursorItem, found);
  return whole<Cursor>({
    id: item.PK.slice('C#'.length),
    at: item.a,
    entity: item.e,
    after: item.n,
    since: item.s,
    done: item.d,
    count: item.c,
  });
}

function fromPoliciesItem(found: StoredItem): PolicyVersionRecord {
  const item = trusted('policies', policiesItem, found);
  return { digest: item.PK.slice('P#'.length), effectiveFrom: item.f, recordedAt: item.r };
}

function toQuarantinedItem({ id, receivedAt, code, reason, producer, sealed }: Quarantined): StoredItem {
  const body = { a: receivedAt, c: code, w: reason, p: producer, b: sealed };
  return stored<Omit<z.infer<typeof quarantinedItem>, 'SK'>>({ PK: QUARANTINE, SK: id }, body);
}

function fromQuarantinedItem(found: StoredItem): Quarantined {
  const item = trusted('quarantined', quarantinedItem, found);
  return whole<Quarantined>({
    id: item.SK,
    receivedAt: item.a,
    code: item.c,
    reason: item.w,
    producer: item.p,
    sealed: item.b,
  });
}
