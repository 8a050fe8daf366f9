import { NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import { type MeasuredCall, paceAfter, type SlowDown } from '../../domain/guard/pace.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { LaneCore } from '../core.ts';
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

async function notePace(
  { registry, lane, clock, tokens, report }: LaneCore,
  settings: SlowDown,
  calls: readonly MeasuredCall[],
): Promise<void> {
  if (calls.length === 0) return;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const guard = (await registry.laneGuard(lane)) ?? NEW_GUARD;
    const pace = paceAfter(guard.pace, calls, settings, clock.now());
    if (pace === guard.pace) return;
    const next = { ...guard, ...present({ pace }), version: guard.version + 1, by: tokens.next() };
    if ((await registry.writeLaneGuard(lane, next)) === 'moved') continue;
    const [level, before] = [pace?.slow?.level ?? 0, guard.pace?.slow?.level ?? 0];
    if (level !== before) report('dispose.slowed', { store: lane, count: level });
    return;
  }
}
