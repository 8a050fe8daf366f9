import type { EntityRef, Instant, RequestRef } from '../record/ids.ts';
import type { ExportState } from '../export/export-state.ts';
import type { RequestScope } from './request-scope.ts';

/** What a person can ask for. `access` and `export` change nothing about the data. */
export const REQUEST_KINDS = ['erase', 'restrict', 'object', 'access', 'export'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/**
 * `received`: on record, and its effect is on its way. `awaiting-identity`: nothing is done until somebody has checked
 * who asks. `running`: it has its effect. `extended`: the same, with a later deadline. The last three are final.
 */
export const REQUEST_STATES = [
  'received',
  'awaiting-identity',
  'running',
  'extended',
  'refused',
  'cancelled',
  'closed',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** What happened to a request, in the order of time. */
export const REQUEST_STEPS = [
  'filed',
  'identity-asked',
  'started',
  'identified',
  'extended',
  'refused',
  'cancelled',
  'released',
  'closed',
] as const;
export type RequestStep = (typeof REQUEST_STEPS)[number];

/** Who filed it: operators file for the whole deployment, a producer for the application that it is. */
export type Filer = { readonly role: 'operator' } | { readonly role: 'producer'; readonly producer: string };

/** A request of a person. It contains no id: what names the person is sealed, and goes when nothing needs it any more. */
export interface PersonRequest {
  readonly ref: RequestRef;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  readonly kind: RequestKind;
  readonly filer: Filer;
  readonly entity: EntityRef;
  readonly entityType: string;
  readonly scope: RequestScope;
  readonly state: RequestState;
  /** When the person asked. The effect counts from then, and so does the deadline. */
  readonly receivedAt: Instant;
  /** When the answer has to be given. While the clock stands still, this is the date without the pause. */
  readonly deadline: Instant;
  readonly jurisdiction?: string;
  /** `erase`: data that is registered after `receivedAt` is covered, too. */
  readonly alsoLater?: true;
  /** `restrict`: nothing may be deleted either until it is released. */
  readonly forbidsDeletion?: true;
  /** Digest of what was filed: the same id with another content is refused. */
  readonly content: string;
  readonly timeline: readonly { readonly did: RequestStep; readonly at: Instant }[];
  /** The entity's id, the caller's id of the request and what people wrote, encrypted. */
  readonly sealed?: string;
  /** Up to which page of the person's records nothing is left to do. */
  readonly checkedTo?: string;
  /** `export`: how far it is. Absent: it has not begun. */
  readonly export?: ExportState;
  /** When the record of a request that is over is deleted; whole seconds. */
  readonly keptUntil?: Instant;
}

export type Stepped =
  | { readonly kind: 'changed'; readonly request: PersonRequest }
  /** It was done before: the same request again. */
  | { readonly kind: 'unchanged' }
  /** The request's state does not allow it. */
  | { readonly kind: 'not-allowed' };

/** Which state follows. What is missing here is not allowed. */
const NEXT: Readonly<
  Record<Exclude<RequestStep, 'filed' | 'identity-asked'>, Partial<Record<RequestState, RequestState>>>
> = {
  started: { received: 'running' },
  identified: { 'awaiting-identity': 'received' },
  extended: {
    received: 'extended',
    'awaiting-identity': 'awaiting-identity',
    running: 'extended',
  },
  refused: {
    received: 'refused',
    'awaiting-identity': 'refused',
    running: 'refused',
    extended: 'refused',
  },
  cancelled: {
    received: 'cancelled',
    'awaiting-identity': 'cancelled',
    running: 'cancelled',
    extended: 'cancelled',
  },
  released: { received: 'closed', running: 'closed', extended: 'closed', closed: 'closed' },
  closed: { received: 'closed', running: 'closed', extended: 'closed' },
};

/**
 * The request after a step. A step that was taken already changes nothing, so that every step can be repeated. Extending
 * and the pause change the deadline: the caller computes it.
 */
export function stepped(request: PersonRequest, did: keyof typeof NEXT, at: Instant): Stepped {
  if (hasStep(request, did)) return { kind: 'unchanged' };
  if (did === 'released' && request.kind !== 'restrict') return { kind: 'not-allowed' };
  const next = NEXT[did][request.state];
  if (next === undefined) return { kind: 'not-allowed' };
  const timeline = [...request.timeline, { did, at }];
  const wasExtended = did === 'identified' && hasStep(request, 'extended');
  return {
    kind: 'changed',
    request: { ...request, version: request.version + 1, state: wasExtended ? 'extended' : next, timeline },
  };
}

export function hasStep({ timeline }: Pick<PersonRequest, 'timeline'>, did: RequestStep): boolean {
  return timeline.some((step) => step.did === did);
}

export function stepAt({ timeline }: Pick<PersonRequest, 'timeline'>, did: RequestStep): Instant | undefined {
  return timeline.find((step) => step.did === did)?.at;
}

/** Somebody still has to answer the person. */
export function isOpen({ state }: Pick<PersonRequest, 'state'>): boolean {
  switch (state) {
    case 'received':
    case 'awaiting-identity':
    case 'running':
    case 'extended':
      return true;
    case 'refused':
    case 'cancelled':
    case 'closed':
      return false;
  }
}

/** A copy is made for the person: it is known who asks, and the copy is not ready. */
export function isExporting({ kind, state }: Pick<PersonRequest, 'kind' | 'state'>): boolean {
  return kind === 'export' && (state === 'received' || state === 'running' || state === 'extended');
}

/** Access and export read; the others are facts about the entity. */
export function hasEffect({ kind }: Pick<PersonRequest, 'kind'>): boolean {
  switch (kind) {
    case 'erase':
    case 'restrict':
    case 'object':
      return true;
    case 'access':
    case 'export':
      return false;
  }
}

/**
 * Which facts about the entity have to be there: the request's own, its retraction, or the release of its restriction.
 * The hourly sweep publishes what is missing.
 */
export type EffectFact = 'effect' | 'retraction' | 'release';

export function factsWanted(request: PersonRequest): readonly EffectFact[] {
  if (!hasEffect(request) || isIdentityOpen(request)) return [];
  switch (request.state) {
    case 'awaiting-identity':
      return [];
    case 'received':
    case 'running':
    case 'extended':
      return ['effect'];
    case 'closed':
      return hasStep(request, 'released') ? ['effect', 'release'] : ['effect'];
    // The effect may have been published: its retraction counts, whichever arrives first.
    case 'refused':
    case 'cancelled':
      return ['retraction'];
  }
}

/** It was never checked who asks, so nothing was published. */
function isIdentityOpen(request: PersonRequest): boolean {
  return hasStep(request, 'identity-asked') && !hasStep(request, 'identified');
}

/**
 * Whether what names the person can go: nothing will be published any more. A restriction may still be released, so its
 * request keeps it until then.
 */
export function needsNoName(request: PersonRequest): boolean {
  if (isOpen(request)) return false;
  return request.kind !== 'restrict' || request.state !== 'closed' || hasStep(request, 'released');
}
