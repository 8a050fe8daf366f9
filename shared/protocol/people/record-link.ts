import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { childEvents } from '../../domain/people/child-events.ts';
import { requestsOf } from '../../domain/people/effects.ts';
import {
  linkAttributes,
  linkedBy,
  linkedIn,
  reachedIn,
  REQUEST_TAKEN_BACK,
} from '../../domain/people/linked.ts';
import { own } from '../../domain/own.ts';
import { bringsSomething, type Reaching, reachingIn, rootsOf } from '../../domain/people/reaching-facts.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityState, Occurrence } from '../../domain/facts/facts.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import type { Spelling } from '../../ports/entities.ts';
import { readStates } from '../facts/read-states.ts';
import { type FactCore, type Recording, recordFact } from '../record-fact.ts';
import { identifyingTypes, linksOf, namesAnother } from './links.ts';
import {
  isLeftShared,
  type Known,
  leaveAll,
  leaveShared,
  noteShared,
  reachedFromPersons,
  takeBackShared,
} from './leave-shared.ts';
import {
  copyOf,
  inAccount,
  noteReaching,
  type Reach,
  reach,
  takeBackUnlinked,
  takenBackIn,
} from './reach.ts';

/** An application said that this entity of its own is the person. */
export interface Link {
  readonly person: AboutEntity;
  readonly linked: AboutEntity;
  readonly event: EventRef;
  readonly sent: Instant;
  readonly received: Instant;
  readonly spelling: Spelling | undefined;
  readonly linkedSpelling?: Spelling | undefined;
  /** Before the account is known as the person's. */
  readonly beforeFold?: Recording['beforeFold'];
}

/**
 * The link becomes a fact of the person. Then what the person asked for before reaches the linked entity, and so does what
 * says whether the person is a child: a link that arrives late ends in the same state as one that came first. Each step can be repeated.
 */
export async function recordLink(core: FactCore, link: Link): Promise<'new' | 'duplicate' | 'reused'> {
  const { person, linked, event, sent, received, spelling, linkedSpelling, beforeFold } = link;
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
  const putThere = await recordFact(core, linked.ref, factAbout(linked, person), {
    spelling: linkedSpelling,
  });
  if (putThere === 'reused') return putThere;
  const put = await recordFact(core, person.ref, factAbout(person, linked), { spelling, beforeFold });
  if (put === 'reused') return put;
  await changeLink(core, person, linked, lineOf(await core.registry.history(person.ref), event));
  return put;
}

/** What retracts the link, and what retracts that: whichever comes first. */
function lineOf(history: readonly Fact[], link: EventRef): readonly Fact[] {
  const roots = rootsOf(history);
  return history.filter(({ ref }) => ref !== link && roots.get(ref)?.ref === link);
}

/** The account has the line of the link, too. If it is linked then, what is the person's reaches it, and nothing of another one. */
async function changeLink(
  core: FactCore,
  person: AboutEntity,
  account: AboutEntity,
  line: readonly Fact[],
): Promise<void> {
  for (const fact of line) await recordFact(core, account.ref, fact);
  const known = (await readStates(core, [account.ref])).get(account.ref);
  const isLinked = known !== undefined && linkedIn(known).some(({ ref }) => ref === person.ref);
  if (isLinked) await leaveShared(core, { account, known, person });
  await reachLinked(core, person, account.ref);
}

/**
 * What retracts a link of this person retracts it of the linked entity, with what it brought there, unless something else
 * links the two. What retracts that retraction links them again. A link that arrives later finds both in the history.
 */
export async function recordUnlinked(core: FactCore, person: AboutEntity, retraction: Fact): Promise<void> {
  const { about } = retraction;
  const [named] = about === undefined ? [] : await core.registry.facts(person.ref, [about]);
  if (named?.type !== LINKED && named?.kind !== 'retraction') return;
  const before = await core.registry.history(person.ref);
  const link = rootsOf(before).get(retraction.ref);
  const account = link?.type === LINKED ? linkedBy(link) : undefined;
  if (link === undefined || account === undefined) return;
  await changeLink(core, person, account, lineOf(before, link.ref));
  const { linked, shared } = await linksOf(core, person);
  if ([...linked, ...shared].some(({ ref }) => ref === account.ref)) return;
  const history = await core.registry.history(person.ref);
  for (const reached of reachedIn(history))
    if (reached.ref === account.ref) await takeBackUnlinked(core, { reached, retraction, history });
  // Another run may have linked them again before the last of that was taken back.
  await reachLinked(core, person, account.ref);
}

/**
 * A registration that names an account together with its person links them, too: what the person asked for before reaches the
 * account, also where the registration arrives late, and so does what says whether the person is a child. Costs nothing where
 * no type of the entities identifies another, and one read of both where all has reached the account. `isRepeated`: a run
 * that died may have reached it, and not seen that another one has made it another person's, too.
 */
export async function reachNamed(
  core: FactCore,
  entities: readonly AboutEntity[],
  { isRepeated }: { readonly isRepeated: boolean },
): Promise<void> {
  const { entityTypes } = core.configuration;
  for (const account of entities) {
    const identified = own(entityTypes, account.type)?.identifies;
    const persons = entities.filter(({ type }) => type === identified);
    const [person] = persons;
    if (person === undefined) continue;
    const states = await readStates(core, [person.ref, account.ref]);
    const known = states.get(account.ref);
    for (const one of persons) await leaveShared(core, { account, known, person: one });
    const state = states.get(person.ref);
    if (persons.some(({ ref }) => ref !== person.ref) || state === undefined) continue;
    const isUnsure = isRepeated && reachedFromPersons(known).length > 0;
    const isOpen = isUnsure || requestsOf(state).length > 0;
    if (isOpen || (await lacksAny(core, { account, known, person, state })))
      await reachLinked(core, person, account.ref);
  }
}

/** Whether something says of the person whether it is a child that the account does not have, and is not kept from. */
async function lacksAny(
  core: FactCore,
  { account, known, person, state }: Known & { readonly state: EntityState },
): Promise<boolean> {
  const has = new Set(ofChild(core, person, known).map(({ ref }) => ref));
  const isComplete = ofChild(core, person, state).every(({ ref }) => has.has(copyOf(ref)));
  return !isComplete && !(await isLeftShared(core, account));
}

/** What says whether the person is a child, as the state of the person or of an account has it. */
function ofChild(
  { configuration }: FactCore,
  { type }: AboutEntity,
  state: EntityState | undefined,
): readonly Occurrence[] {
  const events = [...childEvents(configuration.policies, type)];
  return events.flatMap((event) => own(state?.occurrences ?? {}, event) ?? []);
}

/** What the person asked for before, and whether the person is a child, for this account if it is linked. */
async function reachLinked(core: FactCore, person: AboutEntity, entity: EntityRef): Promise<void> {
  const { linked, shared } = await linksOf(core, person);
  const isIt = ({ ref }: AboutEntity): boolean => ref === entity;
  const account = linked.find(isIt);
  const isShared = shared.some(isIt);
  await leaveAll(core, shared.filter(isIt));
  const history = await core.registry.history(person.ref);
  for (const reaching of reachingIn(history, childEvents(core.configuration.policies, person.type))) {
    if (account !== undefined) await reachOne(core, { person, account, reaching, history });
    // So that the next registration need not look for the links again.
    if (isShared && reaching.kind === 'child') await noteShared(core, entity);
  }
}

/**
 * Other runs may take the link away, or make the account another person's, too. Such a run sees what this one has noted
 * or recorded, or this one sees what that has done.
 */
async function reachOne(core: FactCore, one: Reach): Promise<void> {
  const { account, person } = one;
  const hasNoted = await noteReaching(core, one);
  const takenBack = await takenBackIn(core, one);
  const isNew = hasNoted || takenBack.length > 0;
  if (isNew && !(await isStillLinked(core, person, account))) return;
  await reach(core, one, takenBack);
  if (await namesAnother(core, account, person)) await takeBackShared(core, account);
}

/** Only the retraction of a link takes anything back, so only where there is one are the links looked for once more. */
async function isStillLinked(core: FactCore, person: AboutEntity, { ref }: AboutEntity): Promise<boolean> {
  const history = await core.registry.history(person.ref);
  const links = history.filter(({ type, attributes }) => type === LINKED && attributes?.['ref'] === ref);
  const isRetracted = history.some(({ about }) => links.some((link) => link.ref === about));
  return !isRetracted || (await linksOf(core, person)).linked.some((one) => one.ref === ref);
}

/**
 * What a person asks for is a fact of the person, and of each entity by which one application knows the person. What takes a
 * request back, or ends it, reaches all that the request has reached, linked or not any more.
 */
export async function recordRequest(
  core: FactCore,
  person: AboutEntity,
  fact: Fact,
  recording: Recording = {},
): Promise<'new' | 'duplicate' | 'reused'> {
  const type = fact.kind === 'retraction' ? REQUEST_TAKEN_BACK : fact.type;
  const put = await recordFact(core, person.ref, { ...fact, type }, recording);
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
  await leaveAll(core, shared);
  const history = await core.registry.history(person.ref);
  const reaching = reachingIn(history, events).find(isMeant);
  if (reaching === undefined) return;
  for (const account of linked) await reachOne(core, { person, account, reaching, history });
  const brought = new Set(reaching.facts.filter(bringsSomething).map(({ ref }) => ref));
  for (const { ref, event } of reachedIn(history)) {
    if (!brought.has(event) || linked.some((one) => one.ref === ref)) continue;
    for (const one of reaching.facts)
      if (!bringsSomething(one)) await recordFact(core, ref, inAccount(one, reaching, person));
  }
  if (shared.length > 0) core.report(`${reaching.kind}.shared-account`, { count: shared.length });
}
