import { refused } from '../checked.ts';
import { own } from '../own.ts';
import { LINKED, type SentCorrection, type SentRetraction } from '../record/incoming.ts';
import type { Configuration } from './configuration.ts';
import type { Permitted } from './permission.ts';
import type { Speaker } from './principal.ts';

/**
 * Whether the speaker may correct or retract an event of these types. A producer needs the grant for each of them: it
 * may have been taken away since it sent the event. An operator does not, but it cannot make the event into one that the
 * producer may not send.
 */
export function checkConcerned(
  configuration: Configuration,
  speaker: Speaker,
  sent: SentCorrection | SentRetraction,
  types: readonly string[],
): Permitted<undefined> {
  const producer = speaker.role === 'producer' ? speaker.producer : sent.producer;
  const granted = new Set(producer === undefined ? [] : own(configuration.producers, producer)?.events);
  if (speaker.role === 'operator') {
    const isGranted = sent.kind === 'retraction' || granted.has(sent.type) || types.includes(sent.type);
    return isGranted ? { ok: true, value: undefined } : refused('EVENT_NOT_GRANTED', 'type');
  }
  const path = sent.kind === 'correction' ? 'data.corrects' : 'data.retracts';
  // Whose its entities are is for each producer to say, and to take back.
  return types.every((type) => type === LINKED || granted.has(type))
    ? { ok: true, value: undefined }
    : refused('CONCERNED_NOT_GRANTED', path);
}
