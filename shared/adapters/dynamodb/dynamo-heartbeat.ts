import * as z from 'zod';
import type { Instant } from '../../domain/record/ids.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, trusted } from './dynamo-item.ts';

/** Small marks that every worker or `seal` reads lie in this partition. */
export const MARKS = 'M#';

export const HEARTBEAT: ItemKey = { PK: MARKS, SK: 'heartbeat' };

export function fromHeartbeatItem(found: StoredItem): Instant {
  return trusted('heartbeat', z.object({ s: part.instant }), found).s;
}
