import * as z from 'zod';
import { Receipt } from '../domain/log/receipt.ts';
import { OUTCOMES } from '../domain/record/actions.ts';
import type { Entry, NoteEntry } from '../domain/record/entry.ts';
import { Name, NamedEntity, Occurrence, text } from './fields.ts';
import { Cursor } from './subjects.ts';

/**
 * Entries of attempts that began from `from` up to, not including, `to` (a date means its first midnight in UTC). With
 * `subject`, the entries of actions on holdings about this entity.
 */
export const LogQuery = z.strictObject({
  from: Occurrence,
  to: Occurrence,
  store: z.exactOptional(Name),
  rule: z.exactOptional(text(2000)),
  outcome: z.exactOptional(z.enum([...OUTCOMES, 'pseudonymised'])),
  subject: z.exactOptional(NamedEntity),
  cursor: z.exactOptional(Cursor),
});
export type LogQuery = z.input<typeof LogQuery>;

export const LogEntryAnswer = z.object({
  /** The attempt that wrote it, and its line in the attempt's result. */
  token: z.string(),
  line: z.int(),
  /** Its place in the whole log; absent until its result is sealed. */
  index: z.exactOptional(z.int()),
  entry: z.custom<Entry>((value) => typeof value === 'object' && value !== null),
});
export type LogEntryAnswer = z.output<typeof LogEntryAnswer>;

/** What an operator asked for, or what a fact did that came late or changed another one. */
export const LogActionAnswer = z.object({
  token: z.string(),
  line: z.int(),
  index: z.exactOptional(z.int()),
  action: z.custom<NoteEntry>((value) => typeof value === 'object' && value !== null),
});
export type LogActionAnswer = z.output<typeof LogActionAnswer>;

/** A page may be empty and still have a `next`: the part of the log that it covers had no match. */
export const LogAnswer = z.object({
  entries: z.array(LogEntryAnswer),
  /**
   * Of the same period; none with `rule` or `outcome`. With `store`: about this store. With `subject`: that its records
   * were disposed of before a fact, or came back.
   */
  actions: z.array(LogActionAnswer),
  /**
   * With `subject`: stages of its holdings whose entries cannot be found, because that year's key was destroyed. Each is
   * counted on one page.
   */
  unlinked: z.exactOptional(z.int()),
  next: z.exactOptional(Cursor),
});
export type LogAnswer = z.output<typeof LogAnswer>;

/** The receipt of one entry; with `record`, of one record of the page that it is about. */
export const ReceiptQuery = z.strictObject({
  /** Of the entry in the log. The largest has 15 digits: it is a whole number in every reader of JSON. */
  index: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,14})$/)
    .transform(Number),
  record: z.exactOptional(z.string().regex(/^[\w-]{22}$/)),
});
export interface ReceiptQuery {
  readonly index: number;
  readonly record?: string;
}

export const ReceiptAnswer = Receipt;
