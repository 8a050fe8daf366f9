import { API_SOURCE, stampedDetail } from '../../../shared/contract/bus.ts';
import type { FileRequest, RequestsAnswer } from '../../../shared/contract/people/requests.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import { bodyHash, logRef, requestRef } from '../../../shared/domain/configuration/references.ts';
import { own } from '../../../shared/domain/own.ts';
import { deadlineOf } from '../../../shared/domain/people/request-deadline.ts';
import { scopeText } from '../../../shared/domain/people/effects.ts';
import {
  factsWanted,
  type Filer,
  isOpen,
  type PersonRequest,
  stepped,
} from '../../../shared/domain/people/request.ts';
import { present } from '../../../shared/domain/present.ts';
import type { NamedEntity } from '../../../shared/domain/record/incoming.ts';
import { requestFact } from '../../../shared/protocol/people/request-facts.ts';
import { type RequestSecret, sealSecret } from '../../../shared/protocol/people/request-secret.ts';
import type * as z from 'zod';
import type { ApiPorts, Operation, Reply } from '../api-ports.ts';
import { decryptCursor } from '../cursor.ts';
import { noteActions } from '../note-actions.ts';
import { overQuota } from '../publish-batch.ts';
import { entityOf, ownedBy } from '../query-subject.ts';
import { filerName, filerOf } from './filer.ts';
import { isTaken, progressPage, type ProgressPlace } from './progress-page.ts';
import { pageAnswer } from './request-answer.ts';
import { progressQuery } from './query-requests.ts';

type Input = z.output<typeof FileRequest>;

/** What was filed, checked, and what is encrypted of it. */
interface Filed {
  readonly request: PersonRequest;
  readonly secret: RequestSecret;
}

/**
 * Files a request of a person: its place in the list of open ones, then its record, then its fact on the bus, then the
 * answer. Whatever is killed in between, the same request again goes on where the first one stopped, and the hourly sweep
 * publishes what is missing. The entry in the log comes before everything. A dry run writes nothing.
 */
export const fileRequest: Operation<'fileRequest'> = async (ports, { caller, principal, input }) => {
  const filer = filerOf(caller);
  const checked = await check(ports, caller, filer, input);
  if ('problem' in checked) return { kind: 'problem', problem: checked.problem };
  const { request, secret } = checked;
  const known = (await ports.registry.requests([request.ref])).get(request.ref);
  if (known !== undefined && known.content !== request.content)
    return { kind: 'problem', problem: problem('REQUEST_ID_REUSED', 'id') };
  if (input.dryRun === true)
    return dryRun(ports, caller, { request: known ?? request, secret }, input.cursor);
  if (input.cursor !== undefined) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  if (known !== undefined)
    return answerOf(ports, caller, { request: await started(ports, known, secret), secret });
  const wait = await overQuota(ports, [filer]);
  if (wait !== undefined)
    return { kind: 'problem', problem: problem('QUOTA_EXCEEDED'), retryAfterSeconds: wait };
  const { ref, kind } = request;
  const { target } = secret;
  await noteActions(ports, principal, [{ did: 'request', request: { target, kind, step: 'filed' } }]);
  await ports.registry.listRequest({ ref, at: ports.clock.now() });
  const sealed = await sealSecret(ports.keys, request, secret, ports.clock.now());
  if ((await ports.registry.putRequest({ ...request, sealed })) === 'moved') {
    // The same request came twice at the same time.
    const other = (await ports.registry.requests([ref])).get(ref);
    if (other === undefined || other.content !== request.content)
      return { kind: 'problem', problem: problem('REQUEST_ID_REUSED', 'id') };
    return answerOf(ports, caller, { request: await started(ports, other, secret), secret });
  }
  return answerOf(ports, caller, { request: await started(ports, { ...request, sealed }, secret), secret });
};

async function check(
  ports: ApiPorts,
  caller: Caller,
  filer: Filer,
  input: Input,
): Promise<Filed | { readonly problem: Problem }> {
  // An auditor may read about entities of others, and files nothing about them.
  const found = await entityOf(ports, { ...caller, auditor: false }, input.entity);
  if ('problem' in found) return found;
  if (!mayFile(ports, filer, input.entity)) return { problem: problem('REQUEST_NOT_GRANTED', 'entity.type') };
  const scope = input.scope ?? { all: true };
  const wrong = scopeProblem(ports, input.kind, scope);
  if (wrong !== undefined) return { problem: wrong };
  if (input.alsoLater === true && input.kind !== 'erase')
    return {
      problem: problem('BODY_INVALID', 'alsoLater', 'only an erasure can cover what is registered later'),
    };
  if (input.forbidsDeletion === true && input.kind !== 'restrict')
    return { problem: problem('BODY_INVALID', 'forbidsDeletion', 'only a restriction can forbid deletion') };
  const now = ports.clock.now();
  const receivedAt = input.receivedAt === undefined ? now : Date.parse(input.receivedAt);
  if (receivedAt > now) return { problem: problem('BODY_INVALID', 'receivedAt', 'not in the future') };
  const { kind, jurisdiction, alsoLater, forbidsDeletion } = input;
  const ref = requestRef(await ports.keys.registryKey(), filerName(filer), input.id);
  const content = bodyHash([
    found.entity,
    kind,
    scopeText(scope),
    input.receivedAt ?? '',
    jurisdiction ?? '',
    alsoLater ?? false,
    forbidsDeletion ?? false,
    input.identity ?? 'known',
  ]);
  const isIdentityOpen = input.identity === 'open';
  const dated = {
    receivedAt,
    ...present({ jurisdiction }),
    timeline: [
      { did: 'filed', at: now },
      ...(isIdentityOpen ? ([{ did: 'identity-asked', at: now }] as const) : []),
    ],
  } as const;
  const entity = ownedBy(ports, caller, input.entity);
  const request: PersonRequest = {
    ref,
    version: 1,
    kind,
    filer,
    entity: found.entity,
    entityType: entity.type,
    scope,
    state: isIdentityOpen ? 'awaiting-identity' : 'received',
    ...dated,
    deadline: deadlineOf(ports.configuration.requests, dated),
    ...present({ alsoLater, forbidsDeletion }),
    content,
  };
  const source =
    filer.role === 'operator'
      ? API_SOURCE
      : (own(ports.configuration.producers, filer.producer)?.source ?? API_SOURCE);
  const target = logRef(await ports.keys.logKey(yearOf(now)), ref);
  const { id, requestedBy } = input;
  return { request, secret: { id, entity, source, target, ...present({ requestedBy }) } };
}

/** A producer files about its own entities, and about shared ones where the configuration names it. */
function mayFile({ configuration }: ApiPorts, filer: Filer, { type }: NamedEntity): boolean {
  if (filer.role === 'operator') return true;
  if (own(configuration.entityTypes, type)?.ids === 'owned') return true;
  return own(configuration.requests.filers, type)?.includes(filer.producer) === true;
}

/** Longer would not fit into an attribute of the fact. */
const LONGEST_SCOPE = 256;

function scopeProblem(
  { configuration }: ApiPorts,
  kind: PersonRequest['kind'],
  scope: PersonRequest['scope'],
): Problem | undefined {
  if (kind === 'object' && !('purposes' in scope))
    return problem('BODY_INVALID', 'scope', 'an objection names the purposes that it is about');
  if (scopeText(scope).length > LONGEST_SCOPE)
    return problem('BODY_INVALID', 'scope', 'too many names for one request: file several');
  const { policies } = configuration.policies;
  if ('categories' in scope) {
    const wrong = scope.categories.findIndex((name) =>
      policies.every(({ categories }) => own(categories, name) === undefined),
    );
    return wrong < 0 ? undefined : problem('CATEGORY_UNKNOWN', `scope.categories.${wrong}`);
  }
  if ('purposes' in scope) {
    const wrong = scope.purposes.findIndex((name) =>
      policies.every(({ purposes = [] }) => !purposes.includes(name)),
    );
    return wrong < 0 ? undefined : problem('PURPOSE_UNDECLARED', `scope.purposes.${wrong}`);
  }
  if ('producers' in scope) {
    const wrong = scope.producers.findIndex((name) => own(configuration.producers, name) === undefined);
    return wrong < 0 ? undefined : problem('UNKNOWN_PRODUCER', `scope.producers.${wrong}`);
  }
  return undefined;
}

/**
 * Publishes what the request's state wants, notes that it runs, and has a copy begun. If the bus does not take it, or this dies before the
 * note, the hourly sweep does the same: the fact has an id of its own, so it counts once.
 */
export async function started(
  ports: ApiPorts,
  request: PersonRequest,
  secret: RequestSecret,
): Promise<PersonRequest> {
  if (request.state !== 'received') return request;
  const facts = factsWanted(request).flatMap((which) => requestFact(request, secret, which) ?? []);
  const confirmed =
    facts.length === 0
      ? []
      : await ports.bus.publish(
          facts.map(({ speaker, sent }) => stampedDetail(speaker, sent, { isRequest: true })),
        );
  if (confirmed.some((each) => each !== 'durable')) return request;
  const step = stepped(request, 'started', ports.clock.now());
  if (step.kind !== 'changed') return request;
  if ((await ports.registry.putRequest(step.request)) !== 'written') return request;
  // A copy is made by the sweep. Without this it begins with the next hour.
  if (request.kind === 'export') await ports.queues.toSweep([{ kind: 'export', request: request.ref }]);
  return step.request;
}

/** What would happen, page by page. */
async function dryRun(
  ports: ApiPorts,
  caller: Caller,
  { request, secret }: Filed,
  cursor: string | undefined,
): Promise<Reply<RequestsAnswer>> {
  const query = { list: 'requests/dry-run', filters: [request.ref, request.content] };
  const place = await decryptCursor<ProgressPlace>(ports, query, cursor);
  if (!place.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const page = await progressPage(ports, caller, { request, asIf: isOpen(request) }, place.place);
  const answer = await pageAnswer(ports, { caller, request, secret, query, page });
  return { kind: 'answer', answer: { ...answer, dryRun: true } };
}

async function answerOf(
  ports: ApiPorts,
  caller: Caller,
  { request, secret }: Filed,
): Promise<Reply<RequestsAnswer>> {
  const page = await progressPage(ports, caller, { request, asIf: isTaken(request) });
  const query = progressQuery(request);
  return { kind: 'answer', answer: await pageAnswer(ports, { caller, request, secret, query, page }) };
}
