import { fold, refold } from '../domain/facts/fold.ts';
import type { EntityState, Fact } from '../domain/facts/facts.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import { each } from '../domain/each.ts';
import { type Core } from './core.ts';
import { concernsFrom, sayIfLate } from './late-fact.ts';
import { rePlan } from './re-plan.ts';

/** Holdings re-planned at the same time. */
const WIDTH = 16;

/**
 * An event becomes a fact: history (which tells duplicates), then the fold, then every holding of the entity. A
 * duplicate runs all of it again, because the first run may have died in between. Dying anywhere is repaired by the
 * message coming again; nothing is acknowledged before this has returned.
 */
export async function recordFact(
  core: Core,
  entity: EntityRef,
  fact: Fact,
): Promise<'new' | 'duplicate' | 'reused'> {
  // Read before the fact is put: `fold` says why.
  const before = await stateOf(core, entity);
  const put = await core.registry.putFact(entity, fact);
  if (put === 'reused') return put;
  await foldFact(core, entity, { fact, put, before });
  await fanOut(core, { entity, since: concernsFrom(fact, core.configuration.foldProfile) });
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
    if ((await core.registry.putState(entity, next)) === 'written') return;
  }
}

async function stateOf(core: Core, entity: EntityRef): Promise<EntityState> {
  const state = (await core.registry.states([entity])).get(entity);
  if (state === undefined)
    throw new TypeError('the registry answered for other entities than were asked for');
  return state.version === 0 ? { ...state, profile: core.configuration.foldProfile.digest } : state;
}

/** One page here; the rest of a big entity by a cursor and one message a page. */
async function fanOut(core: Core, { entity, after, since }: Walk): Promise<void> {
  const page = await core.registry.pointers(entity, after);
  if (page.next !== undefined) {
    const cursor = core.tokens.next();
    const from = since === undefined ? {} : { since };
    await core.registry.putCursor({ id: cursor, at: core.clock.now(), entity, after: page.next, ...from });
    await core.queues.toIngest({ kind: 'fan-out', cursor });
  }
  // A pointer without a holding is a registration that is under way: it reads the states itself.
  await each(page.items, WIDTH, async (holding) => {
    await rePlan(core, holding, (found) => sayIfLate(core, found, since));
  });
}

interface Walk {
  readonly entity: EntityRef;
  readonly after?: string | undefined;
  readonly since?: Instant | undefined;
}

/** The next page of a big entity. A cursor that is gone was walked already: its message came twice. */
export async function continueFanOut(core: Core, cursor: string): Promise<void> {
  const stands = await core.registry.cursor(cursor);
  if (stands?.entity === undefined) return;
  await fanOut(core, { ...stands, entity: stands.entity });
  await core.registry.deleteCursor(cursor);
}
