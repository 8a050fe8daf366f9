import * as z from 'zod';
import type { BusEnvelope } from './bus.ts';
import { type Parsed, parseOr } from './parse.ts';
import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';

/**
 * The `source` under which the sweep sends heartbeats. The bus policy reserves it, so no producer can keep lanes going
 * while ingest does not fold what was sent.
 */
export const SWEEP_SOURCE = 'tenure.sweep';
/** The `detail-type` of heartbeats. */
export const HEARTBEAT_TYPE = 'tenure.heartbeat';

const Heartbeat = z.looseObject({ sent: z.int() });

/** What the sweep puts on the bus. */
export function heartbeatDetail(sent: Instant): { readonly type: string; readonly detail: string } {
  return { type: HEARTBEAT_TYPE, detail: JSON.stringify({ source: SWEEP_SOURCE, sent }) };
}

export interface HeartbeatMessage {
  readonly kind: 'heartbeat';
  readonly sent: Instant;
  /** It came again, from the archive. */
  readonly isReplayed?: true;
}

/** Nothing for every other envelope. */
export function heartbeatOf(envelope: BusEnvelope): Parsed<HeartbeatMessage> | undefined {
  if (envelope.source !== SWEEP_SOURCE || envelope['detail-type'] !== HEARTBEAT_TYPE) return undefined;
  const parsed = parseOr(Heartbeat, envelope.detail, 'detail');
  if (!parsed.ok) return parsed;
  const isReplayed = envelope['replay-name'] === undefined ? undefined : (true as const);
  return { ok: true, value: { kind: 'heartbeat', sent: parsed.value.sent, ...present({ isReplayed }) } };
}
