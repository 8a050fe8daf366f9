import * as z from 'zod';
import type { BegunReplay, Replays } from '../../ports/upkeep.ts';
import { type ItemKey, part, stored, type StoredItem, trusted, ttl, whole } from '../dynamodb/dynamo-item.ts';
import { type DynamoTable, versionIs } from '../dynamodb/dynamo-table.ts';

const DAYS = 35;

export function dynamoReplays(table: DynamoTable): Replays {
  return {
    async putRestoreReplay(next) {
      return (await table.put(toItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async restoreReplay(id) {
      const item = await table.get(replayKey(id));
      return item && fromItem(item);
    },
  };
}

const replayItem = z.object({
  PK: part.text,
  r: part.count,
  a: part.instant,
  n: z.tuple([part.count, part.instant]).optional(),
});

function replayKey(id: string): ItemKey {
  return { PK: `RR#${id}`, SK: 'R' };
}

function toItem({ id, version, at, round }: BegunReplay): StoredItem & ItemKey {
  const body = { r: version, a: at, n: round && [round.number, round.at], ttl: ttl(at, DAYS) };
  return stored<typeof body>(replayKey(id), body);
}

function fromItem(found: StoredItem): BegunReplay {
  const { PK, r: version, a: at, n } = trusted('replay', replayItem, found);
  const round = n && { number: n[0], at: n[1] };
  return whole<BegunReplay>({ id: PK.slice('RR#'.length), version, at, round });
}
