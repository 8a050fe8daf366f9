import * as z from 'zod';
import {
  FileRequest,
  ReasonedRequest,
  RequestQuery,
  RequestsAnswer,
  StepRequest,
} from './people/requests.ts';
import { AttentionAnswer, AttentionHoldings, AttentionQuery } from './attention.ts';
import { BatchAnswer, EventBatch, HoldingBatch } from './batch.ts';
import { CoverageAnswer, CoverageQuery } from './coverage.ts';
import { ForecastAnswer, ForecastQuery } from './forecast.ts';
import { LogAnswer, LogQuery, ReceiptAnswer, ReceiptQuery } from './log-entries.ts';
import { LogSummaryAnswer, LogSummaryQuery } from './log-summary.ts';
import { ProposedAnswer } from './people/proposals.ts';
import { PROPOSAL_ROUTES } from './people/proposal-routes.ts';
import { REPLAY_ROUTES } from './restore-replays.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import {
  AbortRule,
  ApproveRule,
  ConfirmVendor,
  ConfirmVendorAnswer,
  LanesAnswer,
  NoBody,
  OVERDUE_ROUTES,
  PageQuery,
  PauseLanes,
  QuarantineAnswer,
} from './operations.ts';
import {
  HoldsAnswer,
  PlaceHold,
  PlaceHoldAnswer,
  QueryHolds,
  ReleaseHold,
  ReleaseHoldAnswer,
} from './people/legal-holds.ts';
import { SettledAnswer, SettleQuarantined } from './operations.ts';
import { SubjectAnswer, SubjectQuery } from './subjects.ts';

export type Role = 'producer' | 'operator' | 'auditor';

/**
 * One row of the API. `input` is the body of a POST; the query string of a GET, and what its path names. Ids travel in
 * bodies, not paths.
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Any one of them. */
  readonly roles: readonly Role[];
  readonly input: z.ZodType;
  readonly answer: z.ZodType;
}

/** The API, for the function that serves it, the client that calls it and the page that documents it. */
export const ROUTES = {
  sendEvents: {
    method: 'POST',
    path: '/v1/events',
    roles: ['producer', 'operator'],
    input: EventBatch,
    answer: BatchAnswer,
  },
  registerHoldings: {
    method: 'POST',
    path: '/v1/holdings',
    roles: ['producer'],
    input: HoldingBatch,
    answer: BatchAnswer,
  },
  withdrawHoldings: {
    method: 'POST',
    path: '/v1/holdings/withdraw',
    roles: ['producer'],
    input: HoldingBatch,
    answer: BatchAnswer,
  },
  querySubject: {
    method: 'POST',
    path: '/v1/subjects/query',
    roles: ['producer', 'operator', 'auditor'],
    input: SubjectQuery,
    answer: SubjectAnswer,
  },
  ...OVERDUE_ROUTES,
  listAttention: {
    method: 'GET',
    path: '/v1/attention',
    roles: ['operator'],
    input: PageQuery,
    answer: AttentionAnswer,
  },
  listAttentionHoldings: {
    method: 'GET',
    path: '/v1/attention/holdings',
    roles: ['operator'],
    input: AttentionQuery,
    answer: AttentionHoldings,
  },
  queryForecast: {
    method: 'POST',
    path: '/v1/forecast/query',
    roles: ['operator', 'auditor'],
    input: ForecastQuery,
    answer: ForecastAnswer,
  },
  ...POLICY_ROUTES,
  ...PROPOSAL_ROUTES,
  ...REPLAY_ROUTES,
  queryCoverage: {
    method: 'POST',
    path: '/v1/coverage/query',
    roles: ['operator', 'auditor'],
    input: CoverageQuery,
    answer: CoverageAnswer,
  },
  listLanes: {
    method: 'GET',
    path: '/v1/lanes',
    roles: ['operator', 'auditor'],
    input: NoBody,
    answer: LanesAnswer,
  },
  pauseAll: {
    method: 'POST',
    path: '/v1/lanes/pause',
    roles: ['operator'],
    input: PauseLanes,
    answer: LanesAnswer,
  },
  resumeAll: {
    method: 'POST',
    path: '/v1/lanes/resume',
    roles: ['operator'],
    input: PauseLanes,
    answer: LanesAnswer,
  },
  pauseLane: {
    method: 'POST',
    path: '/v1/lanes/:lane/pause',
    roles: ['operator'],
    input: PauseLanes,
    answer: LanesAnswer,
  },
  resumeLane: {
    method: 'POST',
    path: '/v1/lanes/:lane/resume',
    roles: ['operator'],
    input: PauseLanes,
    answer: z.union([LanesAnswer, ProposedAnswer]),
  },
  approveRule: {
    method: 'POST',
    path: '/v1/lanes/:lane/approve',
    roles: ['operator'],
    input: ApproveRule,
    answer: z.union([LanesAnswer, ProposedAnswer]),
  },
  abortRule: {
    method: 'POST',
    path: '/v1/lanes/:lane/abort',
    roles: ['operator'],
    input: AbortRule,
    answer: LanesAnswer,
  },
  confirmVendor: {
    method: 'POST',
    path: '/v1/lanes/:lane/confirm',
    roles: ['operator'],
    input: ConfirmVendor,
    answer: ConfirmVendorAnswer,
  },
  placeHold: {
    method: 'POST',
    path: '/v1/legal-holds',
    roles: ['operator'],
    input: PlaceHold,
    answer: PlaceHoldAnswer,
  },
  releaseHold: {
    method: 'POST',
    path: '/v1/legal-holds/release',
    roles: ['operator'],
    input: ReleaseHold,
    answer: ReleaseHoldAnswer,
  },
  queryHolds: {
    method: 'POST',
    path: '/v1/legal-holds/query',
    roles: ['operator', 'auditor'],
    input: QueryHolds,
    answer: HoldsAnswer,
  },
  queryLog: {
    method: 'POST',
    path: '/v1/log/entries/query',
    roles: ['operator', 'auditor'],
    input: LogQuery,
    answer: LogAnswer,
  },
  queryLogSummary: {
    method: 'POST',
    path: '/v1/log/summary/query',
    roles: ['operator', 'auditor'],
    input: LogSummaryQuery,
    answer: LogSummaryAnswer,
  },
  readReceipt: {
    method: 'GET',
    path: '/v1/log/entries/:index/receipt',
    roles: ['operator', 'auditor'],
    input: ReceiptQuery,
    answer: ReceiptAnswer,
  },
  listQuarantine: {
    method: 'GET',
    path: '/v1/quarantine',
    roles: ['operator'],
    input: PageQuery,
    answer: QuarantineAnswer,
  },
  replayQuarantined: {
    method: 'POST',
    path: '/v1/quarantine/replay',
    roles: ['operator'],
    input: SettleQuarantined,
    answer: SettledAnswer,
  },
  discardQuarantined: {
    method: 'POST',
    path: '/v1/quarantine/discard',
    roles: ['operator'],
    input: SettleQuarantined,
    answer: z.union([SettledAnswer, ProposedAnswer]),
  },
  fileRequest: {
    method: 'POST',
    path: '/v1/requests',
    roles: ['producer', 'operator'],
    input: FileRequest,
    answer: RequestsAnswer,
  },
  queryRequests: {
    method: 'POST',
    path: '/v1/requests/query',
    roles: ['producer', 'operator', 'auditor'],
    input: RequestQuery,
    answer: RequestsAnswer,
  },
  identifyRequest: {
    method: 'POST',
    path: '/v1/requests/identify',
    roles: ['producer', 'operator'],
    input: StepRequest,
    answer: RequestsAnswer,
  },
  extendRequest: {
    method: 'POST',
    path: '/v1/requests/extend',
    roles: ['producer', 'operator'],
    input: ReasonedRequest,
    answer: RequestsAnswer,
  },
  refuseRequest: {
    method: 'POST',
    path: '/v1/requests/refuse',
    roles: ['producer', 'operator'],
    input: ReasonedRequest,
    answer: RequestsAnswer,
  },
  cancelRequest: {
    method: 'POST',
    path: '/v1/requests/cancel',
    roles: ['producer', 'operator'],
    input: StepRequest,
    answer: RequestsAnswer,
  },
  releaseRequest: {
    method: 'POST',
    path: '/v1/requests/release',
    roles: ['producer', 'operator'],
    input: StepRequest,
    answer: RequestsAnswer,
  },
  closeRequest: {
    method: 'POST',
    path: '/v1/requests/close',
    roles: ['producer', 'operator'],
    input: StepRequest,
    answer: RequestsAnswer,
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;
export type InputOf<Name extends RouteName> = z.output<(typeof ROUTES)[Name]['input']>;
export type AnswerOf<Name extends RouteName> = z.output<(typeof ROUTES)[Name]['answer']>;
