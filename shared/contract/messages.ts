import * as z from 'zod';
import type { HoldingRef } from '../domain/record/ids.ts';
import { type BusEnvelope, parseBusEnvelope } from './bus.ts';
import { type Parsed, parseJson, parseText } from './parse.ts';

const hour = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/);
const instant = z.int();
const reference = z
  .string()
  .regex(/^[\w-]{22}$/)
  .transform((value) => value as HoldingRef);

/** Up to 100 holdings of one store that travel together. */
export const LaneMessage = z.strictObject({
  kind: z.literal('chunk'),
  store: z.string().min(1),
  holdings: z.array(reference).min(1).max(100),
});

export const SweepMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('minute'), minute: instant }),
  z.strictObject({ kind: z.literal('hourly') }),
  z.strictObject({ kind: z.literal('re-plan'), run: z.string().min(1), segment: z.int() }),
  z.strictObject({ kind: z.literal('weekly') }),
  z.strictObject({ kind: z.literal('proof'), run: z.string().min(1), segment: z.int() }),
  z.strictObject({ kind: z.literal('release'), hold: z.string().min(1) }),
]);

const FanOutMessage = z.strictObject({ kind: z.literal('fan-out'), cursor: z.string().min(1) });

export const SealMessage = z.strictObject({ kind: z.literal('seal'), hour: z.exactOptional(hour) });

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
  | { readonly kind: 'fan-out'; readonly cursor: string }
  | { readonly kind: 'bus'; readonly envelope: BusEnvelope };

/** The ingest queue carries our own fan-outs and what the bus delivers. A bus envelope has no `kind`. */
export function parseIngestMessage(body: string): Parsed<IngestMessage> {
  const json = parseJson(body);
  if (!json.ok) return json;
  const fanOut = FanOutMessage.safeParse(json.value);
  if (fanOut.success) return { ok: true, value: fanOut.data };
  const envelope = parseBusEnvelope(json.value);
  return envelope.ok ? { ok: true, value: { kind: 'bus', envelope: envelope.value } } : envelope;
}
