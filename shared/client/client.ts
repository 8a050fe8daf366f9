import { AwsV4Signer } from 'aws4fetch';
import type { AttentionQuery } from '../contract/attention.ts';
import type { RegistrationItem, WithdrawalItem } from '../contract/batch.ts';
import type { CloudEvent } from '../contract/cloud-event.ts';
import { isErrorCode } from '../contract/error-codes.ts';
import type { LogQuery } from '../contract/log-entries.ts';
import { parseJson, parseOr } from '../contract/parse.ts';
import { Problem, PROBLEM_TYPE } from '../contract/problem.ts';
import { type AnswerOf, type Route, type RouteName, ROUTES } from '../contract/routes.ts';
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
}

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
  listAttention(page?: Paged): Promise<AnswerOf<'listAttention'>>;
  listAttentionHoldings(query: AttentionQuery): Promise<AnswerOf<'listAttentionHoldings'>>;
  listLanes(): Promise<AnswerOf<'listLanes'>>;
  /** One lane, or all lanes. */
  pause(lane?: string): Promise<AnswerOf<'pauseAll'>>;
  resume(lane?: string): Promise<AnswerOf<'resumeAll'>>;
  queryLog(query: LogQuery): Promise<AnswerOf<'queryLog'>>;
  listQuarantine(page?: Paged): Promise<AnswerOf<'listQuarantine'>>;
  replayQuarantined(id: string): Promise<AnswerOf<'replayQuarantined'>>;
  discardQuarantined(id: string): Promise<AnswerOf<'discardQuarantined'>>;
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
    listAttention: (page = {}) => call('listAttention', page),
    listAttentionHoldings: (query) => call('listAttentionHoldings', query),
    listLanes: () => call('listLanes', {}),
    pause: (lane) => (lane === undefined ? call('pauseAll', {}) : call('pauseLane', {}, lane)),
    resume: (lane) => (lane === undefined ? call('resumeAll', {}) : call('resumeLane', {}, lane)),
    queryLog: (query) => call('queryLog', query),
    listQuarantine: (page = {}) => call('listQuarantine', page),
    replayQuarantined: (id) => call('replayQuarantined', { id }),
    discardQuarantined: (id) => call('discardQuarantined', { id }),
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
  const credentials = await options.credentials();
  const signed = await new AwsV4Signer({
    ...credentials,
    url,
    method: route.method,
    headers: { 'content-type': 'application/json' },
    service: 'execute-api',
    ...present({ region: options.region, body }),
  }).sign();
  const response = await send(options, signed.url, {
    method: route.method,
    headers: signed.headers,
    ...present({ body }),
  });
  return answerOf(route, response) as AnswerOf<Name>;
}

function urlOf(base: string, route: Route, input: object, lane: string | undefined): string {
  const path = route.path.replace(':lane', encodeURIComponent((lane ?? '').toWellFormed()));
  const url = new URL(base.replace(/\/+$/, '') + path);
  if (route.method === 'GET') {
    for (const [name, value] of Object.entries(input)) url.searchParams.set(name, String(value));
  }
  return url.href;
}

interface Received {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function send(options: ClientOptions, url: URL, init: RequestInit): Promise<Received> {
  const signal = AbortSignal.timeout(options.timeout ?? 30_000);
  try {
    const response = await (options.fetch ?? fetch)(url, { ...init, signal });
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, text: await response.text() };
  } catch (cause) {
    throw new ClientError(
      'UNREACHABLE',
      'The API did not answer: check the URL and the network, then send the request again.',
      { cause },
    );
  }
}

/** The answer, even for a batch of which no item was accepted; otherwise throws the problem as an error. */
function answerOf(route: Route, { status, type, text }: Received): unknown {
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
      ...present({ path }),
    });
  }
  if (status === 401 || status === 403) {
    throw new ClientError(
      'FORBIDDEN',
      'The API rejected these credentials: check the credentials and the clock, and that the principal has the managed policy of its role.',
      { status },
    );
  }
  throw new ClientError('ANSWER_INVALID', 'The answer is not from this API: check the URL.', { status });
}
