import * as z from 'zod';
import {
  type Filer,
  type PersonRequest,
  REQUEST_KINDS,
  REQUEST_STATES,
  REQUEST_STEPS,
} from '../../domain/people/request.ts';
import type { RequestScope } from '../../domain/people/request-scope.ts';
import type { RequestRef } from '../../domain/record/ids.ts';
import type { ListedRequest } from '../../ports/requests.ts';
import type { ItemKey, StoredItem } from '../dynamodb/dynamo-item.ts';
import { exportItem, fromExportItem, toExportItem } from './dynamo-export-state.ts';
import { part, stored, trusted, whole } from '../dynamodb/dynamo-item.ts';

export const OPEN_REQUESTS = 'Z#open';

const names = z.array(part.text);
const scopeItem = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ categories: names }),
  z.strictObject({ purposes: names }),
  z.strictObject({ producers: names }),
]) satisfies z.ZodType<RequestScope>;

const requestItem = z.object({
  PK: part.text,
  r: part.count,
  k: z.enum(REQUEST_KINDS),
  /** The producer that filed it; absent: an operator did. */
  p: part.text.optional(),
  e: part.entityRef,
  t: part.text,
  o: scopeItem,
  s: z.enum(REQUEST_STATES),
  a: part.instant,
  d: part.instant,
  j: part.text.optional(),
  l: z.literal(true).optional(),
  f: z.literal(true).optional(),
  c: part.text,
  h: z.array(z.tuple([z.enum(REQUEST_STEPS), part.instant])),
  b: part.text.optional(),
  n: part.text.optional(),
  x: exportItem.optional(),
  ttl: part.count.optional(),
});

export function requestKey(ref: RequestRef): ItemKey {
  return { PK: `Z#${ref}`, SK: 'Z' };
}

export function listedKey(ref: RequestRef): ItemKey {
  return { PK: OPEN_REQUESTS, SK: ref };
}

export function toListedItem({ ref, at }: ListedRequest): StoredItem & ItemKey {
  return stored<{ a: number }>(listedKey(ref), { a: at });
}

export function fromListedItem(found: StoredItem): ListedRequest {
  const item = trusted('listed request', z.object({ SK: part.text, a: part.instant }), found);
  return { ref: item.SK as RequestRef, at: item.a };
}

export function toRequestItem(request: PersonRequest): StoredItem & ItemKey {
  const { version, kind, filer, entity, entityType, scope, state, keptUntil } = request;
  const body = {
    r: version,
    k: kind,
    p: filer.role === 'producer' ? filer.producer : undefined,
    e: entity,
    t: entityType,
    o: scope,
    s: state,
    a: request.receivedAt,
    d: request.deadline,
    j: request.jurisdiction,
    l: request.alsoLater,
    f: request.forbidsDeletion,
    c: request.content,
    h: request.timeline.map(({ did, at }) => [did, at]),
    b: request.sealed,
    n: request.checkedTo,
    x: request.export && toExportItem(request.export),
    ttl: keptUntil === undefined ? undefined : Math.floor(keptUntil / 1000),
  };
  return stored<typeof body>(requestKey(request.ref), body);
}

export function fromRequestItem(found: StoredItem): PersonRequest {
  const item = trusted('request', requestItem, found);
  const filer: Filer = item.p === undefined ? { role: 'operator' } : { role: 'producer', producer: item.p };
  return whole<PersonRequest>({
    ref: item.PK.slice('Z#'.length) as RequestRef,
    version: item.r,
    kind: item.k,
    filer,
    entity: item.e,
    entityType: item.t,
    scope: item.o,
    state: item.s,
    receivedAt: item.a,
    deadline: item.d,
    jurisdiction: item.j,
    alsoLater: item.l,
    forbidsDeletion: item.f,
    content: item.c,
    timeline: item.h.map(([did, at]) => ({ did, at })),
    sealed: item.b,
    checkedTo: item.n,
    export: item.x && fromExportItem(item.x),
    keptUntil: item.ttl === undefined ? undefined : item.ttl * 1000,
  });
}
