import * as z from 'zod';
import { ProposalAnswer } from './people/proposals.ts';
import { RegistrationData, WithdrawalData } from './cloud-event.ts';
import { type Sendable, text, Time } from './fields.ts';
import { refuse } from './parse.ts';

/** Items of one batch. */
export const LARGEST_BATCH = 100;
/** Bytes of one request body: 256 KB. */
export const LARGEST_BODY = 262_144;
/** Bytes of one item, so that it fits on the bus and in a queue together with its envelopes. */
export const LARGEST_ITEM = 65_536;

/** Items are parsed one by one, so that a bad item does not affect the others. */
const items = z
  .array(z.unknown())
  .min(1)
  .refine((batch) => batch.length <= LARGEST_BATCH, refuse('BATCH_TOO_LARGE'));

/** CloudEvents 1.0: lifecycle events, corrections, retractions. */
export const EventBatch = z.strictObject({ events: items });

/** Registrations or withdrawals. */
export const HoldingBatch = z.strictObject({ holdings: items });

/**
 * `time`: when the producer sent it. The same content with the same time is one request, also after the record was
 * disposed of. Without it, the time when the request was taken counts. `id` is the event's on the bus.
 */
const request = { id: z.exactOptional(text(256)), time: z.exactOptional(Time) };

export const RegistrationItem = RegistrationData.extend(request);
export type RegistrationItem = Sendable<z.input<typeof RegistrationItem>>;

export const WithdrawalItem = WithdrawalData.extend(request);
export type WithdrawalItem = Sendable<z.input<typeof WithdrawalItem>>;

/**
 * One answer for every item. An item is `accepted` only after it is durable. `proposed`: another operator has to confirm it
 * first, and nothing was sent.
 */
export const ItemResult = z.object({
  index: z.int(),
  status: z.enum(['accepted', 'rejected', 'proposed']),
  /** Of a registration: what the record is called in notices. */
  handle: z.exactOptional(z.string()),
  code: z.exactOptional(z.string()),
  path: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
});
export type ItemResult = z.output<typeof ItemResult>;

export const BatchAnswer = z.object({
  results: z.array(ItemResult),
  /** All items that are `proposed` together. */
  proposed: z.exactOptional(ProposalAnswer),
});
export type BatchAnswer = z.output<typeof BatchAnswer>;
