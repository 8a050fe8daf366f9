import { AwsV4Signer } from 'aws4fetch';
import type { CoverageQuery } from '../contract/coverage.ts';
import type { ForecastQuery } from '../contract/forecast.ts';
import type { AttentionQuery } from '../contract/attention.ts';
import type { RegistrationItem, WithdrawalItem } from '../contract/batch.ts';
import type { CloudEvent } from '../contract/cloud-event.ts';
import { isErrorCode } from '../contract/error-codes.ts';
import type { LogQuery, ReceiptQuery } from '../contract/log-entries.ts';
import type { LogSummaryQuery } from '../contract/log-summary.ts';
import type { AbortRule, ApproveRule, ConfirmVendor, DueQuery, PauseLanes } from '../contract/operations.ts';
import { parseJson, parseOr } from '../contract/parse.ts';
import { Problem, PROBLEM_TYPE } from '../contract/problem.ts';
import type { PlaceHold, QueryHolds, ReleaseHold } from '../contract/people/legal-holds.ts';
import { type AnswerOf, type Route, type RouteName, ROUTES } from '../contract/routes.ts';
import type { FileRequest, ReasonedRequest, RequestQuery, StepRequest } from '../contract/people/requests.ts';
import type { NamedProposal, ProposalQuery } from '../contract/people/proposals.ts';
import type { ReplayRestore, RestoreReplayQuery } from '../contract/restore-replays.ts';
import type { PlanPolicies, PolicyPlanQuery } from '../contract/policy-plans.ts';
import type { SubjectQuery } from '../contract/subjects.ts';
import { present } from '../domain/present.ts';
import { ClientError } from './client-error.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ClientOptions {
  /** The URL of the API, such as `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  readonly url: string;
  /** Called before every request, so that short-lived credentials can change. */
  readonly credentials: () => Credentials | Promise<Credentials>;
  /** Default: read from the URL. */
  readonly region?: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds until a request counts as lost. Default: 30,000. */
  readonly timeout?: number;
  /**
   * How many milliseconds a request that the API answers with 429 may wait in all before it is sent again. Default:
   * 10,000. A quota begins again with the next hour: with 3,600,000 every request gets through.
   */
  readonly longestWait?: number;
  /** Called before such a wait. */
  readonly waiting?: (seconds: number) => void;
}

const TOO_MANY = 429;
const LONGEST_WAIT = 10_000;

interface Paged {
  readonly cursor?: string;
}

/**
 * One method for each route. Batches return a result for every item, accepted or rejected; every other failure throws a
 * `ClientError`. A request without an answer may have arrived: send it again.
 */
export interface Client {
  sendEvents(events: readonly CloudEvent[]): Promise<AnswerOf<'sendEvents'>>;
  registerHoldings(holdings: readonly RegistrationItem[]): Promise<AnswerOf<'registerHoldings'>>;
  withdrawHoldings(holdings: readonly WithdrawalItem[]): Promise<AnswerOf<'withdrawHoldings'>>;
  querySubject(query: SubjectQuery): Promise<AnswerOf<'querySubject'>>;
  listOverdue(page?: Paged): Promise<AnswerOf<'listOverdue'>>;
  /** Single ones that were due on a day or before, as far as lanes have work on them or holds keep them. */
  listDueHoldings(query: DueQuery): Promise<AnswerOf<'listDueHoldings'>>;
  listAttention(page?: Paged): Promise<AnswerOf<'listAttention'>>;
  listAttentionHoldings(query: AttentionQuery): Promise<AnswerOf<'listAttentionHoldings'>>;
  queryForecast(query?: ForecastQuery): Promise<AnswerOf<'queryForecast'>>;
  /** Which policies are deployed, active and waiting. */
  showPolicies(): Promise<AnswerOf<'showPolicies'>>;
  /** Makes the policies with this digest active. */
  approvePolicies(policies: string): Promise<AnswerOf<'approvePolicies'>>;
  /** Begins to count what these policy files would change. */
  planPolicies(plan: PlanPolicies): Promise<AnswerOf<'planPolicies'>>;
  queryPolicyPlan(query: PolicyPlanQuery): Promise<AnswerOf<'queryPolicyPlan'>>;
  /** What waits for another operator; with an id, one proposal. */
  queryProposals(query?: ProposalQuery): Promise<AnswerOf<'queryProposals'>>;
  /** Carries out what another operator has proposed. */
  confirmProposal(which: NamedProposal): Promise<AnswerOf<'confirmProposal'>>;
  withdrawProposal(which: NamedProposal): Promise<AnswerOf<'withdrawProposal'>>;
  /** Asks what of a restored store is there again that was disposed of since the backup. */
  replayRestore(replay: ReplayRestore): Promise<AnswerOf<'replayRestore'>>;
  queryRestoreReplay(query: RestoreReplayQuery): Promise<AnswerOf<'queryRestoreReplay'>>;
  queryCoverage(query?: CoverageQuery): Promise<AnswerOf<'queryCoverage'>>;
  listLanes(): Promise<AnswerOf<'listLanes'>>;
  /** One lane, or all lanes; `only`: what a policy, or one of its rules, disposes of there. */
  pause(lane?: string, only?: PauseLanes): Promise<AnswerOf<'pauseAll'>>;
  resume(lane?: string, only?: PauseLanes): Promise<AnswerOf<'resumeLane'>>;
  /** A rule that a breaker has stopped goes on; or stays, as a pause of the rule. */
  /** A person says that the vendor of this lane has done what it was asked for of a record, named as in the log. */
  confirmVendor(lane: string, confirm: ConfirmVendor): Promise<AnswerOf<'confirmVendor'>>;
  approveRule(lane: string, rule: ApproveRule): Promise<AnswerOf<'approveRule'>>;
  abortRule(lane: string, rule: AbortRule): Promise<AnswerOf<'abortRule'>>;
  placeHold(hold: PlaceHold): Promise<AnswerOf<'placeHold'>>;
  releaseHold(release: ReleaseHold): Promise<AnswerOf<'releaseHold'>>;
  /** One hold, those on an entity, or all. */
  queryHolds(query?: QueryHolds): Promise<AnswerOf<'queryHolds'>>;
  queryLog(query: LogQuery): Promise<AnswerOf<'queryLog'>>;
  queryLogSummary(query: LogSummaryQuery): Promise<AnswerOf<'queryLogSummary'>>;
  /** Proves nothing until `tenure log verify` has checked it. */
  readReceipt(query: ReceiptQuery): Promise<AnswerOf<'readReceipt'>>;
  listQuarantine(page?: Paged): Promise<AnswerOf<'listQuarantine'>>;
  replayQuarantined(id: string): Promise<AnswerOf<'replayQuarantined'>>;
  discardQuarantined(id: string): Promise<AnswerOf<'discardQuarantined'>>;
  fileRequest(request: FileRequest): Promise<AnswerOf<'fileRequest'>>;
  queryRequests(query?: RequestQuery): Promise<AnswerOf<'queryRequests'>>;
  identifyRequest(which: StepRequest): Promise<AnswerOf<'identifyRequest'>>;
  extendRequest(which: ReasonedRequest): Promise<AnswerOf<'extendRequest'>>;
  refuseRequest(which: ReasonedRequest): Promise<AnswerOf<'refuseRequest'>>;
  cancelRequest(which: StepRequest): Promise<AnswerOf<'cancelRequest'>>;
  releaseRequest(which: StepRequest): Promise<AnswerOf<'releaseRequest'>>;
  closeRequest(which: StepRequest): Promise<AnswerOf<'closeRequest'>>;
}

export function tenureClient(options: ClientOptions): Client {
  const call = <Name extends RouteName>(name: Name, input: object, lane?: string): Promise<AnswerOf<Name>> =>
    request(options, name, input, lane);
  return {
    sendEvents: (events) => call('sendEvents', { events }),
    registerHoldings: (holdings) => call('registerHoldings', { holdings }),
    withdrawHoldings: (holdings) => call('withdrawHoldings', { holdings }),
    querySubject: (query) => call('querySubject', query),
    listOverdue: (page = {}) => call('listOverdue', page),
    listDueHoldings: (query) => call('listDueHoldings', query),
    listAttention: (page = {}) => call('listAttention', page),
    listAttentionHoldings: (query) => call('listAttentionHoldings', query),
    queryForecast: (query = {}) => call('queryForecast', query),
    showPolicies: () => call('showPolicies', {}),
    approvePolicies: (policies) => call('approvePolicies', { policies }),
    planPolicies: (plan) => call('planPolicies', plan),
    queryPolicyPlan: (query) => call('queryPolicyPlan', query),
    queryProposals: (query = {}) => call('queryProposals', query),
    confirmProposal: (which) => call('confirmProposal', which),
    withdrawProposal: (which) => call('withdrawProposal', which),
    replayRestore: (replay) => call('replayRestore', replay),
    queryRestoreReplay: (query) => call('queryRestoreReplay', query),
    queryCoverage: (query = {}) => call('queryCoverage', query),
    listLanes: () => call('listLanes', {}),
    pause: (lane, only = {}) => (lane === undefined ? call('pauseAll', only) : call('pauseLane', only, lane)),
    resume: (lane, only = {}) =>
      lane === undefined ? call('resumeAll', only) : call('resumeLane', only, lane),
    confirmVendor: (lane, confirm) => call('confirmVendor', confirm, lane),
    approveRule: (lane, rule) => call('approveRule', rule, lane),
    abortRule: (lane, rule) => call('abortRule', rule, lane),
    placeHold: (hold) => call('placeHold', hold),
    releaseHold: (release) => call('releaseHold', release),
    queryHolds: (query = {}) => call('queryHolds', query),
    queryLog: (query) => call('queryLog', query),
    queryLogSummary: (query) => call('queryLogSummary', query),
    readReceipt: (query) => call('readReceipt', query),
    listQuarantine: (page = {}) => call('listQuarantine', page),
    replayQuarantined: (id) => call('replayQuarantined', { id }),
    discardQuarantined: (id) => call('discardQuarantined', { id }),
    fileRequest: (filed) => call('fileRequest', filed),
    queryRequests: (query = {}) => call('queryRequests', query),
    identifyRequest: (which) => call('identifyRequest', which),
    extendRequest: (which) => call('extendRequest', which),
    refuseRequest: (which) => call('refuseRequest', which),
    cancelRequest: (which) => call('cancelRequest', which),
    releaseRequest: (which) => call('releaseRequest', which),
    closeRequest: (which) => call('closeRequest', which),
  };
}

/** The pages of a list, one after the other. */
export async function* pagesOf<Page extends { readonly next?: string }>(
  list: (page: Paged) => Promise<Page>,
): AsyncGenerator<Page> {
  let cursor: string | undefined;
  do {
    const page = await list(cursor === undefined ? {} : { cursor });
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function request<Name extends RouteName>(
  options: ClientOptions,
  name: Name,
  input: object,
  lane: string | undefined,
): Promise<AnswerOf<Name>> {
  const route: Route = ROUTES[name];
  const url = urlOf(options.url, route, input, lane);
  const body = route.method === 'POST' ? JSON.stringify(input) : undefined;
  let left = options.longestWait ?? LONGEST_WAIT;
  for (;;) {
    const received = await send(options, { route, url, ...present({ body }) });
    const wait = received.status === TOO_MANY ? (received.retryAfterSeconds ?? 1) : undefined;
    if (wait === undefined || wait * 1000 > left) return answerOf(route, received) as AnswerOf<Name>;
    options.waiting?.(wait);
    left -= wait * 1000;
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

function urlOf(base: string, route: Route, input: object, lane: string | undefined): string {
  const named = new Map(Object.entries({ ...(route.method === 'GET' ? input : {}), ...present({ lane }) }));
  const path = route.path.replaceAll(/:(\w+)/g, (_all, name: string) => {
    const value = String(named.get(name) ?? '');
    named.delete(name);
    return encodeURIComponent(value.toWellFormed());
  });
  const url = new URL(base.replace(/\/+$/, '') + path);
  for (const [name, value] of named) url.searchParams.set(name, String(value));
  return url.href;
}

interface Received {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly retryAfterSeconds?: number;
}

interface Signable {
  readonly route: Route;
  readonly url: string;
  readonly body?: string;
}

/** Signed again each time: a signature is valid for minutes only. */
async function send(options: ClientOptions, { route, url, body }: Signable): Promise<Received> {
  const signed = await new AwsV4Signer({
    ...(await options.credentials()),
    url,
    method: route.method,
    headers: { 'content-type': 'application/json' },
    service: 'execute-api',
    ...present({ region: options.region, body }),
  }).sign();
  const signal = AbortSignal.timeout(options.timeout ?? 30_000);
  const init = { method: route.method, headers: signed.headers, signal, ...present({ body }) };
  try {
    const response = await (options.fetch ?? fetch)(signed.url, init);
    const type = response.headers.get('content-type') ?? '';
    const retryAfterSeconds = secondsOf(response.headers.get('retry-after'));
    return { status: response.status, type, text: await response.text(), ...present({ retryAfterSeconds }) };
  } catch (cause) {
    throw new ClientError(
      'UNREACHABLE',
      'The API did not answer: check the URL and the network, then send the request again.',
      { cause },
    );
  }
}

/** The API sends whole seconds, never a date. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Math.max(1, Number(header)) : undefined;
}

/** The answer, even for a batch of which no item was accepted; otherwise throws the problem as an error. */
function answerOf(route: Route, { status, type, text, retryAfterSeconds }: Received): unknown {
  const json = parseJson(text);
  if (json.ok && !type.startsWith(PROBLEM_TYPE)) {
    const answer = parseOr(route.answer, json.value);
    if (answer.ok) return answer.value;
  }
  const found = json.ok ? parseOr(Problem, json.value) : json;
  if (found.ok) {
    const { title, detail, code, path } = found.value;
    const message = detail === undefined ? title : `${title} (${detail})`;
    throw new ClientError(isErrorCode(code) ? code : 'UNKNOWN', message, {
      status,
      ...present({ path, retryAfterSeconds }),
    });
  }
  if (status === 401 || status === 403) {
    throw new ClientError(
      'FORBIDDEN',
      'The API rejected these credentials: check the credentials and the clock, and that the principal has the managed policy of its role.',
      { status },
    );
  }
  if (status === TOO_MANY) {
    throw new ClientError(
      'TOO_MANY_REQUESTS',
      'The API gets too many requests in a second, and this one was not accepted: send fewer, or larger batches, and send this one again.',
      { status, ...present({ retryAfterSeconds }) },
    );
  }
  throw new ClientError('ANSWER_INVALID', 'The answer is not from this API: check the URL.', { status });
}
