import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { digestOf } from '../../domain/configuration/effective-policies.ts';
import { bodyHash } from '../../domain/configuration/references.ts';
import type { EntityState, Fact } from '../../domain/facts/facts.ts';
import { own } from '../../domain/own.ts';
import { reachedFrom } from '../../domain/people/child-events.ts';
import { SHARED } from '../../domain/people/linked.ts';
import { bringsSomething } from '../../domain/people/reaching-facts.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { EntityRef, EventRef, Occurred } from '../../domain/record/ids.ts';
import { readStates } from '../facts/read-states.ts';
import { type FactCore, recordFact } from '../record-fact.ts';
import { takingBack } from './reach.ts';

export interface Known {
  readonly account: AboutEntity;
  readonly known: EntityState | undefined;
  readonly person: AboutEntity;
}

/**
 * Before the records of a registration are there: what has reached an account from another person than the one that is named
 * with it would have them erased. Costs nothing where no account is named with a person, and otherwise one read.
 */
export async function leaveNamed(core: FactCore, entities: readonly AboutEntity[]): Promise<void> {
  const { entityTypes } = core.configuration;
  const pairs = entities.flatMap((account) => {
    const identified = own(entityTypes, account.type)?.identifies;
    return entities.filter(({ type }) => type === identified).map((person) => ({ account, person }));
  });
  const states = await readStates(
    core,
    pairs.map(({ account }) => account.ref),
  );
  for (const { account, person } of pairs)
    await leaveShared(core, { account, person, known: states.get(account.ref) });
}

/**
 * The account is known as another person's from now on. What has reached it from one of them would go on to erase or restrict
 * what is registered about the other, so it is taken back, and stays so.
 */
export async function leaveShared(core: FactCore, { account, known, person }: Known): Promise<void> {
  if (reachedFromPersons(known).some((ref) => ref !== person.ref)) await takeBackShared(core, account);
}

export function reachedFromPersons(known: EntityState | undefined): readonly EntityRef[] {
  return Object.values(known?.occurrences ?? {}).flatMap((all) =>
    all.flatMap((one) => reachedFrom(one) ?? []),
  );
}

/** Accounts that are other persons', too. A run that died may have brought something there that theirs did not see. */
export async function leaveAll(core: FactCore, accounts: readonly AboutEntity[]): Promise<void> {
  const states = await readStates(
    core,
    accounts.map(({ ref }) => ref),
  );
  for (const account of accounts)
    if (reachedFromPersons(states.get(account.ref)).length > 0) await takeBackShared(core, account);
}

/** The account is another person's, too: nothing that has reached it from a person counts there any more. */
export async function takeBackShared(core: FactCore, account: AboutEntity): Promise<void> {
  const now = core.clock.now();
  for (const fact of await core.registry.history(account.ref)) {
    if (!bringsSomething(fact) || reachedFrom(fact) === undefined) continue;
    const ref = digestOf(['shared', fact.ref]) as EventRef;
    const takenBack = takingBack(ref, fact.ref, { sent: now, received: now });
    await recordFact(core, account.ref, { ...takenBack, type: SHARED });
  }
  await noteShared(core, account.ref);
}

/** No fold keeps it. */
export async function noteShared(core: FactCore, account: EntityRef): Promise<void> {
  const now = core.clock.now();
  const ref = digestOf([SHARED, account]) as EventRef;
  const occurred = isoUtc(now) as Occurred;
  const hash = bodyHash([SHARED]);
  const note: Fact = { ref, kind: 'event', type: SHARED, occurred, sent: now, received: now, bodyHash: hash };
  await core.registry.putFact(account, note);
}

export async function isLeftShared(core: FactCore, { ref }: AboutEntity): Promise<boolean> {
  return (await core.registry.facts(ref, [digestOf([SHARED, ref]) as EventRef])).length > 0;
}
