import * as z from 'zod';
import {
  type ColumnEntry,
  type ColumnMessage,
  entryKey,
  keyFrom,
  messageKey,
  ofEntryKey,
} from '../../domain/columns/column-entry.ts';
import { present } from '../../domain/present.ts';
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
import { type DynamoTable, PAGE_ITEMS, versionIs } from '../dynamodb/dynamo-table.ts';

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

    async putColumnMessages(messages) {
      await table.putAll(messages.map(toMessageItem));
    },

    async columnMessages(column, after) {
      const page = await table.page({ partition: `${MESSAGES}${column}`, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromMessageItem) };
    },

    async deleteColumnMessages(messages) {
      await table.deleteAll(messages.map(keyOfMessage));
    },

    async noteColumn(column, mark) {
      const change = {
        expression: 'SET #c = :at, v = :v',
        names: { '#c': columnMarkName(column) },
        values: { ':at': mark, ':v': SCHEMA },
      };
      await table.update(HEARTBEAT, change, 'attribute_not_exists(#c) OR #c < :at');
    },
  };
}

const PREFIX = 'FC#';
const MESSAGES = 'FQ#';

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

function keyOfMessage(message: ColumnMessage): ItemKey {
  return { PK: `${MESSAGES}${message.column}`, SK: messageKey(message) };
}

const messageItem = z.object({
  PK: part.text,
  k: part.text.optional(),
  t: part.text.optional(),
  s: z.enum(['happened', 'taken-back']).optional(),
  a: part.instant.optional(),
  b: part.text.optional(),
});

function toMessageItem(message: ColumnMessage): StoredItem & ItemKey {
  const body =
    message.kind === 'column-read'
      ? { k: undefined, t: undefined, s: undefined, a: message.at, b: message.table }
      : { k: message.key, t: message.token, s: message.says, a: undefined, b: undefined };
  return stored<typeof body>(keyOfMessage(message), body);
}

function fromMessageItem(found: StoredItem): ColumnMessage {
  const { PK, k: key, t: token, s: says, a: at, b: table } = trusted('column message', messageItem, found);
  const column = PK.slice(MESSAGES.length);
  if (at !== undefined) return { kind: 'column-read', column, at, ...present({ table }) };
  if (key === undefined || token === undefined || says === undefined) throw invalid('column message', 'k');
  return { kind: 'column-fact', column, key, token, says };
}

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
