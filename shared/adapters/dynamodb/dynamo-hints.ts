import * as z from 'zod';
import { hourId, hourOf, minuteId } from '../../domain/calendar/utc-time.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Hint, Registry } from '../../ports/registry.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';

type Hints = Pick<
  Registry,
  'putHint' | 'hints' | 'hasHint' | 'watermark' | 'moveWatermark' | 'takeAllowance'
>;

/**
 * Days that a hint outlives its minute. As long as point-in-time recovery reaches: an outage of weeks is caught up
 * from the hints, and what lies even longer is found by the weekly proof scan.
 */
const HINT_DAYS = 35;
const ALLOWANCE_DAYS = 2;
const DAY = 86_400_000;

const hintItem = z.object({ SK: part.text, d: part.instant.optional(), ttl: part.count });
const watermarkItem = z.object({ h: part.instant });
const WATERMARK: ItemKey = { PK: 'M#watermark', SK: 'M' };

/** What wakes Tenure up, how far it has been followed, and how much a lane may still do this hour. */
export function dynamoHints(table: DynamoTable): Hints {
  return {
    async putHint(hint) {
      await table.put(toHintItem(hint));
    },

    async hints(hour, shard, { minute, after } = {}) {
      const query = { partition: `B#${hourId(hour)}#${shard}`, after };
      const page = await table.page(
        minute === undefined ? query : { ...query, prefix: `${minuteId(minute)}#` },
      );
      return { ...page, items: page.items.map(fromHintItem) };
    },

    hasHint: async (minute, holding) => (await table.get(hintKey(minute, holding))) !== undefined,

    async watermark() {
      const item = await table.get(WATERMARK);
      return item && trusted('watermark', watermarkItem, item).h;
    },

    async moveWatermark(from, to) {
      if (from !== undefined && to < from) return 'moved';
      const unmoved =
        from === undefined
          ? { expression: 'attribute_not_exists(PK)' }
          : { expression: 'h = :from', values: { ':from': from } };
      const item = stored<z.infer<typeof watermarkItem>>(WATERMARK, { h: to });
      return (await table.put(item, unmoved)) ? 'written' : 'moved';
    },

    async takeAllowance(lane, hour, wanted, cap) {
      // The counter counts what was asked for, also beyond the cap: later callers get nothing, and a request
      // that is sent twice only leaves less.
      const item = await table.update(
        { PK: `U#${lane}`, SK: hourId(hour) },
        {
          expression: 'SET v = :v, #ttl = :ttl ADD n :wanted',
          names: { '#ttl': 'ttl' },
          values: { ':v': 1, ':ttl': ttl(hour, ALLOWANCE_DAYS), ':wanted': wanted },
        },
      );
      const { n } = trusted('allowance', z.object({ n: part.count }), item ?? {});
      return Math.max(0, Math.min(wanted, cap - (n - wanted)));
    },
  };
}

function hintKey(minute: Instant, holding: HoldingRef): ItemKey {
  return {
    PK: `B#${hourId(hourOf(minute))}#${shardOf(holding)}`,
    SK: `${minuteId(minute)}#${holding}`,
  };
}

function toHintItem({ minute, holding, deadline }: Hint): StoredItem {
  const body = { d: deadline, ttl: ttl(minute, HINT_DAYS) };
  return stored<Omit<z.infer<typeof hintItem>, 'SK'>>(hintKey(minute, holding), body);
}

function fromHintItem(found: StoredItem): Hint {
  const item = trusted('hint', hintItem, found);
  const end = 'YYYY-MM-DDTHH:MM'.length;
  return whole<Hint>({
    minute: Date.parse(`${item.SK.slice(0, end)}Z`),
    holding: item.SK.slice(end + 1) as HoldingRef,
    deadline: item.d,
  });
}

/** Seconds, as DynamoDB's time to live wants them. */
function ttl(instant: Instant, days: number): number {
  return Math.floor((instant + days * DAY) / 1000);
}
