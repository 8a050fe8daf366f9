import * as z from 'zod';
import { minuteId, minuteOf } from '../../domain/calendar/utc-time.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { SHARDS, shardOf, tellingShardOf } from '../../domain/record/shard.ts';
import type { Hint, Hints, ShardCursor } from '../../ports/hints.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, SCHEMA, stored, trusted, whole, ttl } from './dynamo-item.ts';
import type { ConditionalWrite } from './dynamo-statements.ts';
import type { DynamoTable } from './dynamo-table.ts';

/**
 * Days that a hint outlives its minute. As long as point-in-time recovery reaches: an outage of weeks is caught up from
 * the hints, and what lies even longer is found by the daily census.
 */
const HINT_DAYS = 35;

const hintItem = z.object({
  SK: part.text,
  l: part.text,
  p: part.text,
  d: part.instant.optional(),
  n: z.literal(true).optional(),
});
const cursorItem = z.object({
  PK: part.text,
  r: part.count,
  m: part.instant.optional(),
  h: part.holdingRef.optional(),
});

/** Sorts after every reference of its minute, and before the next minute. */
const LAST = '~';
/** Sorts before every minute. */
const FIRST = '!';

/** What wakes Tenure up: one partition a shard, in order of time; and how far the sweep has read it. */
export function dynamoHints(table: DynamoTable): Hints {
  return {
    async putHints(hints) {
      await table.putAll(hints.map(toHintItem));
    },

    async hintsAfter({ shard, after }, until) {
      if (after !== undefined && minuteOf(after.minute) > minuteOf(until)) return { items: [] };
      const from = after === undefined ? FIRST : `${hintSk(after)}${FIRST}`;
      const page = await table.page({
        partition: `B#${shard}`,
        between: [from, `${minuteId(until)}#${LAST}`],
      });
      return { ...page, items: page.items.map(fromHintItem) };
    },

    hasHint: async (hint) => (await table.get(hintKey(hint))) !== undefined,

    async cursors() {
      const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
      const items = await table.batchGet(shards.map(cursorKey));
      const found = new Map(items.map(fromCursorItem).map((cursor) => [cursor.shard, cursor]));
      return shards.map((shard) => found.get(shard) ?? { shard, version: 0 });
    },

    async moveCursors(next) {
      const written = await table.writeEach(next.map(toCursorWrite));
      return written.map((isWritten) => (isWritten ? 'written' : 'moved'));
    },
  };
}

function hintSk({ minute, holding }: Pick<Hint, 'minute' | 'holding'>): string {
  return `${minuteId(minute)}#${holding}`;
}

function hintKey(hint: Pick<Hint, 'minute' | 'holding'>): ItemKey {
  return { PK: `B#${shardOf(hint.holding)}`, SK: hintSk(hint) };
}

function toHintItem(hint: Hint): StoredItem & ItemKey {
  const { minute, holding, lane, producer, deadline, tells } = hint;
  const body = { l: lane, p: producer, d: deadline, n: tells, ttl: ttl(minute, HINT_DAYS) };
  const key = hintKey(hint);
  return stored<typeof body>(tells === true ? { ...key, PK: `B#${tellingShardOf(holding)}` } : key, body);
}

function fromHintItem(found: StoredItem): Hint {
  const item = trusted('hint', hintItem, found);
  const end = 'YYYY-MM-DDTHH:MM'.length;
  return whole<Hint>({
    minute: minuteFrom(item.SK.slice(0, end)),
    holding: item.SK.slice(end + 1) as HoldingRef,
    lane: item.l,
    producer: item.p,
    deadline: item.d,
    tells: item.n,
  });
}

export function minuteFrom(text: string): Instant {
  return Date.parse(`${text}Z`);
}

function cursorKey(shard: number): ItemKey {
  return { PK: `S#${shard}`, SK: 'S' };
}

function toCursorWrite({ shard, version, after }: ShardCursor): ConditionalWrite {
  const key = cursorKey(shard);
  const body = { r: version, m: after?.minute, h: after?.holding };
  if (version === 1) return { kind: 'insert', item: stored<typeof body>(key, body) };
  const remove = after === undefined ? ['m', 'h'] : [];
  return { kind: 'update', key, version: version - 1, set: { v: SCHEMA, ...body }, remove };
}

function fromCursorItem(found: StoredItem): ShardCursor {
  const item = trusted('cursor', cursorItem, found);
  const after =
    item.m === undefined || item.h === undefined ? undefined : { minute: item.m, holding: item.h };
  return whole<ShardCursor>({ shard: Number(item.PK.slice('S#'.length)), version: item.r, after });
}
