/** Why a record that is due stays in its chunk: a limit of its lane, or a person. */
export const GUARD_CODES = ['QUIET_HOURS', 'HOURLY_CAP', 'MINUTE_RATE'] as const;
export type GuardCode = (typeof GUARD_CODES)[number];

/** Holdings of a chunk that are due and wait. */
export interface Waiting {
  readonly code: GuardCode;
  readonly count: number;
}
