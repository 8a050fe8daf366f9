import * as z from 'zod';
import { NamedEntity } from './fields.ts';

export const Cursor = z.string().min(1).max(4096);
/** Items on one page, of every list. */
export const LARGEST_PAGE = 100;

/**
 * `producer`: for an owned type, the producer whose ids these are. A producer omits it and asks about its own entities.
 * `html`: answers all holdings as one page to read or print, instead of pages of holdings.
 */
export const SubjectQuery = z.strictObject({
  entity: NamedEntity,
  html: z.exactOptional(z.literal(true)),
  cursor: z.exactOptional(Cursor),
});
export type SubjectQuery = z.input<typeof SubjectQuery>;

const instant = z.string();
const optionalInstant = z.exactOptional(instant);

/** One stage of a holding's plan: what will be done, when it may and must be, and why. */
export const StageAnswer = z.object({
  action: z.string(),
  /** What part of the record, if not the whole. */
  part: z.exactOptional(z.string()),
  status: z.string(),
  window: z.exactOptional(
    z.object({
      notBefore: optionalInstant,
      notAfter: optionalInstant,
      floor: optionalInstant,
      basis: z.string(),
    }),
  ),
  actAt: optionalInstant,
  deadline: optionalInstant,
  policy: z.string(),
  policyVersion: z.string(),
  rule: z.string(),
  reasons: z.array(z.string()),
});
export type StageAnswer = z.output<typeof StageAnswer>;

/**
 * A completed stage. `unrecoverableAt`: until then, backups and old versions of the store may still have what was
 * deleted; `unknown` if neither its `backupDays` nor its settings say it; absent if nothing was deleted. `log`: where its entry is in
 * the deletion log, for operators and auditors; absent if the link was destroyed.
 */
const DisposedAnswer = z.object({
  stage: z.string(),
  part: z.exactOptional(z.string()),
  outcome: z.string(),
  at: instant,
  unrecoverableAt: z.exactOptional(instant.or(z.literal('unknown'))),
  log: z.exactOptional(z.object({ token: z.string(), line: z.int() })),
});

export const HoldingAnswer = z.object({
  /**
   * `destroyed`: the log's key of the year of registration was destroyed, so nothing leads from this holding to its
   * entries any more.
   */
  link: z.enum(['kept', 'destroyed']),
  /** The references of the holding and of the entity in the deletion log. Absent if the link was destroyed. */
  refs: z.exactOptional(z.object({ holding: z.string(), subject: z.string() })),
  /** What the record is called in notices. The same for all generations. */
  handle: z.string(),
  generation: z.int(),
  store: z.string(),
  /** It is all records of this collection that carry the id of the entity. Absent: it is one record. */
  collection: z.exactOptional(z.string()),
  /**
   * Of a collection: only this number of its records is left, since then. They are registered on their own and stay for their
   * own reasons; the collection is looked at again from time to time.
   */
  kept: z.exactOptional(z.object({ records: z.int(), since: instant })),
  state: z.enum(['pending', 'active', 'disposed', 'withdrawn']),
  categories: z.array(z.string()),
  purposes: z.array(z.string()),
  producers: z.array(z.string()),
  registeredAt: instant,
  /** Absent once nothing is left to plan. */
  plan: z.exactOptional(
    z.object({
      status: z.string(),
      next: z.exactOptional(StageAnswer),
      stages: z.array(StageAnswer),
      explanation: z.array(z.string()),
      overdue: z.boolean(),
    }),
  ),
  /** The code of the error with which its plan could not be computed. */
  planFailed: z.exactOptional(z.string()),
  /** Whether a legal hold, or a pause of its lane, policy or rule, keeps it from being disposed of. */
  held: z.exactOptional(z.enum(['hold', 'pause'])),
  disposed: z.array(DisposedAnswer),
  /**
   * Whether a fact arrived, such as a correction or retraction, that would have kept it, had it come before the disposal.
   * What was disposed of does not come back: its application may find it in a backup until `unrecoverableAt`.
   */
  disposedBeforeFact: z.boolean(),
  /** This generation began because the record, which had been deleted, was in its store again: when that was looked at. */
  cameBack: optionalInstant,
});
export type HoldingAnswer = z.output<typeof HoldingAnswer>;

/** Each holding once, the current generation before the earlier ones; none with `html`, where the page says it all. */
export const SubjectAnswer = z.object({
  asOf: instant,
  holdings: z.array(HoldingAnswer),
  html: z.exactOptional(z.string()),
  next: z.exactOptional(Cursor),
});
export type SubjectAnswer = z.output<typeof SubjectAnswer>;
