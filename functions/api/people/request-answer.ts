import type { ProgressAnswer, RequestAnswer } from '../../../shared/contract/people/requests.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import { deadlineRulesOf } from '../../../shared/domain/people/request-deadline.ts';
import type { ExportState } from '../../../shared/domain/export/export-state.ts';
import { isOpen, type PersonRequest } from '../../../shared/domain/people/request.ts';
import { present } from '../../../shared/domain/present.ts';
import type { HoldingProgress } from '../../../shared/protocol/people/request-progress.ts';
import { openSecret, type RequestSecret } from '../../../shared/protocol/people/request-secret.ts';
import type { ApiPorts } from '../api-ports.ts';
import { type CursorQuery, nextOf } from '../cursor.ts';
import { seesAll } from '../own-part.ts';
import type { ProgressPage } from './progress-page.ts';

/** A request as the API shows it to those who may see it. */
export async function requestAnswer(
  ports: Pick<ApiPorts, 'configuration' | 'keys' | 'clock'>,
  request: PersonRequest,
  known?: RequestSecret,
): Promise<RequestAnswer> {
  const secret = known ?? (await openSecret(ports.keys, request));
  const { filer, scope } = request;
  return {
    request: request.ref,
    ...present({ id: secret?.id, entity: secret?.entity && { ...secret.entity } }),
    kind: request.kind,
    state: request.state,
    entityType: request.entityType,
    scope: scopeAnswer(scope),
    ...present({ requestedBy: secret?.requestedBy }),
    ...(filer.role === 'producer' ? { producer: filer.producer } : {}),
    receivedAt: isoUtc(request.receivedAt),
    deadline: isoUtc(request.deadline),
    deadlineRules: [...deadlineRulesOf(ports.configuration.requests, request)],
    ...(request.state === 'awaiting-identity' ? { paused: true as const } : {}),
    overdue: isOpen(request) && request.deadline < ports.clock.now(),
    ...present({
      jurisdiction: request.jurisdiction,
      alsoLater: request.alsoLater,
      forbidsDeletion: request.forbidsDeletion,
    }),
    timeline: request.timeline.map(({ did, at }) => ({
      did,
      at: isoUtc(at),
      ...present({ reason: secret?.reasons?.[did] }),
    })),
    ...(request.export !== undefined && { export: exportAnswer(request.export) }),
  };
}

function exportAnswer({ step, archive }: ExportState): NonNullable<RequestAnswer['export']> {
  if (archive === undefined) return { step };
  const { records, leftOut, bytes, manifestSha256, until } = archive;
  return { step, records, leftOut, bytes, manifestSha256, until: isoUtc(until) };
}

function scopeAnswer(scope: PersonRequest['scope']): RequestAnswer['scope'] {
  if ('all' in scope) return { all: true };
  if ('categories' in scope) return { categories: [...scope.categories] };
  if ('purposes' in scope) return { purposes: [...scope.purposes] };
  return { producers: [...scope.producers] };
}

interface Paged {
  readonly caller: Caller;
  readonly request: PersonRequest;
  readonly secret?: RequestSecret;
  readonly query: CursorQuery;
  readonly page: ProgressPage;
}

/** The request with one page of what it comes to. */
export async function pageAnswer(ports: ApiPorts, { caller, request, secret, query, page }: Paged) {
  return {
    asOf: isoUtc(ports.clock.now()),
    requests: [await requestAnswer(ports, request, secret)],
    holdings: page.holdings.map(progressAnswer),
    ...leftAloneIn(page, caller),
    ...(await nextOf(ports, query, page.next)),
  };
}

function progressAnswer(progress: HoldingProgress): ProgressAnswer {
  const { store, generation, categories, producers, state, action, at, restricted } = progress;
  const { collection, kept, markedAt, policy, rule, source, reasons } = progress;
  return {
    store,
    ...present({ collection, kept }),
    generation,
    categories: [...categories],
    producers: [...producers],
    state,
    ...present({ action, at: at === undefined ? undefined : isoUtc(at), restricted, policy, rule }),
    ...present({ markedAt: markedAt === undefined ? undefined : isoUtc(markedAt) }),
    ...present({
      source: source && { document: source.document, ...present({ sentence: source.sentence }) },
    }),
    reasons: [...reasons],
  };
}

/** What other producers registered is none of a producer's business. */
function leftAloneIn({ leftAlone }: ProgressPage, caller: Caller): { readonly leftAlone?: number } {
  return leftAlone > 0 && seesAll(caller) ? { leftAlone } : {};
}
