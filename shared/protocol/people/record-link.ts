import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { childEvents, personOf } from '../../domain/people/child-events.ts';
import { requestsOf } from '../../domain/people/effects.ts';
import { linkAttributes, reachedIn } from '../../domain/people/linked.ts';
import { own } from '../../domain/own.ts';
import { bringsSomething, type Reaching, reachingIn } from '../../domain/people/reaching-facts.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityState, Occurrence } from '../../domain/facts/facts.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import type { Spelling } from '../../ports/entities.ts';
import { readStates } from '../facts/read-states.ts';
import { type FactCore, recordFact } from '../record-fact.ts';
import { identifyingTypes, linksOf, namesAnother } from './links.ts';
import { inAccount, reach, takeBackShared, takeBackUnlinked } from './reach.ts';

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
 * The link becomes a fact of the person. Then what the person asked for before reaches the linked entity, and so does what
 * says whether the person is a child: a link that arrives late ends in the same state as one that came first. Each step can be repeated.
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
  await leaveShared(core, linked, person);
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
  const history = await core.registry.history(person.ref);
  for (const reached of reachedIn(history))
    if (reached.ref === ref) await takeBackUnlinked(core, { link, reached, retraction, history });
}

/**
 * A registration that names an account together with its person links them, too: what the person asked for before reaches the
 * account, also where the registration arrives late. Costs nothing where no type of the entities identifies another.
 */
export async function reachNamed(core: FactCore, entities: readonly AboutEntity[]): Promise<void> {
  const { entityTypes, policies } = core.configuration;
  for (const account of entities) {
    const identified = own(entityTypes, account.type)?.identifies;
    const persons = entities.filter(({ type }) => type === identified);
    const [person] = persons;
    if (person === undefined) continue;
    if (childEvents(policies, person.type).size > 0) await leaveShared(core, account, person);
    if (persons.length > 1) continue;
    const state = (await readStates(core, [person.ref])).get(person.ref);
    if (state !== undefined && mayReach(core, person, state)) await reachLinked(core, person, [account.ref]);
  }
}

function mayReach(core: FactCore, { type }: AboutEntity, state: EntityState): boolean {
  if (requestsOf(state).length > 0) return true;
  return [...childEvents(core.configuration.policies, type)].some(
    (event) => (own(state.occurrences, event) ?? []).length > 0,
  );
}

/**
 * The account is known as another person's from now on. What said that one of them is a child would go on to erase what is
 * registered about the other, so it is taken back, and stays so.
 */
async function leaveShared(core: FactCore, account: AboutEntity, person: AboutEntity): Promise<void> {
  const events = childEvents(core.configuration.policies, person.type);
  if (events.size === 0) return;
  const state = (await readStates(core, [account.ref])).get(account.ref);
  const hasReached = [...events].some((event) =>
    (own(state?.occurrences ?? {}, event) ?? []).some((one: Occurrence) => personOf(one) !== undefined),
  );
  if (hasReached && (await namesAnother(core, account, person))) await takeBackShared(core, account);
}

/** What the person asked for before, and whether the person is a child, for these of the entities that are linked. */
async function reachLinked(
  core: FactCore,
  person: AboutEntity,
  entities: readonly EntityRef[],
): Promise<void> {
  const { linked } = await linksOf(core, person);
  const reached = linked.filter(({ ref }) => entities.includes(ref));
  if (reached.length === 0) return;
  const history = await core.registry.history(person.ref);
  for (const reaching of reachingIn(history, childEvents(core.configuration.policies, person.type)))
    for (const account of reached) await reach(core, { person, account, reaching, history });
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
  if (put !== 'reused' && identifyingTypes(core, person.type).size > 0)
    await reachAccounts(core, person, fact.ref);
  return put;
}

/**
 * What says whether a person is a child reaches the person's accounts in the same way, once it is a fact of the person. A
 * correction may make a birth of another event. Costs nothing for types that nothing identifies, and without `children`.
 */
export async function reachOfChild(core: FactCore, person: AboutEntity, fact: Fact): Promise<void> {
  const events = childEvents(core.configuration.policies, person.type);
  if (events.size === 0 || identifyingTypes(core, person.type).size === 0) return;
  if (fact.kind !== 'event' || events.has(fact.type)) await reachAccounts(core, person, fact.ref);
}

/** The fact with all that belongs to it. Read after it was put, so that of two runs one sees what the other has put. */
async function reachAccounts(core: FactCore, person: AboutEntity, fact: EventRef): Promise<void> {
  const events = childEvents(core.configuration.policies, person.type);
  const isMeant = ({ facts }: Reaching): boolean => facts.some(({ ref }) => ref === fact);
  if (!reachingIn(await core.registry.history(person.ref), events).some(isMeant)) return;
  const { linked, shared } = await linksOf(core, person);
  const history = await core.registry.history(person.ref);
  const reaching = reachingIn(history, events).find(isMeant);
  if (reaching === undefined) return;
  for (const account of linked) await reach(core, { person, account, reaching, history });
  const brought = new Set(reaching.facts.filter(bringsSomething).map(({ ref }) => ref));
  for (const { ref, event } of reachedIn(history)) {
    if (!brought.has(event) || linked.some((one) => one.ref === ref)) continue;
    for (const one of reaching.facts)
      if (!bringsSomething(one)) await recordFact(core, ref, inAccount(one, reaching, person));
  }
  if (shared.length > 0) core.report(`${reaching.kind}.shared-account`, { count: shared.length });
}
