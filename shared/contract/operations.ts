import * as z from 'zod';
import { STORE_ACTIONS } from '../domain/record/actions.ts';
import { STOP_REASONS } from '../domain/guard/lane-guard.ts';
import { Name, text } from './fields.ts';
import { refuse } from './parse.ts';
import { Cursor } from './subjects.ts';

const instant = z.string();

export const NoBody = z.strictObject({});
/** The query string of a `GET`. */
export const PageQuery = z.strictObject({ cursor: z.exactOptional(Cursor) });
export type PageQuery = z.input<typeof PageQuery>;

/**
 * A group of similar holdings past their deadline. `because`: what keeps the lane from disposing of them, as far as the
 * registry knows. With `dataset`, rows of this dataset that have waited for more than a day: `count` is how many its last
 * attempt left waiting, 0 if that is not known, and `oldestDeadline` since when they wait.
 */
export const OverdueGroup = z.object({
  store: z.string(),
  producer: z.string(),
  because: z.enum(['paused', 'failing', 'working', 'waiting']),
  /** With `failing`: the code of the last failure. With `waiting`: what keeps them waiting, such as `QUIET_HOURS`. */
  code: z.exactOptional(z.string()),
  dataset: z.exactOptional(z.string()),
  count: z.int(),
  oldestDeadline: instant,
});
export type OverdueGroup = z.output<typeof OverdueGroup>;

const OverdueAnswer = z.object({
  asOf: instant,
  groups: z.array(OverdueGroup),
  next: z.exactOptional(Cursor),
});

/** Single holdings that were due on this day (UTC) or before. */
export const DueQuery = z.strictObject({ day: z.iso.date(), cursor: z.exactOptional(Cursor) });
export type DueQuery = z.input<typeof DueQuery>;

/** `ref`: how the deletion log names it. */
const DueHoldingAnswer = z.object({ ref: z.string(), generation: z.int(), store: z.string() });
export type DueHoldingAnswer = z.output<typeof DueHoldingAnswer>;

/** `unlinked`: how many more have no name in the log, because the log's key of their year was destroyed. */
const DueHoldingsAnswer = z.object({
  asOf: instant,
  holdings: z.array(DueHoldingAnswer),
  unlinked: z.exactOptional(z.int()),
  next: z.exactOptional(Cursor),
});

/** What is late. */
export const OVERDUE_ROUTES = {
  listOverdue: {
    method: 'GET',
    path: '/v1/overdue',
    roles: ['operator', 'auditor'],
    input: PageQuery,
    answer: OverdueAnswer,
  },
  listDueHoldings: {
    method: 'GET',
    path: '/v1/overdue/holdings',
    roles: ['operator', 'auditor'],
    input: DueQuery,
    answer: DueHoldingsAnswer,
  },
} as const;

/**
 * Holdings that a worker may still act on, although the lane is paused. `dataset`: it works on rows of a dataset, and the
 * number says nothing.
 */
const InFlightAnswer = z.object({
  lane: z.string(),
  holdings: z.int(),
  until: instant,
  dataset: z.exactOptional(z.literal(true)),
});

/** Pauses or resumes only what a policy, or one of its rules, disposes of. The rule as it is written. */
export const PauseLanes = z
  .strictObject({ policy: z.exactOptional(Name), rule: z.exactOptional(text(2000)) })
  .refine(({ policy, rule }) => rule === undefined || policy !== undefined, {
    ...refuse('BODY_INVALID'),
    path: ['policy'],
  });
export type PauseLanes = z.input<typeof PauseLanes>;

/** A rule that a breaker has stopped, as it is written. */
export const AbortRule = z.strictObject({ policy: Name, rule: text(2000) });
export type AbortRule = z.input<typeof AbortRule>;
/** `records`: how many it may dispose of beyond its limit. Without it, those that wait. */
export const ApproveRule = z.strictObject({
  ...AbortRule.shape,
  records: z.exactOptional(z.int().min(1).max(100_000_000)),
});
export type ApproveRule = z.input<typeof ApproveRule>;

/**
 * `record`: as entries of the deletion log name it (`holding`), or by its handle. `stage` and `part`, as in its entry, where
 * several requests about it are open.
 */
export const ConfirmVendor = z.strictObject({
  record: z.string().regex(/^[\w-]{22}$/, 'BODY_INVALID'),
  stage: z.exactOptional(z.enum(STORE_ACTIONS)),
  part: z.exactOptional(text(200)),
});
export type ConfirmVendor = z.input<typeof ConfirmVendor>;
export const ConfirmVendorAnswer = z.object({ confirmed: z.literal(true) });

export const LaneAnswer = z.object({
  lane: z.string(),
  state: z.enum(['running', 'paused']),
  /**
   * Since when, and whether by a pause of this lane or of all. `RESTORED`: the registry was restored from a backup, and
   * no person has resumed all lanes since.
   */
  pauses: z.array(
    z.object({
      of: z.enum(['lane', 'all']),
      since: instant,
      code: z.exactOptional(z.literal('RESTORED')),
      /** Only what this policy, or this rule of it, disposes of: the lane is running otherwise. */
      policy: z.exactOptional(z.string()),
      rule: z.exactOptional(z.string()),
    }),
  ),
  inFlight: z.array(InFlightAnswer),
  /** The store is configured as a dry run. What would have been done on the last day, as far as the lane came to it. */
  dryRun: z.exactOptional(
    z.object({
      day: z.exactOptional(z.string()),
      rules: z.array(
        z.object({ policy: z.string(), rule: z.string(), action: z.enum(STORE_ACTIONS), records: z.int() }),
      ),
    }),
  ),
  /** Rules that have stopped, and wait for a person to approve or abort them. */
  stops: z.exactOptional(
    z.array(
      z.object({
        policy: z.string(),
        rule: z.string(),
        since: instant,
        /** More than its records of a day, or a larger part of the store, than the breaker allows; or its first records failed. */
        because: z.enum(STOP_REASONS),
        /** What it was let through on that day, and how much it may be; of its first records, how many were read back. */
        taken: z.int(),
        most: z.int(),
        /** Records that wait, as far as the lane has come to them. */
        waiting: z.int(),
      }),
    ),
  ),
});
export type LaneAnswer = z.output<typeof LaneAnswer>;

/** The state of the lanes after the request. Pausing a paused lane, or resuming a running one, changes nothing. */
export const LanesAnswer = z.object({
  lanes: z.array(LaneAnswer),
  /** Producers whose messages wait, for example because they sent too many: their chunks stand still in every lane. */
  behind: z.exactOptional(z.array(z.object({ producer: z.string(), until: instant }))),
  /** While a restored registry waits for a person: what it needs before all lanes can be resumed. */
  restore: z.exactOptional(
    z.object({
      missing: z.array(z.enum(['log', 'disposed', 'replay'])),
      /** How many holdings were compared with the deletion log. */
      holdings: z.int(),
      /** What was sent until then has come again from the archive. */
      replayedUntil: z.exactOptional(instant),
    }),
  ),
});
export type LanesAnswer = z.output<typeof LanesAnswer>;

/** What could not be processed, without its body. */
export const QuarantinedAnswer = z.object({
  id: z.string(),
  receivedAt: instant,
  code: z.string(),
  reason: z.string(),
  producer: z.exactOptional(z.string()),
  /** Only its beginning is kept: it cannot be replayed. `busId` is what `PutEvents` answered to its sender. */
  cut: z.exactOptional(z.object({ bytes: z.int(), busId: z.exactOptional(z.string()) })),
});
export type QuarantinedAnswer = z.output<typeof QuarantinedAnswer>;

export const QuarantineAnswer = z.object({
  items: z.array(QuarantinedAnswer),
  next: z.exactOptional(Cursor),
});
export type QuarantineAnswer = z.output<typeof QuarantineAnswer>;

export const SettleQuarantined = z.strictObject({ id: text(256) });
export const SettledAnswer = z.object({ id: z.string(), settled: z.enum(['replayed', 'discarded']) });
export type SettledAnswer = z.output<typeof SettledAnswer>;
