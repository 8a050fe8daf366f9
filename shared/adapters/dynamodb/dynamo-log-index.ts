import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { present } from '../../domain/present.ts';
import type { ChunkIndex, LogHead, LogIndex } from '../../ports/log.ts';
import { AdapterError } from '../adapter-error.ts';
import type { Every, ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';
import { ABSENT, dynamoTable, versionIs } from './dynamo-table.ts';
import { EMPTY_HEAD, settledOtherwise } from '../log-states.ts';

const HEAD: ItemKey = { PK: 'Y#log', SK: 'Y' };
const DAY = 'YYYY-MM-DD'.length;

const chunkItem = z.object({
  PK: part.text,
  SK: part.text,
  s: z.enum(['pending', 'sealed', 'void']),
  a: part.instant,
  t: part.text,
  u: z.array(part.text),
  c: z.record(z.string(), part.count),
  f: part.count.optional(),
});

const headItem = z.object({
  r: part.count,
  n: part.count,
  b: z.array(z.tuple([part.text, part.count, part.count])),
  p: z.boolean(),
  h: part.text.optional(),
});

/** The index of the deletion log: one partition a day, in order of hours; the head is one item. */
export function dynamoLogIndex(client: DynamoDBDocumentClient, tableName: string): LogIndex {
  const table = dynamoTable(client, tableName);

  async function chunksOf(hour: string): Promise<ChunkIndex[]> {
    const items = await table.all({ partition: dayPartition(hour), prefix: `${hour.slice(DAY + 1)}#` });
    return items.map(fromChunkItem);
  }

  return {
    async putPending(index) {
      await table.put(toChunkItem({ ...index, state: 'pending' }), ABSENT);
    },

    async settle(chunk, result) {
      const first = result.state === 'sealed' ? result.first : undefined;
      const same = first === undefined ? 'attribute_not_exists(f)' : 'f = :first';
      const updated = await table.update(
        chunkKey(chunk),
        {
          expression: first === undefined ? 'SET s = :state' : 'SET s = :state, f = :first',
          values: {
            ':state': result.state,
            ':pending': 'pending',
            ...present({ ':first': first }),
          },
        },
        `s = :pending OR (s = :state AND ${same})`,
      );
      if (updated === undefined) throw settledOtherwise();
    },

    pending: async (hour) => (await chunksOf(hour)).filter(({ state }) => state === 'pending'),
    ofHour: chunksOf,

    async ofDay(day) {
      const items = await table.all({ partition: dayPartition(day) });
      return items.map(fromChunkItem);
    },

    async head() {
      const item = await table.get(HEAD);
      return item === undefined ? EMPTY_HEAD : fromHeadItem(item);
    },

    async putHead(next) {
      return (await table.put(toHeadItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },
  };
}

function dayPartition(dayOrHour: string): string {
  return `X#${dayOrHour.slice(0, DAY)}`;
}

/** `2026-03-01T10/token/0` is stored in `X#2026-03-01` at `10#token/0`. */
function chunkKey(chunk: string): ItemKey {
  const [, hour, rest] = /^\d{4}-\d\d-\d\dT(\d\d)\/([^/]+\/\d+)$/.exec(chunk) ?? [];
  if (hour === undefined || rest === undefined) {
    throw new AdapterError('LOG_CHUNK_INVALID', 'A chunk key is not `YYYY-MM-DDTHH/<token>/<n>`.');
  }
  return { PK: dayPartition(chunk), SK: `${hour}#${rest}` };
}

function toChunkItem(index: ChunkIndex): StoredItem {
  const { chunk, state, putAt, store, rules, counts, first } = index;
  const body: Every<Omit<z.infer<typeof chunkItem>, 'PK' | 'SK'>> = {
    s: state,
    a: putAt,
    t: store,
    u: [...rules],
    c: { ...counts },
    f: first,
  };
  return stored(chunkKey(chunk), body);
}

function fromChunkItem(found: StoredItem): ChunkIndex {
  const item = trusted('chunk index', chunkItem, found);
  return whole<ChunkIndex>({
    chunk: `${item.PK.slice('X#'.length)}T${item.SK.replace('#', '/')}`,
    state: item.s,
    putAt: item.a,
    store: item.t,
    rules: item.u,
    counts: item.c,
    first: item.f,
  });
}

function toHeadItem(head: LogHead): StoredItem {
  return stored<z.infer<typeof headItem>>(HEAD, {
    r: head.version,
    n: head.size,
    b: head.batch.map(({ chunk, first, count }): [string, number, number] => [chunk, first, count]),
    p: head.published,
    h: head.settledHour,
  });
}

function fromHeadItem(found: StoredItem): LogHead {
  const item = trusted('log head', headItem, found);
  return whole<LogHead>({
    version: item.r,
    size: item.n,
    batch: item.b.map(([chunk, first, count]) => ({ chunk, first, count })),
    published: item.p,
    settledHour: item.h,
  });
}
