import { stopsOf } from '../../domain/guard/breaker.ts';
import { NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import { FOR_A_PERSON } from '../../domain/record/waiting.ts';
import type { Chunk } from '../../domain/record/work.ts';
import type { Core } from '../core.ts';
import { pausedRules } from '../lane/begin.ts';

/**
 * Whether nothing in a chunk can be done before a person decides, as its last attempt found, and the stop or pause is still
 * there. What is in force is read once, and only if some chunk waits for a person.
 */
export function keptByPerson(core: Core, lane: string): (chunk: Chunk) => Promise<boolean> {
  let inForce: ReturnType<typeof readInForce> | undefined;
  return async ({ waits = [], refs, failures }) => {
    const records = waits.reduce((sum, { count }) => sum + count, 0);
    const isAll = failures === 0 && records >= refs.length;
    if (!isAll || waits.length === 0 || !waits.every(({ code }) => FOR_A_PERSON.has(code))) return false;
    inForce ??= readInForce(core, lane);
    const { stopped, isPaused } = await inForce;
    return waits.every(({ code, rule = '' }) => (code === 'RULE_PAUSED' ? isPaused : stopped.has(rule)));
  };
}

async function readInForce(
  { registry }: Core,
  lane: string,
): Promise<{ readonly stopped: ReadonlySet<string>; readonly isPaused: boolean }> {
  const stops = stopsOf((await registry.laneGuard(lane)) ?? NEW_GUARD);
  const paused = pausedRules(await registry.wideHolds(), lane);
  return { stopped: new Set(stops.map(({ key }) => key)), isPaused: paused.length > 0 };
}
