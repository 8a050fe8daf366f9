import * as z from 'zod';
import { type ColumnEntry, entryKey, keyFrom, ofEntryKey } from '../../domain/columns/column-entry.ts';
import type { Columns } from '../../ports/columns.ts';
import { columnMarkName, HEARTBEAT } from '../dynamodb/dynamo-heartbeat.ts';
import {
  invalid,
  type ItemKey,
  part,
  SCHEMA,
  type StoredItem,
  stored,
  trusted,
  whole,
} from '../dynamodb/dynamo-item.ts';
import { type DynamoTable, versionIs } from '../dynamodb/dynamo-table.ts';

/** The entries of a column lie in one partition, in order of its values. */
export function dynamoColumns(table: DynamoTable): Columns {
  return {
    async columnEntry(column, key) {
      const item = await table.get({ PK: partitionOf(column), SK: key });
      return item && fromItem(item);
    },

    async columnEntries(column, { from, until }, after) {
      // The keys of a value are longer than the bound that it begins with, so those of `until` come after the last one.
      const between = [keyFrom(from), keyFrom(until)] as const;
      const page = await table.page({ partition: partitionOf(column), between, after });
      return { ...page, items: page.items.map(fromItem) };
    },

    async writeColumnEntry(next) {
      return (await table.put(toItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async deleteColumnEntry(entry) {
      return (await table.delete(keyOf(entry), versionIs(entry.version))) ? 'deleted' : 'moved';
    },

    async noteColumn(column, readAt) {
      const change = {
        expression: 'SET #c = :at, v = :v',
        names: { '#c': columnMarkName(column) },
        values: { ':at': readAt, ':v': SCHEMA },
      };
      await table.update(HEARTBEAT, change, 'attribute_not_exists(#c) OR #c < :at');
    },
  };
}

const PREFIX = 'FC#';

function partitionOf(column: string): string {
  return `${PREFIX}${column}`;
}

function keyOf(entry: ColumnEntry): ItemKey {
  return { PK: partitionOf(entry.column), SK: entryKey(entry) };
}

const entryItem = z.object({
  PK: part.text,
  SK: part.text,
  r: part.count,
  t: part.text,
  b: part.text,
  a: part.instant,
  d: z.literal(true).optional(),
  g: part.instant.optional(),
});

function toItem(entry: ColumnEntry): StoredItem & ItemKey {
  const { version: r, token: t, sealed: b, toldAt: a, taken: d, goneSince: g } = entry;
  const body = { r, t, b, a, d, g };
  return stored<typeof body>(keyOf(entry), body);
}

function fromItem(found: StoredItem): ColumnEntry {
  const item = trusted('column entry', entryItem, found);
  const said = ofEntryKey(item.SK);
  if (said === undefined) throw invalid('column entry', 'SK');
  return whole<ColumnEntry>({
    column: item.PK.slice(PREFIX.length),
    ...said,
    version: item.r,
    token: item.t,
    sealed: item.b,
    toldAt: item.a,
    taken: item.d,
    goneSince: item.g,
  });
}
