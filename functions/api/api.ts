import { Hono } from 'hono';
import type { Context } from 'hono';
import { LARGEST_BODY } from '../../shared/contract/batch.ts';
import type { ErrorCode } from '../../shared/contract/error-codes.ts';
import { type Body, parseBody, parseOr } from '../../shared/contract/parse.ts';
import { problem, PROBLEM_TYPE, type Problem } from '../../shared/contract/problem.ts';
import { type InputOf, type Route, type RouteName, ROUTES } from '../../shared/contract/routes.ts';
import { type Caller, callerOf } from '../../shared/domain/configuration/principal.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { utf8Text } from '../../shared/domain/utf8.ts';
import { quotas } from '../../shared/runtime/quotas.ts';
import type { ApiCore, ApiPorts, Operation, Request as Asked } from './api-ports.ts';
import { listAttention, listAttentionHoldings } from './attention.ts';
import { registerHoldings, withdrawHoldings } from './change-holdings.ts';
import { fileRequest } from './people/file-request.ts';
import { queryRequests } from './people/query-requests.ts';
import {
  cancelRequest,
  closeRequest,
  extendRequest,
  identifyRequest,
  refuseRequest,
  releaseRequest,
} from './people/step-request.ts';
import { listLanes, pauseAll, pauseLane, resumeAll, resumeLane } from './lanes.ts';
import { listDueHoldings, listOverdue } from './overdue.ts';
import { discardQuarantined, listQuarantine, replayQuarantined } from './quarantine.ts';
import { approvePolicies, showPolicies } from './policies/approve-policies.ts';
import { planPolicies, queryPolicyPlan } from './policies/plan-policies.ts';
import { confirmProposal } from './four-eyes/confirm-proposal.ts';
import { queryProposals } from './four-eyes/query-proposals.ts';
import { withdrawProposal } from './four-eyes/withdraw-proposal.ts';
import { placeHold } from './people/place-hold.ts';
import { queryHolds } from './people/query-holds.ts';
import { releaseHold } from './people/release-hold.ts';
import { queryRestoreReplay, replayRestore } from './replay-restore.ts';
import { queryCoverage } from './query-coverage.ts';
import { queryForecast } from './query-forecast.ts';
import { queryLog } from './log/query-log.ts';
import { queryLogSummary } from './log/query-log-summary.ts';
import { querySubject } from './query-subject.ts';
import { readReceipt } from './read-receipt.ts';
import { sendEvents } from './send-events.ts';
import { confirmVendor } from './confirm-vendor.ts';
import { abortRule, approveRule } from './stopped-rules.ts';

/**
 * What the server around the API provides with a request: the ARN of the principal that signed it. A request without
 * one is refused.
 */
export interface ApiBindings {
  readonly principal?: string;
}
export type Api = Hono<{ Bindings: ApiBindings }>;

const OPERATIONS: { readonly [Name in RouteName]: Operation<Name> } = {
  sendEvents,
  registerHoldings,
  withdrawHoldings,
  querySubject,
  listOverdue,
  listDueHoldings,
  listAttention,
  listAttentionHoldings,
  queryForecast,
  showPolicies,
  approvePolicies,
  planPolicies,
  queryPolicyPlan,
  queryProposals,
  confirmProposal,
  withdrawProposal,
  replayRestore,
  queryRestoreReplay,
  queryCoverage,
  listLanes,
  pauseAll,
  resumeAll,
  pauseLane,
  resumeLane,
  approveRule,
  abortRule,
  confirmVendor,
  placeHold,
  releaseHold,
  queryHolds,
  queryLog,
  queryLogSummary,
  readReceipt,
  listQuarantine,
  replayQuarantined,
  discardQuarantined,
  fileRequest,
  queryRequests,
  identifyRequest,
  extendRequest,
  refuseRequest,
  cancelRequest,
  releaseRequest,
  closeRequest,
};

/** The HTTP API over ports, without a server: `api.fetch(request, { principal })`. */
export function createApi(bound: ApiPorts): Api {
  const ports: ApiCore = { ...bound, quotas: quotas(bound) };
  const app: Api = new Hono();
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const { method, path } = ROUTES[name];
    app.on(method, path, (context) => serve(ports, name, context));
  }
  app.notFound((context) => answerProblem(context, problem('NOT_FOUND')));
  app.onError((error, context) => fail(ports, 'unknown', error, context));
  return app;
}

type ApiContext = Context<{ Bindings: ApiBindings }>;

/**
 * Checks the caller, its role and the input, then runs the operation. Every answer other than a success is a problem
 * with a code.
 */
async function serve(ports: ApiCore, name: RouteName, context: ApiContext): Promise<Response> {
  const route: Route = ROUTES[name];
  const label = `${route.method} ${route.path}`;
  const refuse = (found: Problem, retryAfterSeconds?: number): Response => {
    ports.report('api.refused', { route: label, code: found.code, status: found.status, count: 1 });
    return answerProblem(context, found, retryAfterSeconds);
  };
  try {
    const { principal } = context.env;
    const caller = principal === undefined ? undefined : callerOf(ports.configuration, principal);
    if (principal === undefined || caller === undefined || !mayCall(route, caller))
      return refuse(problem('FORBIDDEN'));
    const input = await inputOf(route, context);
    if (!input.ok) return refuse(input.problem);
    const lane = context.req.param('lane') ?? '';
    const reply = await perform(ports, name, { caller, principal, lane, ...input.value });
    if (reply.kind === 'problem') return refuse(reply.problem, reply.retryAfterSeconds);
    return Response.json(reply.answer, { status: reply.status ?? 200 });
  } catch (error) {
    return fail(ports, label, error, context);
  }
}

/** The route's own schema has parsed the input. */
function perform<Name extends RouteName>(
  ports: ApiCore,
  name: Name,
  request: Omit<Asked<Name>, 'input'> & { readonly input: unknown },
): ReturnType<Operation<Name>> {
  const operation: Operation<Name> = OPERATIONS[name];
  return operation(ports, { ...request, input: request.input as InputOf<Name> }) as ReturnType<
    Operation<Name>
  >;
}

function mayCall(route: Route, caller: Caller): boolean {
  return route.roles.some((role) => {
    switch (role) {
      case 'producer':
        return caller.producer !== undefined;
      case 'operator':
        return caller.operator;
      case 'auditor':
        return caller.auditor;
    }
  });
}

type Input =
  | { readonly ok: true; readonly value: { readonly input: unknown } & Pick<Body, 'faultyItems'> }
  | { readonly ok: false; readonly problem: Problem };

/** The body of a POST, empty for `{}`; the query string of a GET, and what its path names. */
async function inputOf(route: Route, context: ApiContext): Promise<Input> {
  if (route.method === 'GET') {
    const data = { ...context.req.query(), ...context.req.param() };
    return parsed(route, { data, faultyItems: new Map() });
  }
  if (Number(context.req.header('content-length') ?? 0) > LARGEST_BODY) return refused('BATCH_TOO_LARGE');
  const bytes = await context.req.arrayBuffer();
  if (bytes.byteLength > LARGEST_BODY) return refused('BATCH_TOO_LARGE');
  const text = utf8Text(new Uint8Array(bytes));
  if (text === undefined) return refused('BODY_INVALID', 'not UTF-8');
  const body = parseBody(text === '' ? '{}' : text);
  if (body.ok) return parsed(route, body.value);
  return { ok: false, problem: problem(body.code, body.path, body.message) };
}

function parsed(route: Route, { data, faultyItems }: Body): Input {
  const result = parseOr(route.input, data);
  if (result.ok) return { ok: true, value: { input: result.value, faultyItems } };
  const { code, path, message } = result;
  return { ok: false, problem: problem(code, path, message) };
}

function refused(code: ErrorCode, detail?: string): Input {
  return { ok: false, problem: problem(code, '', detail) };
}

/** Nothing was acknowledged. Answer and log contain only a code, never the error's message. */
function fail(ports: ApiPorts, route: string, error: unknown, context: ApiContext): Response {
  const found = problem('INTERNAL');
  ports.report('api.failed', { route, code: codeOf(error), status: found.status, count: 1 });
  return answerProblem(context, found);
}

function answerProblem(context: ApiContext, found: Problem, retryAfterSeconds?: number): Response {
  return context.body(JSON.stringify(found), found.status as 400, {
    'content-type': PROBLEM_TYPE,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
}
