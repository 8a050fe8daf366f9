import * as z from 'zod';
import type { Instant } from '../domain/record/ids.ts';
import { type BusEnvelope, parseBusEnvelope } from './bus.ts';
import { heartbeatOf } from './heartbeat.ts';
import { type Parsed, parseJson, parseText } from './parse.ts';
import { retryOf } from './retry.ts';

const instant = z.int();

/** A bell: names one chunk. Nothing in it identifies a person. */
export const LaneMessage = z.strictObject({
  kind: z.literal('chunk'),
  lane: z.string().min(1),
  producer: z.string().min(1),
  minute: instant,
  id: z.string().regex(/^[\w-]{22}$/),
});

export const SweepMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wake') }),
  z.strictObject({ kind: z.literal('hourly') }),
  z.strictObject({ kind: z.literal('walk'), walk: z.string().min(1), segment: z.int() }),
  z.strictObject({ kind: z.literal('release'), hold: z.string().min(1) }),
]);

const FanOutMessage = z.strictObject({
  kind: z.literal('fan-out'),
  walk: z.string().min(1),
  version: z.int(),
});

export const SealMessage = z.strictObject({ kind: z.literal('seal') });

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
  | { readonly kind: 'heartbeat'; readonly sent: Instant }
  | { readonly kind: 'retry'; readonly id: string }
  | { readonly kind: 'bus'; readonly envelope: BusEnvelope };

/** The ingest queue carries our own fan-outs, heartbeats and retries, and what the bus delivers. */
export function parseIngestMessage(body: string): Parsed<IngestMessage> {
  const json = parseJson(body);
  if (!json.ok) return json;
  const fanOut = FanOutMessage.safeParse(json.value);
  if (fanOut.success) return { ok: true, value: fanOut.data };
  const envelope = parseBusEnvelope(json.value);
  if (!envelope.ok) return envelope;
  const own = heartbeatOf(envelope.value) ?? retryOf(envelope.value);
  return own ?? { ok: true, value: { kind: 'bus', envelope: envelope.value } };
}
