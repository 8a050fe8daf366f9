import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import type { LogMonth, LogMonthKey } from '../../domain/log/log-month.ts';
import { type LogPage, type LogPageKey, packResults, unpackResults } from '../../domain/log/log-page.ts';
import { present } from '../../domain/present.ts';
import type { LogIndex, LogIndexed } from '../../ports/results.ts';
import { invalid, type ItemKey, part, stored, type StoredItem, trusted } from '../dynamodb/dynamo-item.ts';
import { type DynamoTable, versionIs } from '../dynamodb/dynamo-table.ts';

const item = z.object({
  PK: part.text,
  SK: part.text,
  r: part.count,
  /** Up to which entry of the log. */
  e: part.count,
  /** Compressed JSON. */
  b: part.bytes,
});
const indexedItem = z.object({
  r: part.count,
  i: part.count,
  e: part.count,
  s: part.instant.optional(),
  l: part.count.optional(),
  /** When it was checked, and the last day that was. */
  c: part.instant.optional(),
  d: part.text.optional(),
  /** Compressed JSON. */
  b: part.bytes.optional(),
});
const indexedBody = z.array(z.tuple([part.text, z.array(part.text)]));
const triple = z.tuple([part.count, part.count, part.count]);
const monthBody = z.object({
  rules: z.array(part.text),
  sums: z.array(z.tuple([part.count, part.text, z.array(triple)])).optional(),
  days: z.array(triple),
});
const pageBody = z.object({
  results: z
    .tuple([
      z.array(part.text),
      z.array(
        z.tuple([
          part.text,
          part.count,
          part.count,
          z.array(z.tuple([part.count, part.text, part.count, part.count])),
        ]),
      ),
    ])
    .optional(),
});

const INDEXED: ItemKey = { PK: 'IX#', SK: 'indexed' };

/** Sorts after every name of a store. */
const LAST = '\uffff';

export function dynamoLogIndex(table: DynamoTable): LogIndex {
  async function put(next: StoredItem & ItemKey, version: number): Promise<'written' | 'moved'> {
    return (await table.put(next, versionIs(version - 1))) ? 'written' : 'moved';
  }

  return {
    async logIndexed() {
      const found = await table.get(INDEXED);
      return found === undefined ? { version: 0, index: 0, until: 0 } : fromIndexedItem(found);
    },

    putLogIndexed: (next) => put(toIndexedItem(next), next.version),

    async logMonths(keys) {
      return (await table.batchGet(keys.map(monthKey))).map(fromMonthItem);
    },

    async logMonthsBetween({ index, from, to, after }) {
      const between = [`${from}#`, `${to}#${LAST}`] as const;
      const page = await table.page({ partition: monthsOf(index), between, after });
      return { ...page, items: page.items.map(fromMonthItem) };
    },

    putLogMonth: (next) => put(toMonthItem(next), next.version),

    async logPages(keys) {
      return (await table.batchGet(keys.map(pageKey))).map(fromPageItem);
    },

    putLogPage: (next) => put(toPageItem(next), next.version),
  };
}

function toIndexedItem({ version, index, until, months, ...more }: LogIndexed): StoredItem & ItemKey {
  const { since: s, lacks: l, checked } = more;
  const [c, d] = [checked?.at, checked?.day];
  const body = { r: version, i: index, e: until, s, l, c, d, b: months && packed(months) };
  return stored<typeof body>(INDEXED, body);
}

function fromIndexedItem(found: StoredItem): LogIndexed {
  const { r: version, i: index, e: until, b, ...more } = trusted('index of the log', indexedItem, found);
  const { s: since, l: lacks, c: at, d: day } = more;
  const months = b && unpacked('index of the log', indexedBody, b);
  const checked = at === undefined ? undefined : { at, day: day ?? '' };
  return {
    version,
    index,
    until,
    ...present({ since, lacks, months, checked }),
  };
}

function monthsOf(index: number): string {
  return `IX#${index}`;
}

function monthKey({ index, month, store }: LogMonthKey): ItemKey {
  return { PK: monthsOf(index), SK: `${month}#${store}` };
}

function pageKey({ index, day, store, page }: LogPageKey): ItemKey {
  return { PK: `${monthsOf(index)}#${day}`, SK: `${store}#${page}` };
}

function toMonthItem({ version, until, rules, sums, days, ...key }: LogMonth): StoredItem & ItemKey {
  const text = {
    rules,
    ...present({ sums: sums?.map((sum) => [sum.rule, sum.outcome, sum.days]) }),
    days: days.map(({ day, pages, lines }) => [day, pages, lines]),
  };
  const body = { r: version, e: until, b: packed(text) };
  return stored<typeof body>(monthKey(key), body);
}

function fromMonthItem(found: StoredItem): LogMonth {
  const { PK, SK, r: version, e: until, b } = trusted('month of the log', item, found);
  const { rules, sums, days } = unpacked('month of the log', monthBody, b);
  const [month = '', ...store] = SK.split('#');
  return {
    index: indexOf(PK),
    month,
    store: store.join('#'),
    version,
    until,
    rules,
    days: days.map(([day, pages, lines]) => ({ day, pages, lines })),
    ...present({ sums: sums?.map(([rule, outcome, counts]) => ({ rule, outcome, days: counts })) }),
  };
}

function toPageItem({ version, until, results, ...key }: LogPage): StoredItem & ItemKey {
  const body = { r: version, e: until, b: packed(present({ results: results && packResults(results) })) };
  return stored<typeof body>(pageKey(key), body);
}

function fromPageItem(found: StoredItem): LogPage {
  const { PK, SK, r: version, e: until, b } = trusted('page of the log', item, found);
  const { results } = unpacked('page of the log', pageBody, b);
  const [, , day = ''] = PK.split('#');
  const at = SK.lastIndexOf('#');
  const store = SK.slice(0, at);
  return {
    index: indexOf(PK),
    day,
    store,
    page: Number(SK.slice(at + 1)),
    version,
    until,
    ...present({ results: results && unpackResults({ day, store }, results) }),
  };
}

function indexOf(partition: string): number {
  return Number(partition.split('#')[1]);
}

function packed(value: object): Uint8Array {
  return deflateRawSync(JSON.stringify(value));
}

function unpacked<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  bytes: Uint8Array,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(inflateRawSync(bytes).toString()));
  } catch {
    // Without the cause: it quotes what it read.
    throw invalid(kind, 'b (not its shape)');
  }
}
