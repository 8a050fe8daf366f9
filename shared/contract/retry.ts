import * as z from 'zod';
import type { BusEnvelope } from './bus.ts';
import { SWEEP_SOURCE } from './heartbeat.ts';
import { type Parsed, parseOr } from './parse.ts';

const RETRY = 'tenure.retry';

const Retry = z.looseObject({ id: z.string().min(1).max(256) });

/** What the sweep puts on the bus when a quarantined message is to be tried again: its id in quarantine. */
export function retryDetail(id: string): { readonly type: string; readonly detail: string } {
  return { type: RETRY, detail: JSON.stringify({ source: SWEEP_SOURCE, id }) };
}

/** Nothing for every other envelope. */
export function retryOf(
  envelope: BusEnvelope,
): Parsed<{ readonly kind: 'retry'; readonly id: string }> | undefined {
  if (envelope.source !== SWEEP_SOURCE || envelope['detail-type'] !== RETRY) return undefined;
  const parsed = parseOr(Retry, envelope.detail, 'detail');
  return parsed.ok ? { ok: true, value: { kind: 'retry', id: parsed.value.id } } : parsed;
}
