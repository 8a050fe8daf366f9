import * as z from 'zod';
import type { Incoming } from '../domain/record/incoming.ts';
import type { BusSender } from '../domain/configuration/permission.ts';
import type { Speaker } from '../domain/configuration/principal.ts';
import { present } from '../domain/present.ts';
import { parseIncoming, toCloudEvent } from './cloud-event.ts';
import { text } from './fields.ts';
import { type Parsed, parseOr } from './parse.ts';

/** The `source` under which the api publishes what it has accepted. */
export const API_SOURCE = 'tenure.api';

/** What the bus delivers as the body of a queue message. */
export const BusEnvelope = z.looseObject({
  id: text(256),
  source: text(256),
  'detail-type': text(256),
  time: z.iso.datetime({ offset: true }),
  detail: z.looseObject({ source: z.string() }),
  /** The bus adds it to what it sends again from its archive. */
  'replay-name': z.exactOptional(text(64)),
});
export type BusEnvelope = z.output<typeof BusEnvelope>;

/**
 * Extension attributes that only the api sets. (CloudEvents allow only lower-case letters and digits in their names.)
 */
const Stamp = z.looseObject({
  tenureproducer: z.exactOptional(z.string()),
  tenureoperator: z.exactOptional(z.boolean()),
  /** It is a fact of a request of a person, which only the api makes. */
  tenurerequest: z.exactOptional(z.boolean()),
});

export function parseBusEnvelope(body: unknown): Parsed<BusEnvelope> {
  return parseOr(BusEnvelope, body);
}

/**
 * What `speakerOnBus` needs to identify the sender. It does not need valid `data`, so that a refusal can name the
 * producer.
 */
export function senderOf(envelope: BusEnvelope): Parsed<BusSender> {
  const stamp = parseOr(Stamp, envelope.detail, 'detail');
  if (!stamp.ok) return stamp;
  const { tenureproducer, tenureoperator, tenurerequest } = stamp.value;
  return {
    ok: true,
    value: {
      envelopeSource: envelope.source,
      source: envelope.detail.source,
      ...present({ tenureproducer, tenureoperator, tenurerequest }),
    },
  };
}

export function incomingOf(envelope: BusEnvelope): Parsed<Incoming> {
  return parseIncoming(envelope.detail);
}

/** What the api publishes: the accepted CloudEvent, stamped with the speaker that the api has identified. */
export function stampedDetail(
  speaker: Speaker,
  incoming: Incoming,
  { isRequest = false }: { readonly isRequest?: boolean } = {},
): { readonly type: string; readonly detail: string } {
  const event = toCloudEvent(incoming);
  const stamp = speaker.role === 'operator' ? { tenureoperator: true } : { tenureproducer: speaker.producer };
  const mark = isRequest ? { tenurerequest: true } : {};
  return { type: event.type, detail: JSON.stringify({ ...event, ...stamp, ...mark }) };
}
