import type { EntityRef, Instant } from './ids.ts';

/**
 * Why a person has to look at a holding, with what to do. A holding has one reason, the first of this list that applies.
 * `docs/states.md` says more about each; a test compares.
 */
export const HOLDING_REASONS = {
  'store-not-configured':
    'The store is not in the configuration any more, so nothing can be disposed of there: add it again. Registrations can be withdrawn only as long as their store is configured.',
  'planned-by-old-policies':
    'The plan could not be renewed after the policies changed: look at the code under which it is set aside.',
  conflict: 'One rule keeps the record longer than another one allows: correct the policies.',
  'deadline-before-floor':
    'The deadline is before the event that starts the period, so it cannot be met: correct the rule, or the event.',
  'too-many-combinations':
    'The record is about more combinations of entities than are evaluated: register it with fewer entities of each type.',
  'never-had-a-fact':
    'No event about any of its entities has ever arrived: check which ids the producer registers, and which ids its events have.',
  'undetermined-for-long':
    'It has had no date for longer than `reportAfter` of its policy: check whether the event or attribute that it waits for was sent.',
  SENT_TOGETHER:
    'A registration and a withdrawal were sent in the same millisecond, and the registration stays: withdraw it again if that is wrong.',
  REGISTRATION_VOID:
    'A registration arrived after a withdrawal that was sent later, and counts for nothing: register again if that is wrong.',
  DISPOSED_BEFORE_FACT:
    'A fact arrived after a disposal that it would have forbidden: tell the producer that it reported too late.',
  overdue:
    'The deadline has passed: `tenure overdue` says why, unless the store itself keeps the record until a date.',
} as const;
export type HoldingReason = keyof typeof HOLDING_REASONS;

/** Why a person has to look at an entity of which nothing is registered, or whose id is written in two ways. */
export const ENTITY_REASONS = {
  'facts-without-holdings':
    'Events about these entities arrived, but no record about them is registered: check which ids are registered.',
  'corrections-without-event':
    'A correction or retraction names an event that never arrived, and counts for nothing until it does: check its id.',
  'ids-differ-in-case':
    'Two ids differ only in upper and lower case, so they are two entities: send the same id, or declare `lowercase` for the type before its first event.',
} as const;
export type EntityReason = keyof typeof ENTITY_REASONS;

/** What is listed as it is now, and not as the last census found it. */
const LIVE_REASONS = {
  'set-aside':
    'The holding cannot be handled, for the reason that the code says: it is tried again once a day.',
  'policies-waiting':
    'Policies are deployed by which more records become due than `maxNewlyDue` allows, so lanes begin nothing: `tenure policy status` says how many; approve them, or deploy others.',
  'hold-review':
    'A legal hold is in force, and its review date has passed: `tenure hold list` names it; release it, or place another one.',
  'request-open':
    'A request of a person is open: `tenure request list` shows its deadline, and `tenure request show` what is left to do.',
  uncovered:
    'Tables, prefixes or buckets that no store covers have appeared: `tenure coverage` names them; cover them, or ignore them with a reason.',
  'never-present':
    'A field that must never have values has some: find out who writes it, and remove the values.',
  'rule-stopped':
    'A rule was to dispose of more records in a day than it may, or its first records failed: `tenure lanes` says which and why; then `tenure approve` or `tenure abort`.',
  'dataset-late':
    'Rows of a dataset that are due by their rule have waited for more than a day: `tenure overdue` says why.',
  'vendor-overdue':
    'A vendor has not confirmed these records for longer than `confirmWithinDays` of its store: find out why, and if it has done it, say so with `tenure vendor confirm` (docs/runbooks/vendor-overdue.md).',
  quarantined:
    'The message could not be processed, for the reason that the code says: `tenure quarantine list`.',
} as const;

export const REASONS = { ...HOLDING_REASONS, ...ENTITY_REASONS, ...LIVE_REASONS };
export type Reason = keyof typeof REASONS;

export function isHoldingReason(reason: string): reason is HoldingReason {
  return Object.hasOwn(HOLDING_REASONS, reason);
}

export function isEntityReason(reason: string): reason is EntityReason {
  return Object.hasOwn(ENTITY_REASONS, reason);
}

/** An entity that something is odd about. */
export interface OddEntity {
  readonly ref: EntityRef;
  readonly reason: EntityReason;
  /** `ids-differ-in-case`: its type, if that is known. */
  readonly type?: string;
  /** Types of its events; not with `ids-differ-in-case`. */
  readonly events: readonly string[];
  /** When the earliest of these was sent, or the correction was received. */
  readonly since?: Instant;
}
