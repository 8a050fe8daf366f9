import { isEffectType } from '../domain/people/effects.ts';
import { RETRACTED } from '../domain/record/incoming.ts';
import { API_SOURCE, type BusEnvelope } from './bus.ts';
import { SWEEP_SOURCE } from './heartbeat.ts';

/**
 * A fact of a request that the sweep sends again, because it did not arrive: the same event that the api sent, and so it
 * is taken as the api's. Nothing for every other envelope. The bus policy reserves the sweep's source.
 */
export function resentFact(envelope: BusEnvelope): BusEnvelope | undefined {
  const type = envelope['detail-type'];
  if (envelope.source !== SWEEP_SOURCE || !(isEffectType(type) || type === RETRACTED)) return undefined;
  return { ...envelope, source: API_SOURCE };
}
