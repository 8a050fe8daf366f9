import type { EntityState } from '../../domain/facts/facts.ts';
import { emptyState } from '../../domain/facts/fold.ts';
import { present } from '../../domain/present.ts';
import type { EntityScope, LegalHold } from '../../domain/record/hold.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';

type HoldCore = Pick<Core, 'configuration' | 'registry'>;
export type HoldOnEntity = LegalHold & { readonly scope: EntityScope };

/**
 * Puts the hold into the entity's state, on its version. Then its record is read again: a release that came in between
 * did not find the hold in the state, so this run takes it out again. `full`: the entity has `most` holds already; the
 * record is released, so that it does not look like a hold that is in force.
 */
export async function holdEntity(
  core: HoldCore,
  hold: HoldOnEntity,
  most: number,
): Promise<'placed' | 'refused' | 'full'> {
  const { entity } = hold.scope;
  const changed = await changeState(core, entity, (state) => withHold(state, hold, most));
  if (changed === 'refused') {
    await core.registry.recordRelease(hold);
    return 'full';
  }
  if ((await core.registry.holdRecord(hold.id))?.state !== 'released') return 'placed';
  await letEntityGo(core, hold.id, entity);
  return 'refused';
}

/** Takes the hold out of the entity's state. Its record says already that it is released. */
export async function letEntityGo(core: HoldCore, id: string, entity: EntityRef): Promise<void> {
  await changeState(core, entity, (state) => withoutHold(state, id));
}

/** The state as read, if nothing is to be changed; nothing, if it cannot take the change. */
type Change = (state: EntityState) => EntityState | undefined;

async function changeState(
  { registry, configuration }: HoldCore,
  entity: EntityRef,
  change: Change,
): Promise<'done' | 'refused'> {
  for (;;) {
    const stored = (await registry.states([entity])).get(entity);
    const state =
      stored === undefined || stored.version === 0 ? emptyState(configuration.foldProfile) : stored;
    const next = change(state);
    if (next === undefined) return 'refused';
    if (next === state || (await registry.putState(entity, next)) === 'written') return 'done';
  }
}

function withHold(state: EntityState, { id, freeze }: LegalHold, most: number): EntityState | undefined {
  if (state.holds.includes(id)) return state;
  if (state.holds.length >= most) return undefined;
  const freezing = freeze === true ? [...(state.freezing ?? []), id] : state.freezing;
  return { ...state, holds: [...state.holds, id], ...present({ freezing }) };
}

function withoutHold(state: EntityState, id: string): EntityState {
  if (!state.holds.includes(id)) return state;
  const { freezing: frozen = [], ...rest } = state;
  const others = frozen.filter((other) => other !== id);
  const freezing = others.length > 0 ? others : undefined;
  return { ...rest, holds: state.holds.filter((other) => other !== id), ...present({ freezing }) };
}
