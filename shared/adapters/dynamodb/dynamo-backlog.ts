import * as z from 'zod';
import { hourId } from '../../domain/calendar/utc-time.ts';
import { present } from '../../domain/present.ts';
import type { Backlog } from '../../ports/backlog.ts';
import { behindOf, fromHeartbeatItem, HEARTBEAT } from './dynamo-heartbeat.ts';
import { part, SCHEMA, trusted } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, PAGE_ITEMS, versionIs } from './dynamo-table.ts';
import {
  chunkKey,
  chunkPartition,
  fromChunkItem,
  fromWorkItem,
  toChunkItem,
  toWorkItem,
  workKey,
  workPartition,
} from './dynamo-work-item.ts';
import { ttl } from './time-to-live.ts';

const ALLOWANCE_DAYS = 2;

/** A lane's chunks lie in one partition, in order of time for each producer; its work records in another. */
export function dynamoBacklog(table: DynamoTable): Backlog {
  return {
    async putChunks(chunks) {
      // A chunk that is there already stays as it is.
      await table.writeEach(chunks.map((chunk) => ({ kind: 'insert', item: toChunkItem(chunk) })));
    },

    async begin(key) {
      const items = await table.batchGet([chunkKey(key), workKey(key), HEARTBEAT]);
      const at = (PK: string) => items.find((item) => item['PK'] === PK);
      const [chunk, work] = [at(chunkPartition(key.lane)), at(workPartition(key.lane))];
      const heartbeat = at(HEARTBEAT.PK);
      const behind = heartbeat && behindOf(heartbeat);
      return present({
        chunk: chunk && fromChunkItem(chunk),
        work: work && fromWorkItem(work),
        heartbeat: heartbeat && fromHeartbeatItem(heartbeat),
        behind: behind !== undefined && behind.size > 0 ? behind : undefined,
      });
    },

    async chunk(key) {
      const item = await table.get(chunkKey(key));
      return item && fromChunkItem(item);
    },

    async writeChunk(next) {
      return (await table.put(toChunkItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async deleteChunk(chunk) {
      return (await table.delete(chunkKey(chunk), versionIs(chunk.version))) ? 'deleted' : 'moved';
    },

    async chunks(lane, after) {
      const page = await table.page({ partition: chunkPartition(lane), after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromChunkItem) };
    },

    async putWork(next, former) {
      const condition = former === undefined ? ABSENT : tokenIs(former);
      return (await table.put(toWorkItem(next), condition)) ? 'written' : 'taken';
    },

    async actOn(work, actedOn) {
      const item = toWorkItem({ ...work, actedOn });
      return (await table.put(item, tokenIs(work.token))) ? 'written' : 'lost';
    },

    async deleteWork({ chunk, token }) {
      return (await table.delete(workKey(chunk), tokenIs(token))) ? 'deleted' : 'lost';
    },

    async workRecords(lane) {
      const items = await table.all({ partition: workPartition(lane) });
      return items.map(fromWorkItem);
    },

    async takeAllowance(lane, hour, wanted, cap) {
      // The counter counts what was asked for, also beyond the cap: a later request gets nothing then, and a request
      // that is sent twice only leaves less.
      const item = await table.update(
        { PK: `U#${lane}`, SK: hourId(hour) },
        {
          expression: 'SET v = :v, #ttl = :ttl ADD n :wanted',
          names: { '#ttl': 'ttl' },
          values: { ':v': SCHEMA, ':ttl': ttl(hour, ALLOWANCE_DAYS), ':wanted': wanted },
        },
      );
      const { n } = trusted('allowance', z.object({ n: part.count }), item ?? {});
      return Math.max(0, Math.min(wanted, cap - (n - wanted)));
    },
  };
}

function tokenIs(token: string) {
  return { expression: 't = :token', values: { ':token': token } };
}
