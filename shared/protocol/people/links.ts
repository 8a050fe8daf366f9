import { pages } from '../../domain/each.ts';
import { own } from '../../domain/own.ts';
import { linkedIn } from '../../domain/people/linked.ts';
import type { AboutEntity } from '../../domain/record/about.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { readStates } from '../facts/read-states.ts';

type Reader = Pick<Core, 'registry' | 'configuration'>;

/** Entities by which a person is known in one application. */
export interface Links {
  readonly linked: readonly AboutEntity[];
  /** Also known as another person's: what one of them asks for must not reach the data of the other. */
  readonly shared: readonly AboutEntity[];
}

/**
 * The accounts, profiles and other entities of types that identify this one: named together with it in a registration
 * that names no other one of its type, or by a `linked` event. From a person to accounts only: a request about an
 * account says nothing of the person's other accounts, because any application may name a person.
 *
 * Costs a request for a hundred holdings of the person, and of each account found.
 */
export async function linksOf(core: Reader, { type, ref }: AboutEntity): Promise<Links> {
  const types = identifyingTypes(core, type);
  if (types.size === 0) return { linked: [], shared: [] };
  const found = new Map<EntityRef, AboutEntity>();
  for (const entity of await saidOf(core, ref)) if (types.has(entity.type)) found.set(entity.ref, entity);
  await eachHolding(core, ref, (holding) => {
    for (const { entities } of holding.variants) {
      if (onlyOne(refsIn(entities, type)) === undefined) continue;
      for (const entity of entities) if (types.has(entity.type)) found.set(entity.ref, entity);
    }
  });
  const linked: AboutEntity[] = [];
  const shared: AboutEntity[] = [];
  for (const entity of found.values())
    ((await namesAnother(core, entity, { type, ref })) ? shared : linked).push(entity);
  return { linked, shared };
}

/**
 * The person whose account this is: the one that its application linked it to, or else the one that its records name.
 * Nothing if there is none, or more than one: then it is not known which. Costs a request for a hundred holdings of it.
 */
export async function personOf(core: Reader, { type, ref }: AboutEntity): Promise<EntityRef | undefined> {
  const person = own(core.configuration.entityTypes, type)?.identifies;
  if (person === undefined) return undefined;
  const isPerson = (one: AboutEntity): boolean => one.type === person;
  const linked = new Set((await saidOf(core, ref)).filter(isPerson).map(toRef));
  if (linked.size > 0) return onlyOne(linked);
  const named = new Set<EntityRef>();
  await eachHolding(core, ref, ({ variants }) => {
    for (const entity of variants.flatMap(({ entities }) => entities).filter(isPerson)) named.add(entity.ref);
  });
  return onlyOne(named);
}

/** The entities that applications said are this one. */
async function saidOf(core: Reader, ref: EntityRef): Promise<readonly AboutEntity[]> {
  const state = (await readStates(core, [ref])).get(ref);
  return state === undefined ? [] : linkedIn(state);
}

const toRef = ({ ref }: AboutEntity): EntityRef => ref;

/** A person may be named twice, in two roles. */
function refsIn(entities: readonly AboutEntity[], type: string): ReadonlySet<EntityRef> {
  return new Set(entities.filter((one) => one.type === type).map(toRef));
}

function onlyOne(refs: ReadonlySet<EntityRef>): EntityRef | undefined {
  return refs.size === 1 ? [...refs][0] : undefined;
}

/** The types that a person of this type is known by in one application. */
export function identifyingTypes(
  { configuration: { entityTypes } }: Pick<Reader, 'configuration'>,
  type: string,
): ReadonlySet<string> {
  return new Set(Object.keys(entityTypes).filter((other) => own(entityTypes, other)?.identifies === type));
}

/** Whether the account is known as another person's, too. */
export async function namesAnother(
  core: Reader,
  account: AboutEntity,
  person: AboutEntity,
): Promise<boolean> {
  return (await namedBy(core, account.ref, person)).isAnothers;
}

/**
 * Whether each of these accounts still is this person's, and not another one's, too. Costs a request for a hundred holdings
 * of each account, and none for those of the person.
 */
export async function areLinked(
  core: Reader,
  person: AboutEntity,
  accounts: readonly EntityRef[],
): Promise<boolean> {
  if (accounts.length === 0) return true;
  const linked = new Set((await saidOf(core, person.ref)).map(toRef));
  for (const account of accounts) {
    const { isItsOwn, isAnothers } = await namedBy(core, account, person);
    if (isAnothers || !(isItsOwn || linked.has(account))) return false;
  }
  return true;
}

/** Whether registrations of the account name this person, and whether they or a link name another one. */
async function namedBy(core: Reader, account: EntityRef, person: AboutEntity) {
  let isAnothers = (await saidOf(core, account)).some((one) => isAnother(one, person));
  let isItsOwn = false;
  await eachHolding(core, account, ({ variants }) => {
    for (const { entities } of variants.filter((one) => one.entities.some(({ ref }) => ref === account))) {
      isAnothers ||= entities.some((one) => isAnother(one, person));
      isItsOwn ||= onlyOne(refsIn(entities, person.type)) !== undefined;
    }
  });
  return { isItsOwn, isAnothers };
}

function isAnother({ type, ref }: AboutEntity, person: AboutEntity): boolean {
  return type === person.type && ref !== person.ref;
}

async function eachHolding(core: Reader, entity: EntityRef, see: (holding: Holding) => void): Promise<void> {
  for await (const { items } of pages((after) => core.registry.pointers(entity, after))) {
    // What cannot be read names no one. The functions that work on it set it aside.
    const { holdings } = await core.registry.readHoldings(items);
    for (const holding of holdings.values()) see(holding);
  }
}
