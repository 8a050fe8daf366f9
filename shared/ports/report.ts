import type { Outcome, StoreAction } from '../domain/record/actions.ts';

/** Stable codes: `room.fact`. `docs/logging.md` says what each means. */
export const REPORT_CODES = [
  'ingest.accepted',
  'ingest.duplicate',
  'ingest.late-fact',
  'ingest.quarantined',
  'ingest.behind',
  'ingest.failed',
  'register.registered',
  'register.collected',
  'register.id-impossible',
  'register.waiting',
  'register.withdrawn',
  'sweep.swept',
  'sweep.caught-up',
  'sweep.overdue',
  'sweep.at-risk',
  'sweep.quarantine',
  'sweep.waiting-too-long',
  'sweep.re-planned',
  'sweep.retried',
  'sweep.notified',
  'sweep.failed',
  'timers.refused',
  'census.re-hinted',
  'holding.set-aside',
  'dispose.taken-over',
  'dispose.settled',
  'dispose.page',
  'dispose.parked',
  'dispose.capped',
  'dispose.waits',
  'dispose.slowed',
  'dispose.stopped',
  'dispose.dependants',
  'request.shared-account',
  'child.shared-account',
  'export.unread',
  'dispose.left',
  'dispose.before-the-fact',
  'dispose.came-back',
  'dispose.recovery-unread',
  'dispose.failed',
  'dataset.pass',
  'dataset.left',
  'dataset.unknown',
  'facts.read',
  'facts.unread',
  'facts.unusable',
  'survey.surveyed',
  'survey.unseen',
  'survey.appeared',
  'survey.never-present',
  'seal.sealed',
  'seal.signed',
  'seal.witnessed',
  'seal.unwitnessed',
  'seal.witness-missing',
  'seal.key-not-recorded',
  'seal.waiting',
  'seal.voided',
  'seal.rebuilt',
  'seal.index-wrong',
  'seal.dropped',
  'seal.drop-refused',
  'seal.failed',
  'bus.refused',
  'api.refused',
  'api.failed',
] as const;
export type ReportCode = (typeof REPORT_CODES)[number];

/** The `code` of `sweep.waiting-too-long`: what waits. Each has a runbook of its name. */
export const TOO_LONG = [
  'overdue',
  'deadline-at-risk',
  'lane-stalled',
  'dataset-late',
  'vendor-overdue',
  'quarantine-waiting',
  'seal-lag',
  'witness-lag',
  'ingest-stalled',
  'archive-stopped',
  'producer-behind',
  'column-unread',
  'policies-waiting',
  'hold-review',
  'request-due',
  'request-late',
  'rule-stopped',
] as const;
export type TooLong = (typeof TOO_LONG)[number];

/** The only fields that can be logged. No identifier, locator or content fits in any of them. */
export interface ReportFields {
  readonly store?: string;
  readonly producer?: string;
  readonly policy?: string;
  readonly outcome?: Outcome | 'interrupted';
  readonly stage?: StoreAction;
  readonly code?: string;
  readonly count?: number;
  readonly seconds?: number;
  readonly route?: string;
  readonly status?: number;
  readonly witness?: string;
  readonly month?: string;
}

/** Logs and counts. Never throws. */
export interface Report {
  (code: ReportCode, fields?: ReportFields): void;
}
