import type { LaneGuard } from '../../domain/guard/lane-guard.ts';
import { type MeasuredCall, paceAfter, type SlowDown } from '../../domain/guard/pace.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { LaneCore } from '../core.ts';
import { changeGuard } from './change-guard.ts';
import { timedStore } from './timed-store.ts';

/** How often attempts of one lane may meet at its guard. The one that loses so often leaves it to later ones. */
const MOST_TRIES = 5;

/**
 * Works with a store whose calls are timed, where the lane is to slow down with it, and notes afterwards how fast it was. An
 * attempt that dies notes nothing: the next one measures again.
 */
export async function keepPace<Worked>(
  core: LaneCore,
  work: (core: LaneCore) => Promise<Worked>,
): Promise<Worked> {
  const settings = own(core.configuration.stores, core.lane)?.slowDown;
  if (settings === undefined) return work(core);
  const calls: MeasuredCall[] = [];
  const store = timedStore(core.store, core.clock, (call) => calls.push(call));
  const worked = await work({ ...core, store });
  await notePace(core, settings, calls);
  return worked;
}

async function notePace(core: LaneCore, settings: SlowDown, calls: readonly MeasuredCall[]): Promise<void> {
  if (calls.length === 0) return;
  const writing = { by: core.tokens.next(), tries: MOST_TRIES };
  const noted = await changeGuard(core, core.lane, writing, (guard) => {
    const pace = paceAfter(guard.pace, calls, settings, core.clock.now());
    return { guard: pace === guard.pace ? guard : { ...guard, ...present({ pace }) } };
  });
  if (noted === 'busy') return;
  const level = levelOf(noted.guard);
  if (level !== levelOf(noted.before)) core.report('dispose.slowed', { store: core.lane, count: level });
}

function levelOf({ pace }: LaneGuard): number {
  return pace?.slow?.level ?? 0;
}
