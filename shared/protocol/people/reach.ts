import { digestOf } from '../../domain/configuration/effective-policies.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { ofPerson } from '../../domain/people/child-events.ts';
import { isEffectType } from '../../domain/people/effects.ts';
import { reachedIn, REACHED } from '../../domain/people/linked.ts';
import { bringsSomething, type Reaching, rootsOf } from '../../domain/people/reaching-facts.ts';
import { present } from '../../domain/present.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityRef, EventRef } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import { type FactCore, recordFact } from '../record-fact.ts';

export interface Reach {
  readonly person: AboutEntity;
  readonly account: AboutEntity;
  readonly reaching: Reaching;
  /** Of the person. */
  readonly history: readonly Fact[];
}

/**
 * Notes among the person's facts what is about to reach the account: the link may be gone when that is taken back. Answers
 * whether anything is noted for the first time.
 */
export async function noteReaching(
  core: FactCore,
  { person, account, reaching, history }: Reach,
): Promise<boolean> {
  const noted = new Set(reachedIn(history).map(({ ref, event }) => `${ref} ${event}`));
  const missing = reaching.facts.filter(
    (fact) => bringsSomething(fact) && !noted.has(`${account.ref} ${fact.ref}`),
  );
  for (const fact of missing) await core.registry.putFact(person.ref, noteOf(account, fact));
  return missing.length > 0;
}

/**
 * Each of the facts is one of the account, too. They are noted before. `takenBack`: the account was unlinked and is linked
 * again, so what that took back counts. What takes something back only now is not among them.
 */
export async function reach(
  core: FactCore,
  { person, account, reaching }: Reach,
  takenBack: readonly Fact[],
): Promise<void> {
  for (const fact of reaching.facts) await recordFact(core, account.ref, inAccount(fact, reaching, person));
  for (const one of takenBack) {
    const again = digestOf(['linked again', one.ref]) as EventRef;
    await recordFact(core, account.ref, takingBack(again, one.ref, one));
  }
}

/** What took the facts back in the account when it was unlinked, as of now. */
export async function takenBackIn(
  core: FactCore,
  { account, reaching, history }: Reach,
): Promise<readonly Fact[]> {
  const roots = rootsOf(history);
  const isOfLink = (ref: EventRef): boolean => {
    const root = roots.get(ref);
    return root?.type === LINKED && root.attributes?.['ref'] === account.ref;
  };
  const retractions = history.filter(({ kind, ref }) => kind === 'retraction' && isOfLink(ref));
  if (retractions.length === 0) return [];
  const events = reaching.facts.filter(bringsSomething);
  const unlinked = retractions.flatMap((retraction) => events.map(({ ref }) => unlinkedRef(retraction, ref)));
  return core.registry.facts(account.ref, unlinked);
}

/**
 * The fact as the account has it: it says whose it is. What a producer sent about the person has a reference of its own,
 * because the producer may have used the event's id for the account, too. A request has the same one there.
 */
export function inAccount(fact: Fact, { kind }: Reaching, person: AboutEntity): Fact {
  if (kind === 'request')
    return bringsSomething(fact) ? { ...fact, attributes: ofPerson(person, fact.attributes) } : fact;
  const copy = { ...fact, ref: copyOf(fact.ref), ...present({ about: fact.about && copyOf(fact.about) }) };
  return fact.kind === 'retraction' ? copy : { ...copy, attributes: ofPerson(person, fact.attributes) };
}

/** The reference of the account's copy of what a producer sent about the person. */
export function copyOf(event: EventRef): EventRef {
  return digestOf(['reached', event]) as EventRef;
}

/** Takes back what a link brought to the account, once this retraction leaves the two without one. */
export async function takeBackUnlinked(
  core: FactCore,
  {
    reached: { ref, event },
    retraction,
    history,
  }: {
    readonly reached: { readonly ref: EntityRef; readonly event: EventRef };
    readonly retraction: Fact;
    /** Of the person. */
    readonly history: readonly Fact[];
  },
): Promise<void> {
  const brought = history.find((fact) => fact.ref === event);
  const about = brought === undefined || isEffectType(brought.type) ? event : copyOf(event);
  await recordFact(core, ref, takingBack(unlinkedRef(retraction, event), about, retraction));
}

function unlinkedRef(retraction: Fact, event: EventRef): EventRef {
  return digestOf(['unlinked', retraction.ref, event]) as EventRef;
}

export function takingBack(
  ref: EventRef,
  about: EventRef,
  { sent, received }: Pick<Fact, 'sent' | 'received'>,
): Fact {
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
