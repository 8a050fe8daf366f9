import type { ColumnEntry, ColumnMessage } from '../domain/columns/column-entry.ts';
import type { ColumnMark } from '../domain/columns/column-mark.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/** What was taken from columns as facts, in order of the values. Reads are strongly consistent. */
export interface Columns {
  columnEntry(column: string, key: string): Promise<ColumnEntry | undefined>;
  /** Of values from `from` to before `until`, in order of their keys; at a time those that fit in 1 MB. */
  columnEntries(
    column: string,
    range: { readonly from: Instant; readonly until: Instant },
    after?: string,
  ): Promise<Page<ColumnEntry>>;
  /** On `next.version - 1`; 1: none may be there. */
  writeColumnEntry(next: ColumnEntry): Promise<'written' | 'moved'>;
  /** On the version that it has. */
  deleteColumnEntry(entry: ColumnEntry): Promise<'deleted' | 'moved'>;
  /** What `ingest` is to be told, until the sweep has told it. The same message replaces itself. */
  putColumnMessages(messages: readonly ColumnMessage[]): Promise<void>;
  /** At most 100 a page. */
  columnMessages(column: string, after?: string): Promise<Page<ColumnMessage>>;
  deleteColumnMessages(messages: readonly ColumnMessage[]): Promise<void>;
  /**
   * Notes that facts of the column may be on record; or that it was read to its end at or after the mark's instant, and said
   * all of them that are. Only forwards. Lanes read it when they begin.
   */
  noteColumn(column: string, mark: ColumnMark): Promise<void>;
}
