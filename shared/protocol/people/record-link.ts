import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { isEffectType } from '../../domain/people/effects.ts';
import { linkAttributes } from '../../domain/people/linked.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EventRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import type { Spelling } from '../../ports/entities.ts';
import { type FactCore, recordFact } from '../record-fact.ts';
import { linksOf } from './links.ts';

/** An application said that this entity of its own is the person. */
export interface Link {
  readonly person: AboutEntity;
  readonly linked: AboutEntity;
  readonly event: EventRef;
  readonly sent: Instant;
  readonly received: Instant;
  readonly spelling: Spelling | undefined;
}

/**
 * The link becomes a fact of the person. Then what the person asked for before reaches the linked entity: a link that arrives
 * late ends in the same state as one that came first. Each step can be repeated.
 */
export async function recordLink(core: FactCore, link: Link): Promise<'new' | 'duplicate' | 'reused'> {
  const { person, linked, event, sent, received, spelling } = link;
  const attributes = linkAttributes(linked);
  const occurred = isoUtc(sent) as Occurred;
  const fact: Fact = {
    ref: event,
    kind: 'event',
    type: LINKED,
    occurred,
    sent,
    received,
    attributes,
    bodyHash: bodyHash([person.ref, LINKED, attributes]),
  };
  const put = await recordFact(core, person.ref, fact, spelling);
  if (put === 'reused') return put;
  const { linked: all } = await linksOf(core, person);
  if (!all.some(({ ref }) => ref === linked.ref)) return put;
  const asked = requestsAmong(await core.registry.history(person.ref));
  for (const one of asked) await recordFact(core, linked.ref, one);
  return put;
}

/** The facts of requests, and what retracts them. */
function requestsAmong(history: readonly Fact[]): readonly Fact[] {
  const refs = new Set(history.filter(({ type }) => isEffectType(type)).map(({ ref }) => ref));
  return history.filter(({ ref, about }) => refs.has(ref) || (about !== undefined && refs.has(about)));
}

/** What a person asks for is a fact of the person, and of each entity by which one application knows the person. */
export async function recordRequest(
  core: FactCore,
  person: AboutEntity,
  fact: Fact,
  spelling?: Spelling,
): Promise<'new' | 'duplicate' | 'reused'> {
  const put = await recordFact(core, person.ref, fact, spelling);
  if (put === 'reused') return put;
  const { linked, shared } = await linksOf(core, person);
  for (const { ref } of linked) await recordFact(core, ref, fact);
  if (shared.length > 0) core.report('request.shared-account', { count: shared.length });
  return put;
}
