import { digestOf } from '../domain/configuration/effective-policies.ts';
import { isTruncated } from '../domain/facts/compact.ts';
import type { EntityState, Fact } from '../domain/facts/facts.ts';
import { factsIn } from '../domain/facts/odd-entity.ts';
import { fold, refold } from '../domain/facts/fold.ts';
import { present } from '../domain/present.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import type { Spelling } from '../ports/entities.ts';
import type { FanOutMessage } from '../ports/queues.ts';
import type { Walk } from '../ports/upkeep.ts';
import type { Core } from './core.ts';
import { noteLateFact, type NotingCore } from './facts/fact-entries.ts';
import { concernsFrom, remarkIfLate } from './late-fact.ts';
import { rePlan } from './plan-writer.ts';

export type FactCore = Core & NotingCore;

export interface Recording {
  readonly spelling?: Spelling | undefined;
  /**
   * What has to be there before anything can see the fact's effect. The fact is in the history then; a run that dies in between
   * comes again.
   */
  readonly beforeFold?: ((put: 'new' | 'duplicate') => Promise<void>) | undefined;
}

/**
 * An event becomes a fact: history (which tells duplicates), then the fold, then every holding of the entity. A
 * duplicate runs all of it again, because the first run may have died in between. Nothing is acknowledged before this
 * has returned.
 */
export async function recordFact(
  core: FactCore,
  entity: EntityRef,
  fact: Fact,
  { spelling, beforeFold }: Recording = {},
): Promise<'new' | 'duplicate' | 'reused'> {
  // Read before the fact is put: `fold` says why.
  const before = await stateOf(core, entity);
  // Before the fold, so that a run that dies in between finds the entity new again. A hold may have been there first.
  if (spelling !== undefined && factsIn(before) === undefined) await core.registry.putSpellings([spelling]);
  const put = await core.registry.putFact(entity, fact);
  if (put === 'reused') return put;
  await beforeFold?.(put);
  await foldFact(core, entity, { fact, put, before });
  await fanOut(core, entity, fact);
  return put;
}

interface Put {
  readonly fact: Fact;
  readonly put: 'new' | 'duplicate';
  readonly before: EntityState;
}

/** The state's version is read before the history, so that no fact can slip in between unseen. */
async function foldFact(core: Core, entity: EntityRef, { fact, put, before }: Put): Promise<void> {
  const profile = core.configuration.foldProfile;
  for (let state = before; ; state = await stateOf(core, entity)) {
    const folded = put === 'new' ? fold(before, state, fact, profile) : 'history';
    const next = folded === 'history' ? refold(state, await core.registry.history(entity), profile) : folded;
    // A type that is read from the history leaves no trace in the state but its version, which other runs compare.
    if (next === state && state.version > 0 && !isTruncated(state, fact.type)) return;
    if ((await core.registry.putState(entity, next)) === 'written') return;
  }
}

async function stateOf(core: Core, entity: EntityRef): Promise<EntityState> {
  const state = (await core.registry.states([entity])).get(entity);
  if (state === undefined)
    throw new TypeError('the registry answered for other entities than were asked for');
  return state.version === 0 ? { ...state, profile: core.configuration.foldProfile.digest } : state;
}

/**
 * The first page of holdings here. A bigger entity is walked by one cursor, named after the event: when the event comes
 * again the walk goes on where it was instead of beginning again.
 */
async function fanOut(core: FactCore, entity: EntityRef, fact: Fact): Promise<void> {
  const since = concernsFrom(fact, core.configuration.foldProfile);
  const page = await core.registry.pointers(entity);
  if (page.next === undefined) return planPage(core, page.items, since);
  const id = `fan-out/${digestOf([entity, fact.ref, fact.sent]).slice(0, 22)}`;
  const walk = await core.registry.walk(id);
  if (walk.version > 0) {
    if (walk.done !== true) await core.queues.toIngest({ kind: 'fan-out', walk: id, version: walk.version });
    return;
  }
  await planPage(core, page.items, since);
  await goOn(core, { ...walk, entity, after: page.next, ...present({ since }) });
}

/**
 * One page of a walk: planned, then the cursor moves on its version, then the next page's message is sent. A message
 * whose page is behind the cursor is nothing; directly behind it, the run that moved the cursor may have died before it
 * sent the next message, so that message is sent again.
 */
export async function continueFanOut(core: FactCore, message: FanOutMessage): Promise<void> {
  const walk = await core.registry.walk(message.walk);
  if (walk.entity === undefined || walk.done === true) return;
  if (walk.version === message.version + 1) {
    await core.queues.toIngest({ kind: 'fan-out', walk: walk.id, version: walk.version });
    return;
  }
  if (walk.version !== message.version) return;
  const page = await core.registry.pointers(walk.entity, walk.after);
  await planPage(core, page.items, walk.since);
  await goOn(core, {
    ...walk,
    ...present({ after: page.next }),
    ...(page.next === undefined && { done: true }),
  });
}

async function goOn(core: Core, walk: Walk): Promise<void> {
  const next: Walk = { ...walk, version: walk.version + 1, at: core.clock.now() };
  if ((await core.registry.putWalk(next)) === 'moved' || next.done === true) return;
  await core.queues.toIngest({ kind: 'fan-out', walk: next.id, version: next.version });
}

/** A pointer without a holding is a registration that is under way: it reads the states itself. */
async function planPage(
  core: FactCore,
  refs: Parameters<typeof rePlan>[1],
  since: Instant | undefined,
): Promise<void> {
  const known = await rePlan(core, refs);
  if (since === undefined) return;
  for (const holding of known.values())
    for (const late of await remarkIfLate(core, holding, since)) await noteLateFact(core, late);
}
