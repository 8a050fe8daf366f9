import { LINKED, REGISTERED, RETRACTED, WITHDRAWN } from '../../../shared/domain/record/incoming.ts';
import { API_SOURCE, stampedDetail } from '../../../shared/contract/bus.ts';
import {
  type EffectType,
  ERASE_REQUESTED,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Instant, Occurred } from '../../../shared/domain/record/ids.ts';

/** Who sends a message, when, and under which id; `arrived` is the bus's own time. */
export interface Sending {
  readonly source: string;
  readonly id: string;
  readonly arrived: Instant;
  /** The CloudEvent's `time`; left out: the bus's time counts. */
  readonly sent?: Instant;
}

export interface Named {
  readonly type: string;
  readonly id: string;
}

/** The body of an ingest message, as the bus makes it of a producer's CloudEvent. */
export function envelope(sending: Sending, type: string, data: object): string {
  const { source, id, arrived, sent } = sending;
  const time = sent === undefined ? {} : { time: new Date(sent).toISOString() };
  return JSON.stringify({
    version: '0',
    id: `bus-${id}`,
    source,
    'detail-type': type,
    time: new Date(arrived).toISOString(),
    detail: { specversion: '1.0', id, source, type, ...time, data },
  });
}

export function happened(
  sending: Sending,
  type: string,
  entity: Named,
  what: string | { readonly occurred: string; readonly attributes?: Registering['attributes'] },
): string {
  return envelope(sending, type, { entity, ...(typeof what === 'string' ? { occurred: what } : what) });
}

/** `type` happened as this message says, not as it was said in `corrects`. */
export function corrected(
  sending: Sending,
  type: string,
  entity: Named,
  occurred: string,
  corrects: string,
): string {
  return envelope(sending, type, { entity, corrects, occurred });
}

export function retracted(sending: Sending, entity: Named, retracts: string): string {
  return envelope(sending, RETRACTED, { entity, retracts });
}

export interface Registering {
  readonly store: string;
  readonly locator: readonly (string | number)[];
  readonly categories: readonly string[];
  readonly purposes?: readonly string[];
  readonly entities: readonly Named[];
  readonly zone?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

export function registered(sending: Sending, registering: Registering): string {
  return envelope(sending, REGISTERED, { purposes: ['service'], ...registering });
}

export function withdrawn(
  sending: Sending,
  place: { readonly store: string; readonly locator: readonly (string | number)[] },
): string {
  return envelope(sending, WITHDRAWN, place);
}

/** The application's entity `linked` is the person. */
export function linked(sending: Sending, entity: Named, to: Named): string {
  return envelope(sending, LINKED, { entity, linked: to });
}

/** The person asks for erasure, as the api publishes it for the producer that filed the request. */
export function erasureAsked(sending: Sending, producer: string, entity: Named, alsoLater = false): string {
  const { id } = sending;
  const attributes = { request: id, scope: scopeText({ all: true }), ...(alsoLater && { alsoLater }) };
  return requestSent(sending, { producer, entity, type: ERASE_REQUESTED, attributes });
}

/** A restriction under which nothing may be deleted, or, with `ends`, the end of the one that was sent as that. */
export function restrictionSent(sending: Sending, producer: string, entity: Named, ends?: string): string {
  const scope = scopeText({ all: true });
  return requestSent(
    sending,
    ends === undefined
      ? {
          producer,
          entity,
          type: RESTRICT_REQUESTED,
          attributes: { request: sending.id, scope, forbidsDeletion: true },
        }
      : { producer, entity, type: RESTRICTION_RELEASED, attributes: { request: ends, scope } },
  );
}

interface SentRequest {
  readonly producer: string;
  readonly entity: Named;
  readonly type: EffectType;
  readonly attributes: Attributes;
}

function requestSent(sending: Sending, { producer, entity, type: effect, attributes }: SentRequest): string {
  const { source, id, arrived, sent = arrived } = sending;
  const time = new Date(sent).toISOString();
  const { type, detail } = stampedDetail(
    { role: 'producer', producer },
    { kind: 'event', id, source, type: effect, entity, time, occurred: time as Occurred, attributes },
    { isRequest: true },
  );
  return JSON.stringify({
    version: '0',
    id: `bus-${id}`,
    source: API_SOURCE,
    'detail-type': type,
    time: new Date(arrived).toISOString(),
    detail: JSON.parse(detail) as object,
  });
}
