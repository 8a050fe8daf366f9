/** Why a record that is due stays in its chunk: a limit of its lane, a person, or a vendor that was asked. */
export const GUARD_CODES = [
  'QUIET_HOURS',
  'HOURLY_CAP',
  'MINUTE_RATE',
  'STORE_SLOW',
  'RULE_PAUSED',
  'RULE_STOPPED',
  'NOT_COUNTED',
  'CANARY',
  'DRY_RUN',
  'COLUMN_NOT_READ',
  'VENDOR_PENDING',
  'VENDOR_OVERDUE',
] as const;
export type GuardCode = (typeof GUARD_CODES)[number];

/** What only a person ends. A chunk that waits for it is rung as soon as that is done, whatever its not-before. */
export const FOR_A_PERSON: ReadonlySet<GuardCode> = new Set<GuardCode>(['RULE_PAUSED', 'RULE_STOPPED']);

/** A vendor was asked, and has not said that it has done it. */
export const FOR_A_VENDOR: ReadonlySet<GuardCode> = new Set<GuardCode>(['VENDOR_PENDING', 'VENDOR_OVERDUE']);

/** Records of a chunk that are due and wait. */
export interface Waiting {
  readonly code: GuardCode;
  readonly count: number;
  /** `RULE_STOPPED`: the key of the rule in the lane's guard. */
  readonly rule?: string;
}
