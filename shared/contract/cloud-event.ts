import * as z from 'zod';
import { refused } from '../domain/checked.ts';
import { present } from '../domain/present.ts';
import {
  type Incoming,
  LINKED,
  REGISTERED,
  RETRACTED,
  type SentFact,
  type SentLink,
  type SentRegistration,
  type SentWithdrawal,
  WITHDRAWN,
} from '../domain/record/incoming.ts';
import {
  Name,
  NamedEntity,
  Occurrence,
  RegisteredEntity,
  SentAttributes,
  type Sendable,
  SentLocator,
  text,
  Time,
} from './fields.ts';
import { type Parsed, parseOr } from './parse.ts';

/** CloudEvents 1.0; extension attributes are accepted and not read. */
const attributes = {
  specversion: z.literal('1.0'),
  id: text(256),
  source: text(256),
  time: z.exactOptional(Time),
};

/** Parsed first, to find out which of the shapes below to expect. */
const Envelope = z.looseObject({ ...attributes, type: Name, data: z.looseObject({}) });

export const EventData = z.strictObject({
  entity: NamedEntity,
  occurred: Occurrence,
  attributes: z.exactOptional(SentAttributes),
});

export const CorrectionData = z.strictObject({
  entity: NamedEntity,
  corrects: text(256),
  producer: z.exactOptional(Name),
  occurred: Occurrence,
  attributes: z.exactOptional(SentAttributes),
});

export const RetractionData = z.strictObject({
  entity: NamedEntity,
  retracts: text(256),
  producer: z.exactOptional(Name),
});

export const RegistrationData = z.strictObject({
  store: Name,
  locator: SentLocator,
  categories: z.array(Name).min(1).max(16),
  purposes: z.array(text(64)).min(1).max(16),
  entities: z.array(RegisteredEntity).min(1).max(20),
  zone: z.exactOptional(text(64)),
  attributes: z.exactOptional(SentAttributes),
});

export const WithdrawalData = z.strictObject({ store: Name, locator: SentLocator });

/** `entity` is a person, and `linked` the sender's own entity by which it knows the person. */
export const LinkData = z.strictObject({ entity: NamedEntity, linked: NamedEntity });

/** A CloudEvent as an application writes it. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly data:
    | z.input<typeof EventData>
    | Sendable<z.input<typeof CorrectionData>>
    | Sendable<z.input<typeof RetractionData>>
    | Sendable<z.input<typeof LinkData>>;
}

/** What a producer or operator may send to `POST /v1/events`. */
export function parseFact(cloudEvent: unknown): Parsed<SentFact | SentLink> {
  const parsed = parseIncoming(cloudEvent);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (value.kind === 'registration' || value.kind === 'withdrawal') {
    return { ...refused('BODY_INVALID', 'type'), message: 'send holdings to POST /v1/holdings' };
  }
  return { ok: true, value };
}

/** The detail of a bus envelope: any CloudEvent for Tenure, distinguished by its type. */
export function parseIncoming(cloudEvent: unknown): Parsed<Incoming> {
  const envelope = parseOr(Envelope, cloudEvent);
  if (!envelope.ok) return envelope;
  const { id, source, time, type, data } = envelope.value;
  const sent = { id, source, ...present({ time }) };
  switch (type) {
    case REGISTERED:
      return withData(RegistrationData, data, (value): SentRegistration => ({
        kind: 'registration',
        ...sent,
        ...value,
      }));
    case WITHDRAWN:
      return withData(WithdrawalData, data, (value): SentWithdrawal => ({
        kind: 'withdrawal',
        ...sent,
        ...value,
      }));
    case LINKED:
      return withData(LinkData, data, (value): SentLink => ({ kind: 'link', ...sent, ...value }));
    case RETRACTED:
      return withData(RetractionData, data, (value): SentFact => ({ kind: 'retraction', ...sent, ...value }));
    // Not a union: every other type is an event that a policy may declare.
    default:
      return 'corrects' in data
        ? withData(CorrectionData, data, (value): SentFact => ({
            kind: 'correction',
            ...sent,
            type,
            ...value,
          }))
        : withData(EventData, data, (value): SentFact => ({ kind: 'event', ...sent, type, ...value }));
  }
}

/** The same content as a CloudEvent, with only what was parsed: extension attributes are dropped at the edge. */
export function toCloudEvent(incoming: Incoming): Record<string, unknown> & { readonly type: string } {
  switch (incoming.kind) {
    case 'event':
    case 'correction': {
      const { kind: _, id, source, time, type, ...data } = incoming;
      return { ...envelopeOf({ id, source, time }), type, data };
    }
    case 'link':
      return wrapped(LINKED, incoming);
    case 'retraction':
      return wrapped(RETRACTED, incoming);
    case 'registration':
      return wrapped(REGISTERED, incoming);
    case 'withdrawal':
      return wrapped(WITHDRAWN, incoming);
  }
}

function wrapped(
  type: string,
  incoming: Exclude<Incoming, { readonly type: string }>,
): Record<string, unknown> & { readonly type: string } {
  const { kind: _, id, source, time, ...data } = incoming;
  return { ...envelopeOf({ id, source, time }), type, data };
}

function envelopeOf(sent: {
  readonly id: string;
  readonly source: string;
  readonly time: string | undefined;
}) {
  const { id, source, time } = sent;
  return { specversion: '1.0', id, source, ...present({ time }) };
}

function withData<Schema extends z.ZodType, Result>(
  schema: Schema,
  data: unknown,
  build: (value: z.output<Schema>) => Result,
): Parsed<Result> {
  const parsed = parseOr(schema, data, 'data');
  return parsed.ok ? { ok: true, value: build(parsed.value) } : parsed;
}
