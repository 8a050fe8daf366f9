import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { Speaker } from '../../domain/configuration/principal.ts';
import {
  EFFECT_ATTRIBUTES,
  ERASE_REQUESTED,
  OBJECTED,
  requestsOf,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../domain/people/effects.ts';
import { type EffectFact, type PersonRequest, stepAt } from '../../domain/people/request.ts';
import type { Attributes } from '../../domain/record/about.ts';
import type { EventRef, Occurred } from '../../domain/record/ids.ts';
import type { EntityState } from '../../domain/facts/facts.ts';
import { present } from '../../domain/present.ts';
import type { SpokenFact } from '../../ports/queues.ts';
import type { RequestSecret } from './request-secret.ts';

/**
 * The fact that a request is, as an event with an id of its own: sent again it is the same event. Its retraction says that
 * it never was, and the release ends a restriction.
 */
export function requestFact(
  request: PersonRequest,
  { entity, source }: Pick<RequestSecret, 'entity' | 'source'>,
  which: EffectFact,
): SpokenFact | undefined {
  const type = effectType(request);
  if (type === undefined || entity === undefined) return undefined;
  const speaker: Speaker = request.filer;
  const filed = stepAt(request, 'identified') ?? stepAt(request, 'filed') ?? request.receivedAt;
  const id = `request/${request.ref}`;
  const event = { kind: 'event', source, entity } as const;
  switch (which) {
    case 'effect': {
      const occurred = isoUtc(request.receivedAt) as Occurred;
      const attributes = effectAttributes(request);
      return { speaker, sent: { ...event, id, type, time: isoUtc(filed), occurred, attributes } };
    }
    case 'release': {
      const at = isoUtc(stepAt(request, 'released') ?? filed);
      const attributes = { [EFFECT_ATTRIBUTES.request]: request.ref };
      const occurred = at as Occurred;
      const sent = {
        ...event,
        id: `${id}/released`,
        type: RESTRICTION_RELEASED,
        time: at,
        occurred,
        attributes,
      };
      return { speaker, sent };
    }
    case 'retraction': {
      const at = isoUtc(stepAt(request, 'cancelled') ?? stepAt(request, 'refused') ?? filed);
      const { producer } = entity;
      const sent = {
        id: `${id}/retracted`,
        source,
        time: at,
        entity,
        retracts: id,
        ...present({ producer }),
      };
      return { speaker, sent: { kind: 'retraction', ...sent } };
    }
  }
}

/** Whether the fact is already among the person's. A retraction is there when the effect is not. */
export function isFactThere(request: PersonRequest, state: EntityState, which: EffectFact): boolean {
  const effect = requestsOf(state).find((one) => one.request === request.ref);
  switch (which) {
    case 'effect':
      return effect !== undefined;
    case 'release':
      return effect?.kind === 'restrict' && effect.released !== undefined;
    case 'retraction':
      return effect === undefined;
  }
}

/** The state as it will be once the request's fact is in it: what a dry run plans with. Pure. */
export function withRequest(request: PersonRequest, state: EntityState): EntityState {
  const type = effectType(request);
  if (type === undefined || isFactThere(request, state, 'effect')) return state;
  const occurrence = {
    ref: request.ref as unknown as EventRef,
    occurred: isoUtc(request.receivedAt) as Occurred,
    sent: request.receivedAt,
    attributes: effectAttributes(request),
  };
  const same = state.occurrences[type] ?? [];
  return { ...state, occurrences: { ...state.occurrences, [type]: [...same, occurrence] } };
}

function effectType({ kind }: PersonRequest): string | undefined {
  switch (kind) {
    case 'erase':
      return ERASE_REQUESTED;
    case 'restrict':
      return RESTRICT_REQUESTED;
    case 'object':
      return OBJECTED;
    case 'access':
    case 'export':
      return undefined;
  }
}

function effectAttributes({ ref, scope, alsoLater, forbidsDeletion }: PersonRequest): Attributes {
  return {
    [EFFECT_ATTRIBUTES.request]: ref,
    [EFFECT_ATTRIBUTES.scope]: scopeText(scope),
    ...(alsoLater === true && { [EFFECT_ATTRIBUTES.alsoLater]: true }),
    ...(forbidsDeletion === true && { [EFFECT_ATTRIBUTES.forbidsDeletion]: true }),
  };
}
