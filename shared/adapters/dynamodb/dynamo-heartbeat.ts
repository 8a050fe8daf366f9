import * as z from 'zod';
import type { ColumnMark } from '../../domain/columns/column-mark.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, trusted } from './dynamo-item.ts';

/**
 * A mark is one small item. Each has a partition of its own, because permissions are granted by partition: `ingest`
 * writes the heartbeat and may not write the head of the log.
 */
export function markKey(
  name: 'activation' | 'census' | 'heartbeat' | 'log' | 'policies' | 'registered',
): ItemKey {
  return { PK: `M#${name}`, SK: 'M' };
}

export const HEARTBEAT = markKey('heartbeat');

/** Attributes of the same item: a worker that looks at the heartbeat sees whether a producer is behind. */
const BEHIND = 'b#';

export function behindName(producer: string): string {
  return `${BEHIND}${producer}`;
}

/** Attributes of the same item: a worker that looks at the heartbeat sees how far columns of facts were read. */
const COLUMN = 'c#';

export function columnMarkName(column: string): string {
  return `${COLUMN}${column}`;
}

/** How far each column of facts was read. */
export function columnsOf(item: StoredItem): ReadonlyMap<string, ColumnMark> {
  return instantsOf(item, COLUMN);
}

/** Nothing before the first heartbeat. */
export function fromHeartbeatItem(found: StoredItem): Instant | undefined {
  return trusted('heartbeat', z.object({ s: part.instant.optional() }), found).s;
}

/** Until when each producer counts as behind, or did. */
export function behindOf(item: StoredItem): ReadonlyMap<string, Instant> {
  return instantsOf(item, BEHIND);
}

/** What attributes that begin so say, by the rest of their names. */
function instantsOf(item: StoredItem, prefix: string): ReadonlyMap<string, Instant> {
  const names = Object.keys(item).filter((name) => name.startsWith(prefix));
  const found = trusted(
    'heartbeat',
    z.object(Object.fromEntries(names.map((name) => [name, part.instant]))),
    item,
  );
  return new Map(Object.entries(found).map(([name, until]) => [name.slice(prefix.length), until]));
}
