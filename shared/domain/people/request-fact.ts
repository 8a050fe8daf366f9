import { type Checked, refused } from '../checked.ts';
import { checkEntity, type RefusalCode } from '../configuration/permission.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Speaker } from '../configuration/principal.ts';
import type { SentFact } from '../record/incoming.ts';
import { EFFECT_ATTRIBUTES, isEffectType, parseScope, RESTRICTION_RELEASED } from './effects.ts';

/**
 * Under this name, instead of a producer's, the events of requests have their ids: no application can send an event that
 * is taken for one of them. No producer's name has a space.
 */
export const REQUEST_EVENTS = 'a request';

/**
 * Whether this is a fact of a request, as the api publishes it after its own checks. Answers whose entity it is about:
 * the producer that filed it, or the one that an operator has named.
 */
export function checkRequestFact(
  configuration: Configuration,
  speaker: Speaker,
  sent: SentFact,
): Checked<{ readonly producer: string }, RefusalCode> {
  const producer = speaker.role === 'producer' ? speaker.producer : (sent.entity.producer ?? '');
  const entity = checkEntity(configuration, producer, sent.entity, 'data.entity');
  if (!entity.ok) return entity;
  const permitted = { ok: true, value: { producer } } as const;
  switch (sent.kind) {
    case 'retraction':
      return permitted;
    case 'correction':
      return refused('FORBIDDEN', 'data.corrects');
    case 'event':
      break;
  }
  if (!isEffectType(sent.type)) return refused('EVENT_UNDECLARED', 'type');
  const { request, scope } = sent.attributes ?? {};
  if (typeof request !== 'string')
    return refused('ATTRIBUTE_TYPE', `data.attributes.${EFFECT_ATTRIBUTES.request}`);
  if (sent.type === RESTRICTION_RELEASED) return permitted;
  const isScope = typeof scope === 'string' && parseScope(scope) !== undefined;
  return isScope ? permitted : refused('ATTRIBUTE_TYPE', `data.attributes.${EFFECT_ATTRIBUTES.scope}`);
}
