import {
  type ColumnEntry,
  type ColumnMessage,
  entryKey,
  keyFrom,
  messageKey,
} from '../../domain/columns/column-entry.ts';
import type { ColumnMark } from '../../domain/columns/column-mark.ts';
import type { Columns } from '../../ports/columns.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions } from '../memory/memory-rows.ts';

export interface MemoryColumns extends Columns {
  allColumnEntries(): ColumnEntry[];
  /** How far each column was read. */
  columnMarks(): ReadonlyMap<string, ColumnMark>;
}

export function memoryColumns(pageSize: number): MemoryColumns {
  const entries = memoryPartitions<ColumnEntry>();
  const messages = memoryPartitions<ColumnMessage>();
  const marks = new Map<string, ColumnMark>();
  return {
    columnEntry: async (column, key) => entries.at(column).get(key),
    async columnEntries(column, { from, until }, after) {
      const page = entries.at(column).page(pageSize, after ?? keyFrom(from));
      const items = page.items.filter((entry) => entryKey(entry) < keyFrom(until));
      return items.length < page.items.length ? { items } : page;
    },
    async writeColumnEntry(next) {
      const of = entries.of(next.column);
      if ((of.get(entryKey(next))?.version ?? 0) !== next.version - 1) return 'moved';
      of.put(entryKey(next), deepFreeze(next));
      return 'written';
    },
    async deleteColumnEntry(entry) {
      const of = entries.of(entry.column);
      if (of.get(entryKey(entry))?.version !== entry.version) return 'moved';
      of.delete(entryKey(entry));
      return 'deleted';
    },
    async putColumnMessages(all) {
      for (const message of all) messages.of(message.column).put(messageKey(message), deepFreeze(message));
    },
    columnMessages: async (column, after) => messages.at(column).page(pageSize, after),
    async deleteColumnMessages(all) {
      for (const message of all) messages.of(message.column).delete(messageKey(message));
    },
    async noteColumn(column, mark) {
      marks.set(column, Math.max(marks.get(column) ?? mark, mark));
    },
    allColumnEntries: () => entries.all(),
    columnMarks: () => new Map(marks),
  };
}
