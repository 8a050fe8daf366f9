import * as z from 'zod';
import type { LogRef, RequestRef } from '../domain/record/ids.ts';
import { type BusEnvelope, parseBusEnvelope } from './bus.ts';
import { columnMessageOf, type ToldOfColumn } from './column-message.ts';
import { type HeartbeatMessage, heartbeatOf, SWEEP_SOURCE } from './heartbeat.ts';
import { type Parsed, parseJson, parseOr, parseText } from './parse.ts';
import { type HoldMessage, holdOf } from './people/hold-message.ts';
import { resentFact } from './resent-fact.ts';
import { type RetryMessage, retryOf } from './retry.ts';

const instant = z.int();

/*
 * Functions of two releases send to each other while one is deployed over the other. A member that the reader does not
 * know is ignored, so the release that adds one may not depend on its being read. A message of an unknown kind is not
 * taken: it comes again, and the newer function takes it. See docs/decisions/0021-two-releases-side-by-side.md.
 */

const requestRef = z.custom<RequestRef>((ref) => typeof ref === 'string' && /^[\w-]{22}$/.test(ref));

const logReference = z.custom<LogRef>((ref) => typeof ref === 'string' && /^[\w-]{22}$/.test(ref));

/** A bell: names one chunk, one part of an export, or one column of facts, or asks for a survey of the store. Nothing in it identifies a person. */
export const LaneMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('chunk'),
    lane: z.string().min(1),
    producer: z.string().min(1),
    minute: instant,
    id: z.string().regex(/^[\w-]{22}$/),
  }),
  z.object({ kind: z.literal('export'), lane: z.string().min(1), request: requestRef, part: z.int().min(1) }),
  z.object({ kind: z.literal('survey'), lane: z.string().min(1) }),
  z.object({
    kind: z.literal('column'),
    lane: z.string().min(1),
    producer: z.string().min(1),
    event: z.string().min(1),
  }),
]);

export const SweepMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('wake') }),
  z.object({ kind: z.literal('hourly') }),
  z.object({ kind: z.literal('walk'), walk: z.string().min(1), segment: z.int() }),
  z.object({ kind: z.literal('release'), hold: z.string().min(1) }),
  z.object({
    kind: z.literal('confirm-vendor'),
    lane: z.string().min(1),
    record: logReference,
    // Without them, of a release that did not send them: all that is open.
    requests: z.array(z.string().regex(/^[0-9a-f]{32}$/)).exactOptional(),
  }),
  z.object({ kind: z.literal('ring') }),
  z.object({ kind: z.literal('export'), request: requestRef, until: instant.exactOptional() }),
]);

const FanOutMessage = z.object({
  kind: z.literal('fan-out'),
  walk: z.string().min(1),
  version: z.int(),
});

export const SealMessage = z.object({ kind: z.literal('seal') });

export function parseLaneMessage(body: string): Parsed<z.output<typeof LaneMessage>> {
  return parseText(LaneMessage, body);
}
export function parseSweepMessage(body: string): Parsed<z.output<typeof SweepMessage>> {
  return parseText(SweepMessage, body);
}
export function parseSealMessage(body: string): Parsed<z.output<typeof SealMessage>> {
  return parseText(SealMessage, body);
}

export type IngestMessage =
  | { readonly kind: 'fan-out'; readonly walk: string; readonly version: number }
  | ToldOfColumn
  | HeartbeatMessage
  | HoldMessage
  | RetryMessage
  | { readonly kind: 'bus'; readonly envelope: BusEnvelope }
  /** A message of our own that a newer release sent. `path`: where its kind stands. */
  | { readonly kind: 'newer'; readonly path: 'kind' | 'detail-type' };

/** What the bus delivers has no `kind`; only Tenure's own roles send to the queue itself. */
const ownKind = z.object({ kind: z.string(), 'detail-type': z.undefined().optional() });

/** The ingest queue carries our own fan-outs, heartbeats and retries, facts that are sent again, and what the bus delivers. */
export function parseIngestMessage(body: string): Parsed<IngestMessage> {
  const json = parseJson(body);
  if (!json.ok) return json;
  const { kind } = ownKind.safeParse(json.value).data ?? {};
  if (kind === 'fan-out') return parseOr(FanOutMessage, json.value);
  if (kind !== undefined) return { ok: true, value: { kind: 'newer', path: 'kind' } };
  const envelope = parseBusEnvelope(json.value);
  if (!envelope.ok) return envelope;
  const fact = resentFact(envelope.value);
  if (fact !== undefined) return { ok: true, value: { kind: 'bus', envelope: fact } };
  const own =
    heartbeatOf(envelope.value) ??
    retryOf(envelope.value) ??
    columnMessageOf(envelope.value) ??
    holdOf(envelope.value);
  if (own !== undefined) return own;
  if (envelope.value.source === SWEEP_SOURCE)
    return { ok: true, value: { kind: 'newer', path: 'detail-type' } };
  return { ok: true, value: { kind: 'bus', envelope: envelope.value } };
}
