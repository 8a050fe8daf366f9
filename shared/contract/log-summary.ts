import * as z from 'zod';
import { CalendarDate, Name, text } from './fields.ts';
import { Cursor } from './subjects.ts';

/**
 * How many entries the deletion log has, of attempts that began from the day `from` up to, not including, the day `to`
 * (UTC). Without `by`, of the whole time.
 */
export const LogSummaryQuery = z.strictObject({
  from: CalendarDate,
  to: CalendarDate,
  by: z.exactOptional(z.enum(['day', 'month', 'quarter'])),
  store: z.exactOptional(Name),
  rule: z.exactOptional(text(2000)),
  cursor: z.exactOptional(Cursor),
});
export type LogSummaryQuery = z.input<typeof LogSummaryQuery>;

const LogSummaryGroup = z.object({
  /** With `by`: `2026-03-01`, `2026-03` or `2026-Q1`. */
  period: z.exactOptional(z.string()),
  store: z.string(),
  rule: z.string(),
  outcome: z.string(),
  entries: z.int(),
  /** An entry is about one record, or about those that its page counts. */
  records: z.int(),
});
export type LogSummaryGroup = z.output<typeof LogSummaryGroup>;

/** Several pages may have parts of the same group: their numbers are added up. A page may be empty and have a `next`. */
export const LogSummaryAnswer = z.object({
  groups: z.array(LogSummaryGroup),
  next: z.exactOptional(Cursor),
});
