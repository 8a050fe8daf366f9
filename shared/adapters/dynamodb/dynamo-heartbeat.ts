import * as z from 'zod';
import type { Instant } from '../../domain/record/ids.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, trusted } from './dynamo-item.ts';

/**
 * A mark is one small item. Each has a partition of its own, because permissions are granted by partition: `ingest`
 * writes the heartbeat and may not write the head of the log.
 */
export function markKey(name: 'census' | 'heartbeat' | 'log' | 'policies'): ItemKey {
  return { PK: `M#${name}`, SK: 'M' };
}

export const HEARTBEAT = markKey('heartbeat');

export function fromHeartbeatItem(found: StoredItem): Instant {
  return trusted('heartbeat', z.object({ s: part.instant }), found).s;
}
