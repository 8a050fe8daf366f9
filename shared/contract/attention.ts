import * as z from 'zod';
import { HOLDING_REASONS, REASONS } from '../domain/record/attention.ts';
import { Cursor, HoldingAnswer } from './subjects.ts';

const instant = z.string();
const text = z.exactOptional(z.string());

/**
 * What needs a person for the same reason. `status`: of holdings, that of their plan, or their state; `entity`: entities
 * that something is odd about; `message`: messages in quarantine; `hold`: legal holds; `request`: what a
 * vendor was asked for; `place` and `field`: what the survey of a store found.
 */
export const AttentionGroup = z.object({
  reason: z.enum(Object.keys(REASONS) as [keyof typeof REASONS]),
  status: z.string(),
  store: text,
  policy: text,
  producer: text,
  /** With `set-aside` and `quarantined`: why. Of entities: their type. Of places: their kind; of fields: their name. */
  code: text,
  /** Of holdings: the teams that own their categories. */
  owner: text,
  count: z.int(),
  /** The oldest registration, event or message among them. With `vendor-overdue`: when the first of them was asked for. */
  oldest: instant,
});
export type AttentionGroup = z.output<typeof AttentionGroup>;

export const AttentionAnswer = z.object({
  asOf: instant,
  /** The day of the census that counted holdings and entities. Absent until the first one has ended. */
  census: text,
  groups: z.array(AttentionGroup),
  next: z.exactOptional(Cursor),
});
export type AttentionAnswer = z.output<typeof AttentionAnswer>;

/** Reasons whose holdings can be listed one by one. */
const ListedReason = z.enum([
  'set-aside',
  ...(Object.keys(HOLDING_REASONS) as [keyof typeof HOLDING_REASONS]),
]);
export type ListedReason = z.output<typeof ListedReason>;

export const AttentionQuery = z.strictObject({ reason: ListedReason, cursor: z.exactOptional(Cursor) });
export type AttentionQuery = z.input<typeof AttentionQuery>;

/** A holding as in answers about subjects, without the subject: its entities are told by their types only. */
export const AttentionHolding = HoldingAnswer.omit({ refs: true }).extend({
  /** The reference of the holding in the deletion log. Absent if that year's key was destroyed. */
  ref: text,
  entityTypes: z.array(z.string()),
  /** With `set-aside`: why. */
  code: text,
  /** The teams that own its categories. */
  owners: z.exactOptional(z.array(z.string())),
});
export type AttentionHolding = z.output<typeof AttentionHolding>;

export const AttentionHoldings = z.object({
  asOf: instant,
  census: text,
  holdings: z.array(AttentionHolding),
  next: z.exactOptional(Cursor),
});
