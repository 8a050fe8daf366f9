import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { digestOf } from '../../domain/configuration/effective-policies.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import {
  EFFECT_ATTRIBUTES,
  isEffectType,
  requestsOf,
  RESTRICTION_RELEASED,
} from '../../domain/people/effects.ts';
import { linkAttributes, reachedIn, REACHED } from '../../domain/people/linked.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import type { Spelling } from '../../ports/entities.ts';
import { readStates } from '../facts/read-states.ts';
import { type FactCore, recordFact } from '../record-fact.ts';
import { identifyingTypes, linksOf } from './links.ts';

/** An application said that this entity of its own is the person. */
export interface Link {
  readonly person: AboutEntity;
  readonly linked: AboutEntity;
  readonly event: EventRef;
  readonly sent: Instant;
  readonly received: Instant;
  readonly spelling: Spelling | undefined;
  readonly linkedSpelling?: Spelling | undefined;
}

/**
 * The link becomes a fact of the person. Then what the person asked for before reaches the linked entity: a link that arrives
 * late ends in the same state as one that came first. Each step can be repeated.
 */
export async function recordLink(core: FactCore, link: Link): Promise<'new' | 'duplicate' | 'reused'> {
  const { person, linked, event, sent, received, spelling, linkedSpelling } = link;
  const factAbout = (about: AboutEntity, named: AboutEntity): Fact => {
    const attributes = linkAttributes(named);
    return {
      ref: event,
      kind: 'event',
      type: LINKED,
      occurred: isoUtc(sent) as Occurred,
      sent,
      received,
      attributes,
      bodyHash: bodyHash([about.ref, LINKED, attributes]),
    };
  };
  // First, so that no request takes it for the account of one person while it is linked to another.
  const known = await recordFact(core, linked.ref, factAbout(linked, person), linkedSpelling);
  if (known === 'reused') return known;
  const put = await recordFact(core, person.ref, factAbout(person, linked), spelling);
  if (put === 'reused') return put;
  const history = await core.registry.history(person.ref);
  for (const fact of history) if (fact.about === event) await recordFact(core, linked.ref, fact);
  await reachLinked(core, person, [linked.ref]);
  return put;
}

/**
 * What retracts a link of this person retracts it of the linked entity, with what it brought there, unless something else
 * links the two. A link that arrives later finds the retraction in the history.
 */
export async function recordUnlinked(core: FactCore, person: AboutEntity, retraction: Fact): Promise<void> {
  const { about } = retraction;
  const [link] = about === undefined ? [] : await core.registry.facts(person.ref, [about]);
  const ref = link?.type === LINKED ? link.attributes?.['ref'] : undefined;
  if (link === undefined || typeof ref !== 'string') return;
  await recordFact(core, ref as EntityRef, retraction);
  if ((await linksOf(core, person)).linked.some((one) => one.ref === ref)) return;
  for (const reached of reachedIn(await core.registry.history(person.ref)))
    if (reached.ref === ref) {
      const unlinked = unlinkedRef(link, reached.event);
      await recordFact(core, reached.ref, takingBack(unlinked, reached.event, retraction));
    }
}

function unlinkedRef(link: Fact, event: EventRef): EventRef {
  return digestOf(['unlinked', link.ref, event]) as EventRef;
}

function takingBack(ref: EventRef, about: EventRef, { sent, received }: Fact): Fact {
  return {
    ref,
    kind: 'retraction',
    type: '',
    about,
    sent,
    received,
    bodyHash: bodyHash(['taken back', about]),
  };
}

/**
 * A registration that names an account together with its person links them, too: what the person asked for before reaches the
 * account, also where the registration arrives late. Costs nothing where no type of the entities identifies another.
 */
export async function reachNamed(core: FactCore, entities: readonly AboutEntity[]): Promise<void> {
  const { entityTypes } = core.configuration;
  for (const account of entities) {
    const identified = own(entityTypes, account.type)?.identifies;
    const persons = entities.filter(({ type }) => type === identified);
    const [person] = persons;
    if (person === undefined || persons.length > 1) continue;
    const state = (await readStates(core, [person.ref])).get(person.ref);
    if (state !== undefined && requestsOf(state).length > 0) await reachLinked(core, person, [account.ref]);
  }
}

/** What the person asked for before, for these of the entities that are linked. */
async function reachLinked(
  core: FactCore,
  person: AboutEntity,
  entities: readonly EntityRef[],
): Promise<void> {
  const { linked } = await linksOf(core, person);
  const reached = linked.filter(({ ref }) => entities.includes(ref));
  if (reached.length === 0) return;
  const history = await core.registry.history(person.ref);
  const requests = new Set(history.flatMap((fact) => requestIn(fact) ?? []));
  for (const request of requests) {
    const asked = factsOf(history, (one) => requestIn(one) === request);
    for (const account of reached) await reach(core, { person, account, asked, history });
  }
}

/**
 * What a person asks for is a fact of the person, and of each entity by which one application knows the person. What takes a
 * request back, or ends it, reaches all that the request has reached, linked or not any more.
 */
export async function recordRequest(
  core: FactCore,
  person: AboutEntity,
  fact: Fact,
  spelling?: Spelling,
): Promise<'new' | 'duplicate' | 'reused'> {
  const put = await recordFact(core, person.ref, fact, spelling);
  if (put === 'reused') return put;
  if (identifyingTypes(core, person.type).size === 0) return put;
  const { linked, shared } = await linksOf(core, person);
  const history = await core.registry.history(person.ref);
  const request = requestIn(fact) ?? requestIn(history.find(({ ref }) => ref === fact.about));
  const asked = factsOf(history, (one) =>
    request === undefined ? one.ref === fact.about : requestIn(one) === request,
  );
  for (const account of linked) await reach(core, { person, account, asked, history });
  const former = reachedIn(history).filter(({ ref }) => linked.every((one) => one.ref !== ref));
  const effects = new Set(asked.filter(isEffect).map(({ ref }) => ref));
  for (const { ref, event } of former)
    if (effects.has(event)) for (const one of asked) if (!isEffect(one)) await recordFact(core, ref, one);
  if (shared.length > 0) core.report('request.shared-account', { count: shared.length });
  return put;
}

function requestIn(fact: Fact | undefined): string | undefined {
  if (fact === undefined || !isEffectType(fact.type)) return undefined;
  const request = fact.attributes?.[EFFECT_ATTRIBUTES.request];
  return typeof request === 'string' ? request : fact.ref;
}

/** It does something to records: it is neither a retraction nor the release of a restriction. */
function isEffect({ kind, type }: Fact): boolean {
  return kind === 'event' && isEffectType(type) && type !== RESTRICTION_RELEASED;
}

/** The facts of a request, and what retracts them. What takes it back or ends it comes first, so that none counts without it. */
function factsOf(history: readonly Fact[], isMeant: (fact: Fact) => boolean): readonly Fact[] {
  const refs = new Set(history.filter(isMeant).map(({ ref }) => ref));
  return history
    .filter(({ ref, about }) => refs.has(ref) || (about !== undefined && refs.has(about)))
    .toSorted((a, b) => Number(isEffect(a)) - Number(isEffect(b)));
}

interface Reaching {
  readonly person: AboutEntity;
  readonly account: AboutEntity;
  /** The facts of one request. */
  readonly asked: readonly Fact[];
  readonly history: readonly Fact[];
}

/** Noted first among the person's facts: a link may be gone when the request is taken back. */
async function reach(core: FactCore, { person, account, asked, history }: Reaching): Promise<void> {
  const noted = new Set(reachedIn(history).map(({ ref, event }) => `${ref} ${event}`));
  for (const fact of asked) {
    if (isEffect(fact) && !noted.has(`${account.ref} ${fact.ref}`))
      await core.registry.putFact(person.ref, noteOf(account, fact));
    await recordFact(core, account.ref, fact);
    if (isEffect(fact)) await linkedAgain(core, account, fact, history);
  }
}

/** The account was unlinked and is linked again: what the unlinking took back counts. */
async function linkedAgain(
  core: FactCore,
  account: AboutEntity,
  fact: Fact,
  history: readonly Fact[],
): Promise<void> {
  const links = history.filter(
    ({ type, attributes }) => type === LINKED && attributes?.['ref'] === account.ref,
  );
  if (links.length === 0) return;
  const unlinked = links.map((link) => unlinkedRef(link, fact.ref));
  for (const one of await core.registry.facts(account.ref, unlinked)) {
    const again = digestOf(['linked again', one.ref]) as EventRef;
    await recordFact(core, account.ref, takingBack(again, one.ref, one));
  }
}

/** No fold keeps it: only what takes requests back reads it, from the history. */
function noteOf({ type, ref }: AboutEntity, { ref: event, occurred, sent, received }: Fact): Fact {
  const attributes = { type, ref, event };
  return {
    ref: digestOf([REACHED, attributes]) as EventRef,
    kind: 'event',
    type: REACHED,
    ...present({ occurred }),
    sent,
    received,
    attributes,
    bodyHash: bodyHash([REACHED, attributes]),
  };
}
