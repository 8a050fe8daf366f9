import { canonicalJson } from '../canonical-json.ts';
import type { EntityState, Occurrence, TypeProfile } from '../facts/facts.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { EventRef, Instant } from '../record/ids.ts';
import type { RequestScope } from './request-scope.ts';

/*
 * What people ask for are facts of the person, like every event: they are folded, planned, explained and replayed in the
 * same way. Their types are our own: no policy declares them. A request that is cancelled is a fact that is retracted.
 */

export const ERASE_REQUESTED = 'tenure.request.erase';
export const RESTRICT_REQUESTED = 'tenure.request.restrict';
export const OBJECTED = 'tenure.request.object';
/** Ends a restriction. */
export const RESTRICTION_RELEASED = 'tenure.request.released';

export const EFFECT_TYPES = [ERASE_REQUESTED, RESTRICT_REQUESTED, OBJECTED, RESTRICTION_RELEASED] as const;
export type EffectType = (typeof EFFECT_TYPES)[number];

export function isEffectType(type: string): type is EffectType {
  return EFFECT_TYPES.some((known) => known === type);
}

/** Names of the attributes that these facts have. */
export const EFFECT_ATTRIBUTES = {
  request: 'request',
  scope: 'scope',
  alsoLater: 'alsoLater',
  forbidsDeletion: 'forbidsDeletion',
} as const;

interface Effect {
  /** The fact itself. */
  readonly ref: EventRef;
  /** The id of the request. */
  readonly request: string;
  /** From when it counts. */
  readonly at: Instant;
  readonly scope: RequestScope;
}

/** What a request does, as the facts of the person say it. */
export type RequestEffect =
  | (Effect & {
      readonly kind: 'erase';
      /** It covers what is registered later, too. */
      readonly alsoLater: boolean;
    })
  | (Effect & {
      readonly kind: 'restrict';
      /** Nothing may be deleted until it is released. */
      readonly forbidsDeletion: boolean;
      /** From when it no longer counts. */
      readonly released?: Instant;
    })
  | (Effect & { readonly kind: 'object' });

/** Kept whole by every fold: each request counts, not only the first and the last one. */
export const EFFECT_PROFILES: Readonly<Record<EffectType, TypeProfile>> = {
  [ERASE_REQUESTED]: { undoneBy: [], keepAll: true },
  [RESTRICT_REQUESTED]: { undoneBy: [], keepAll: true },
  [OBJECTED]: { undoneBy: [], keepAll: true },
  [RESTRICTION_RELEASED]: { undoneBy: [], keepAll: true },
};

/** The requests among a person's facts, the earliest first. */
export function requestsOf(state: Pick<EntityState, 'occurrences'>): readonly RequestEffect[] {
  const of = (type: EffectType): readonly Occurrence[] => own(state.occurrences, type) ?? [];
  const releases = of(RESTRICTION_RELEASED);
  const effects: RequestEffect[] = [
    ...of(ERASE_REQUESTED).map((one): RequestEffect => {
      const alsoLater = one.attributes?.[EFFECT_ATTRIBUTES.alsoLater] === true;
      return { kind: 'erase', ...common(one), alsoLater };
    }),
    ...of(RESTRICT_REQUESTED).map((one): RequestEffect => {
      const forbidsDeletion = one.attributes?.[EFFECT_ATTRIBUTES.forbidsDeletion] === true;
      const ends = releases.filter((release) => requestOf(release) === requestOf(one)).map(instantOf);
      const released = ends.length === 0 ? undefined : Math.min(...ends);
      return { kind: 'restrict', ...common(one), forbidsDeletion, ...present({ released }) };
    }),
    ...of(OBJECTED).map((one): RequestEffect => ({ kind: 'object', ...common(one) })),
  ];
  return effects.toSorted((a, b) => a.at - b.at || (a.ref < b.ref ? -1 : 1));
}

function common(one: Occurrence): Effect {
  const scope = one.attributes?.[EFFECT_ATTRIBUTES.scope];
  return { ref: one.ref, request: requestOf(one), at: instantOf(one), scope: readScope(scope) };
}

function requestOf({ ref, attributes }: Occurrence): string {
  const request = attributes?.[EFFECT_ATTRIBUTES.request];
  return typeof request === 'string' ? request : ref;
}

/** The contract takes date-times only: an instant needs no zone. No request counts from after it was sent. */
function instantOf({ occurred, sent }: Occurrence): Instant {
  return Math.min(Date.parse(occurred), sent);
}

/** Which part of a registration is meant. */
export interface ScopedData {
  readonly category: string;
  readonly producer?: string;
  readonly purposes?: readonly string[];
}

/** A scope of purposes covers what is held for nothing else. */
export function covers(scope: RequestScope, { category, producer, purposes = [] }: ScopedData): boolean {
  if ('all' in scope) return true;
  if ('categories' in scope) return scope.categories.includes(category);
  if ('producers' in scope) return producer !== undefined && scope.producers.includes(producer);
  return purposes.length > 0 && purposes.every((purpose) => scope.purposes.includes(purpose));
}

export function scopeText(scope: RequestScope): string {
  return canonicalJson(scope);
}

/** As it was checked when the fact came in. What cannot be read covers nothing. */
function readScope(text: unknown): RequestScope {
  const scope = typeof text === 'string' ? parseScope(text) : undefined;
  return scope ?? { categories: [] };
}

/** Nothing where the text is not a scope in canonical form. */
export function parseScope(text: string): RequestScope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) return undefined;
  const [name, of] = entry;
  const scope = scopeOf(name, of);
  return scope !== undefined && scopeText(scope) === text ? scope : undefined;
}

function scopeOf(name: string, of: unknown): RequestScope | undefined {
  if (name === 'all') return of === true ? { all: true } : undefined;
  if (!Array.isArray(of) || of.length === 0) return undefined;
  const names = of.filter((one) => typeof one === 'string');
  if (names.length !== of.length) return undefined;
  switch (name) {
    case 'categories':
      return { categories: names };
    case 'purposes':
      return { purposes: names };
    case 'producers':
      return { producers: names };
    // Not a union: any name may be written.
    default:
      return undefined;
  }
}
