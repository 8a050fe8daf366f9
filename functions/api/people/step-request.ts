import { stampedDetail } from '../../../shared/contract/bus.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { deadlineOf, extendedDeadlineOf } from '../../../shared/domain/people/request-deadline.ts';
import { factsWanted, isOpen, type PersonRequest, stepped } from '../../../shared/domain/people/request.ts';
import { requestFact } from '../../../shared/protocol/people/request-facts.ts';
import {
  openSecret,
  type RequestSecret,
  sealSecret,
} from '../../../shared/protocol/people/request-secret.ts';
import type { RouteName } from '../../../shared/contract/routes.ts';
import { noteRequestClosed } from '../../../shared/protocol/notices/note-request-closed.ts';
import type { ApiPorts, Operation, Reply, Request } from '../api-ports.ts';
import type { RequestsAnswer } from '../../../shared/contract/people/requests.ts';
import { noteActions } from '../note-actions.ts';
import { started } from './file-request.ts';
import { findRequest } from './query-requests.ts';
import { requestAnswer } from './request-answer.ts';

type StepRoute = Extract<RouteName, `${string}Request`>;
type Step = 'identified' | 'extended' | 'refused' | 'cancelled' | 'released' | 'closed';

/** Somebody has checked who asks: the request has its effect from now on. */
export const identifyRequest: Operation<'identifyRequest'> = (ports, asked) =>
  take(ports, asked, 'identified');
/** The answer takes longer, for a reason that the person is told. */
export const extendRequest: Operation<'extendRequest'> = (ports, asked) =>
  take(ports, asked, 'extended', asked.input.reason);
/** It is not carried out, for a reason that the person is told. */
export const refuseRequest: Operation<'refuseRequest'> = (ports, asked) =>
  take(ports, asked, 'refused', asked.input.reason);
/** The person took it back. What was disposed of until then does not come back. */
export const cancelRequest: Operation<'cancelRequest'> = (ports, asked) => take(ports, asked, 'cancelled');
/** A restriction ends. */
export const releaseRequest: Operation<'releaseRequest'> = (ports, asked) => take(ports, asked, 'released');
/** The person has the answer that only people can give. */
export const closeRequest: Operation<'closeRequest'> = (ports, asked) => take(ports, asked, 'closed');

/**
 * The entry in the log, then the record, then the fact on the bus, then the answer. Sent again, a step that was taken
 * only publishes again; what this leaves out, the hourly sweep publishes. Somebody else's write in between: from the
 * beginning.
 */
async function take(
  ports: ApiPorts,
  { caller, principal, input }: Pick<Request<StepRoute>, 'caller' | 'principal' | 'input'>,
  step: Step,
  reason?: string,
): Promise<Reply<RequestsAnswer>> {
  let isNoted = false;
  for (;;) {
    // An auditor sees what others filed, and takes no step of it.
    const request = await findRequest(ports, { ...caller, auditor: false }, input);
    if (request === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'request') };
    const secret = await openSecret(ports.keys, request);
    const now = ports.clock.now();
    const result = stepped(request, step, now);
    if (result.kind === 'not-allowed')
      return { kind: 'problem', problem: problem('REQUEST_STATE', 'request') };
    if (result.kind === 'unchanged') return done(ports, request, secret);
    const refused = refusalOf(ports, request, step);
    if (refused !== undefined) return { kind: 'problem', problem: refused };
    const { ref, kind } = request;
    if (!isNoted && secret !== undefined) {
      const { target } = secret;
      await noteActions(ports, principal, [{ did: 'request', request: { target, kind, step } }]);
    }
    isNoted = true;
    const noted = reason === undefined || secret === undefined ? secret : withReason(secret, step, reason);
    const next: PersonRequest = {
      ...result.request,
      deadline: deadlineOf(ports.configuration.requests, result.request),
      ...(noted !== undefined && { sealed: await sealSecret(ports.keys, request, noted, now) }),
    };
    // A request that is over may have left the list already: a release is published by the sweep only from there.
    await ports.registry.listRequest({ ref, at: now });
    // A release of one that was closed long ago does not end it again.
    if (isOpen(request)) await noteRequestClosed(ports, next);
    if ((await ports.registry.putRequest(next)) === 'written') return done(ports, next, noted);
  }
}

function withReason(secret: RequestSecret, step: Step, reason: string): RequestSecret {
  return { ...secret, reasons: { ...secret.reasons, [step]: reason } };
}

function refusalOf(ports: ApiPorts, request: PersonRequest, step: Step): Problem | undefined {
  if (step === 'closed' && request.kind !== 'access')
    return problem('REQUEST_STATE', 'request', 'it is closed by itself when nothing is left to do');
  if (step !== 'extended') return undefined;
  if (extendedDeadlineOf(ports.configuration.requests, request) === undefined)
    return problem('EXTENSION_NOT_ALLOWED', 'request');
  return request.deadline < ports.clock.now() ? problem('EXTENSION_TOO_LATE', 'request') : undefined;
}

const NOT_PUBLISHED =
  'The step is on record, but the bus did not confirm it, so what was asked for may still be done: send the same request again.';

/** Publishes what the state wants, and answers. */
async function done(
  ports: ApiPorts,
  request: PersonRequest,
  secret: RequestSecret | undefined,
): Promise<Reply<RequestsAnswer>> {
  const shown = await published(ports, request, secret);
  if (shown === 'not-durable') return { kind: 'problem', problem: problem('NOT_DURABLE', '', NOT_PUBLISHED) };
  const answer = { asOf: isoUtc(ports.clock.now()), requests: [await requestAnswer(ports, shown, secret)] };
  return { kind: 'answer', answer };
}

async function published(
  ports: ApiPorts,
  request: PersonRequest,
  secret: RequestSecret | undefined,
): Promise<PersonRequest | 'not-durable'> {
  if (secret === undefined) return request;
  if (request.state === 'received') return started(ports, request, secret);
  const last = factsWanted(request).at(-1);
  const fact = last === undefined || last === 'effect' ? undefined : requestFact(request, secret, last);
  if (fact === undefined) return request;
  // Until it is there, what the request asked for is still done.
  const detail = stampedDetail(fact.speaker, fact.sent, { isRequest: true });
  return (await ports.bus.publish([detail]))[0] === 'durable' ? request : 'not-durable';
}
