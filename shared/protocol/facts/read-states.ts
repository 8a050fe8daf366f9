import type { EntityState } from '../../domain/facts/facts.ts';
import { emptyState, refold } from '../../domain/facts/fold.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import type { Registry } from '../../ports/registry.ts';
import type { Core } from '../core.ts';

interface Reader extends Pick<Core, 'configuration'> {
  readonly registry: Pick<Registry, 'states' | 'history' | 'putState'>;
}

/**
 * The folded facts of these entities, ready for a plan. A state that was folded for other policies is rebuilt from
 * the history first; of a truncated one the history itself is read. One request for every hundred entities otherwise.
 */
export async function readStates(
  core: Reader,
  entities: readonly EntityRef[],
): Promise<ReadonlyMap<EntityRef, EntityState>> {
  if (entities.length === 0) return new Map();
  const states = new Map(await core.registry.states([...new Set(entities)]));
  const profile = core.configuration.foldProfile;
  for (const [entity, state] of states) {
    if (state.version === 0) states.set(entity, emptyState(profile));
    else if (state.profile !== profile.digest || state.truncated !== undefined) {
      states.set(entity, await rebuilt(core, entity));
    }
  }
  return states;
}

/** Version before history: a fact that arrives in between moves the version and fails the write. */
async function rebuilt(core: Reader, entity: EntityRef): Promise<EntityState> {
  const profile = core.configuration.foldProfile;
  for (;;) {
    const state = (await core.registry.states([entity])).get(entity);
    if (state === undefined)
      throw new TypeError('the registry answered for other entities than were asked for');
    const history = await core.registry.history(entity);
    if (state.profile !== profile.digest && state.version > 0) {
      const written = await core.registry.putState(entity, refold(state, history, profile));
      if (written === 'moved') continue;
    }
    return refold(state, history, profile, 'everything');
  }
}
