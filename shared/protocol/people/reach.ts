import { digestOf } from '../../domain/configuration/effective-policies.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { ofPerson, personOf } from '../../domain/people/child-events.ts';
import { isEffectType } from '../../domain/people/effects.ts';
import { reachedIn, REACHED } from '../../domain/people/linked.ts';
import { bringsSomething, type Reaching } from '../../domain/people/reaching-facts.ts';
import { present } from '../../domain/present.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityRef, EventRef } from '../../domain/record/ids.ts';
import { LINKED } from '../../domain/record/incoming.ts';
import { type FactCore, recordFact } from '../record-fact.ts';

interface Reach {
  readonly person: AboutEntity;
  readonly account: AboutEntity;
  readonly reaching: Reaching;
  /** Of the person. */
  readonly history: readonly Fact[];
}

/** Noted first among the person's facts: a link may be gone when the facts are taken back. */
export async function reach(core: FactCore, { person, account, reaching, history }: Reach): Promise<void> {
  const noted = new Set(reachedIn(history).map(({ ref, event }) => `${ref} ${event}`));
  for (const fact of reaching.facts) {
    if (bringsSomething(fact) && !noted.has(`${account.ref} ${fact.ref}`))
      await core.registry.putFact(person.ref, noteOf(account, fact));
    await recordFact(core, account.ref, inAccount(fact, reaching, person));
    if (bringsSomething(fact)) await linkedAgain(core, account, fact, history);
  }
}

/**
 * The fact as the account has it. A request is the same there. What a producer sent about the person has a reference of its
 * own, because the producer may have used the event's id for the account, too, and says whose it is.
 */
export function inAccount(fact: Fact, { kind }: Reaching, { ref: person }: AboutEntity): Fact {
  if (kind === 'request') return fact;
  const copy = { ...fact, ref: copyOf(fact.ref), ...present({ about: fact.about && copyOf(fact.about) }) };
  return fact.kind === 'retraction' ? copy : { ...copy, attributes: ofPerson(person, fact.attributes) };
}

function copyOf(event: EventRef): EventRef {
  return digestOf(['reached', event]) as EventRef;
}

/** Takes back what a link brought to the account, once the link is retracted. */
export async function takeBackUnlinked(
  core: FactCore,
  {
    link,
    reached: { ref, event },
    retraction,
    history,
  }: {
    readonly link: Fact;
    readonly reached: { readonly ref: EntityRef; readonly event: EventRef };
    readonly retraction: Fact;
    /** Of the person. */
    readonly history: readonly Fact[];
  },
): Promise<void> {
  const brought = history.find((fact) => fact.ref === event);
  const about = brought === undefined || isEffectType(brought.type) ? event : copyOf(event);
  await recordFact(core, ref, takingBack(unlinkedRef(link, event), about, retraction));
}

/** The account is another person's, too: nothing there says any more that somebody is a child. */
export async function takeBackShared(core: FactCore, account: AboutEntity): Promise<void> {
  const now = core.clock.now();
  for (const fact of await core.registry.history(account.ref)) {
    if (fact.kind !== 'event' || personOf(fact) === undefined) continue;
    const ref = digestOf(['shared', fact.ref]) as EventRef;
    await recordFact(core, account.ref, takingBack(ref, fact.ref, { sent: now, received: now }));
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

function unlinkedRef(link: Fact, event: EventRef): EventRef {
  return digestOf(['unlinked', link.ref, event]) as EventRef;
}

function takingBack(ref: EventRef, about: EventRef, { sent, received }: Pick<Fact, 'sent' | 'received'>): Fact {
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
