import { fold, refold } from '../domain/facts/fold.ts';
import type { Fact } from '../domain/facts/facts.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import { each, type Core } from './core.ts';
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
  const put = await core.registry.putFact(entity, fact);
  if (put === 'reused') return put;
  await foldFact(core, entity, fact);
  await fanOut(core, { entity, since: concernsFrom(fact, core.configuration.foldProfile) });
  return put;
}

/** The state's version is read before the history, so that no fact can slip in between unseen. */
async function foldFact(core: Core, entity: EntityRef, fact: Fact): Promise<void> {
  const profile = core.configuration.foldProfile;
  for (;;) {
    const state = (await core.registry.states([entity])).get(entity);
    if (state === undefined)
      throw new TypeError('the registry answered for other entities than were asked for');
    const empty = state.version === 0;
    const folded = fold(empty ? { ...state, profile: profile.digest } : state, fact, profile);
    const next = folded === 'history' ? refold(state, await core.registry.history(entity), profile) : folded;
    if ((await core.registry.putState(entity, next)) === 'written') return;
  }
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
