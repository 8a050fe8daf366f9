import * as z from 'zod';
import type { BusEnvelope } from './bus.ts';
import { SWEEP_SOURCE } from './heartbeat.ts';
import { type Parsed, parseOr } from './parse.ts';

const RETRY = 'tenure.retry';
const RETRY_REFUSED = 'tenure.retry-refused';

const id = z.string().min(1).max(256);
const Retry = z.looseObject({ id });
const RetryRefused = z.looseObject({ id, policies: z.string().min(1).max(256) });

/** What the sweep puts on the bus when a quarantined message is to be tried again: its id in quarantine. */
export function retryDetail(quarantined: string): { readonly type: string; readonly detail: string } {
  return { type: RETRY, detail: JSON.stringify({ source: SWEEP_SOURCE, id: quarantined }) };
}

/**
 * The same for one that the former policies refused. `policies` says which ones are meant: an `ingest` that has other ones
 * would refuse it again for nothing.
 */
export function retryRefusedDetail(
  quarantined: string,
  policies: string,
): { readonly type: string; readonly detail: string } {
  const detail = { source: SWEEP_SOURCE, id: quarantined, policies };
  return { type: RETRY_REFUSED, detail: JSON.stringify(detail) };
}

export type RetryMessage =
  | { readonly kind: 'retry'; readonly id: string }
  | {
      readonly kind: 'retry-refused';
      readonly id: string;
      readonly policies: string;
      /** It came again, from the archive. */
      readonly isReplayed: boolean;
    };

/** Nothing for every other envelope. */
export function retryOf(envelope: BusEnvelope): Parsed<RetryMessage> | undefined {
  if (envelope.source !== SWEEP_SOURCE) return undefined;
  switch (envelope['detail-type']) {
    case RETRY: {
      const parsed = parseOr(Retry, envelope.detail, 'detail');
      return parsed.ok ? { ok: true, value: { kind: 'retry', id: parsed.value.id } } : parsed;
    }
    case RETRY_REFUSED: {
      const parsed = parseOr(RetryRefused, envelope.detail, 'detail');
      if (!parsed.ok) return parsed;
      const isReplayed = envelope['replay-name'] !== undefined;
      const { id: quarantined, policies } = parsed.value;
      return { ok: true, value: { kind: 'retry-refused', id: quarantined, policies, isReplayed } };
    }
  }
  return undefined;
}
