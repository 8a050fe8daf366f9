import * as z from 'zod';
import { CalendarDate, Name, NamedEntity, type Sendable, text } from '../fields.ts';
import { Cursor } from '../subjects.ts';

/**
 * Chosen by the caller that places the hold, such as the number of the matter, and used once. Not the name of a person: ids are
 * in queue messages.
 */
export const HoldId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** `producer`: for an owned type, the producer whose ids these are. */
export const SentHoldScope = z.union([
  z.strictObject({ entity: NamedEntity }),
  z.strictObject({ category: Name }),
  z.strictObject({ store: Name }),
  z.strictObject({ policy: Name }),
  z.strictObject({ everything: z.literal(true) }),
]);
export type SentHoldScope = z.output<typeof SentHoldScope>;

export const PlaceHold = z.strictObject({
  id: HoldId,
  scope: SentHoldScope,
  /** What it is about, for people: a file number, the name of a case. */
  matter: text(200),
  reason: text(2000),
  /** Somebody has to look at it again by the end of this day (UTC). */
  reviewBy: z.exactOptional(CalendarDate),
  /** It also keeps records from being restricted. */
  freeze: z.exactOptional(z.boolean()),
  /** Nothing is placed: the answer counts what the hold would cover now. */
  dryRun: z.exactOptional(z.boolean()),
});
export type PlaceHold = Sendable<z.input<typeof PlaceHold>>;

export const ReleaseHold = z.strictObject({
  id: HoldId,
  reason: text(2000),
  /** Nothing is released: the answer counts what waits for the release. */
  dryRun: z.exactOptional(z.boolean()),
});
export type ReleaseHold = Sendable<z.input<typeof ReleaseHold>>;

/** One hold with what is in flight, those in force on an entity, or all of them. */
export const QueryHolds = z.union([
  z.strictObject({ id: HoldId }),
  z.strictObject({ entity: NamedEntity }),
  z.strictObject({
    state: z.exactOptional(z.enum(['in-force', 'released'])),
    cursor: z.exactOptional(Cursor),
  }),
]);
export type QueryHolds = Sendable<z.input<typeof QueryHolds>>;

const instant = z.string();

/**
 * Attempts that began before the hold was in force, and may still act. `working`: nothing was acted on yet; `acting`: what
 * is acted on is written down; `requested`: a vendor was asked, which cannot be called back; `settled`: it has ended, and acts no more. `holdings`: how many of its records the hold
 * covers; of a hold that is not on an entity, how many it may cover. `dataset`: it works on rows of a dataset, and the
 * number says nothing.
 */
const InFlightAnswer = z.object({
  lane: z.string(),
  token: z.string(),
  until: instant,
  holdings: z.int(),
  state: z.enum(['working', 'acting', 'requested', 'settled']),
  dataset: z.exactOptional(z.literal(true)),
});
export type InFlightAnswer = z.output<typeof InFlightAnswer>;

export const HoldAnswer = z.object({
  id: z.string(),
  /** Of an entity, its id is absent if the texts cannot be read any more. */
  scope: z.union([
    z.object({
      entity: z.object({
        type: z.exactOptional(z.string()),
        id: z.exactOptional(z.string()),
        producer: z.exactOptional(z.string()),
      }),
    }),
    z.object({ category: z.string() }),
    z.object({ store: z.string() }),
    z.object({ policy: z.string() }),
    z.object({ everything: z.literal(true) }),
  ]),
  /** `placing`: the request that placed it did not end. It may not be in force, or not be in the archive: repeat the request. */
  state: z.enum(['placing', 'in-force', 'released']),
  matter: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
  placedBy: z.exactOptional(z.string()),
  placedAt: instant,
  freeze: z.boolean(),
  reviewBy: z.exactOptional(z.string()),
  /** The review date has passed, and the hold is in force. */
  reviewOverdue: z.exactOptional(z.literal(true)),
  released: z.exactOptional(
    z.object({ at: instant, by: z.exactOptional(z.string()), reason: z.exactOptional(z.string()) }),
  ),
  /** The key of its texts is lost, so that matter, reason and people are absent. It is in force all the same. */
  unreadable: z.exactOptional(z.literal(true)),
  /** Only where one hold is asked for, or was placed. */
  inFlight: z.exactOptional(z.array(InFlightAnswer)),
});
export type HoldAnswer = z.output<typeof HoldAnswer>;

/** How many records a hold covers, or would cover. A collection counts once, however many records it has. */
export const CoverAnswer = z.object({
  holdings: z.int(),
  /** How many of them are collections. Counted for an entity only. */
  collections: z.exactOptional(z.int()),
  byStore: z.array(z.object({ store: z.string(), holdings: z.int() })),
  /** `entity`: counted now, one by one. `census`: as the daily census of this day counted them. `none`: no census yet. */
  from: z.enum(['entity', 'census', 'none']),
  census: z.exactOptional(z.string()),
  /** There are more than were counted. */
  atLeast: z.exactOptional(z.literal(true)),
  /** Of these datasets it would cover rows, too. They are not counted. */
  datasets: z.exactOptional(z.array(z.object({ store: z.string(), category: z.string() }))),
  /** Accounts by which applications know this person. What is only about them is not covered. */
  notCoveredAccounts: z.exactOptional(z.int()),
});
export type CoverAnswer = z.output<typeof CoverAnswer>;

export const PlaceHoldAnswer = z.union([
  z.object({ dryRun: z.literal(true), wouldCover: CoverAnswer }),
  z.object({ dryRun: z.literal(false), hold: HoldAnswer }),
]);
export type PlaceHoldAnswer = z.output<typeof PlaceHoldAnswer>;

export const ReleaseHoldAnswer = z.object({
  dryRun: z.boolean(),
  hold: HoldAnswer,
  /** Records that came due under it, and wait. They are looked at again once it is released. */
  waiting: z.object({ holdings: z.int(), atLeast: z.exactOptional(z.literal(true)) }),
});
export type ReleaseHoldAnswer = z.output<typeof ReleaseHoldAnswer>;

export const HoldsAnswer = z.object({ holds: z.array(HoldAnswer), next: z.exactOptional(Cursor) });
export type HoldsAnswer = z.output<typeof HoldsAnswer>;
