import { sweep } from '../../../functions/sweep/sweep.ts';
import type { Hint } from '../../../shared/ports/hints.ts';
import type { TestTables } from '../registry-table.ts';
import { aHoldingRef, at } from '../samples.ts';
import { PRODUCER, STORE } from '../driver/world.ts';
import { countedWorld, type Requests, requestsOf } from './counted-world.ts';

const START = at('2026-03-01T10:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * An hourly run that finds nothing to do, after one that did: the whole of the function `sweep`, the heartbeat that it
 * sends, and the run of `seal` that it asks for.
 */
export async function idleHour(
  tables: TestTables,
  lanes: number,
): Promise<{ readonly requests: Requests; readonly written: readonly string[] }> {
  const w = await countedWorld(tables, { start: new Date(START).toISOString() });
  const [[, store] = []] = Object.entries(w.core.configuration.stores);
  if (store === undefined) throw new Error('the world has a store');
  const stores = Object.fromEntries(Array.from({ length: lanes }, (_, n) => [`lane-${n}`, store]));
  const core = { ...w.core, configuration: { ...w.core.configuration, stores } };
  const hour = async (): Promise<void> => {
    w.clock.advance(HOUR);
    await sweep(core, { kind: 'hourly' }, () => true);
    for (const message of w.sweeps.splice(0)) await sweep(core, message, () => true);
    for (const sent of w.heartbeats.splice(0)) await w.registry.putHeartbeat(sent);
    await w.seal();
  };
  await hour();
  const requests = await requestsOf(w, hour);
  return { requests, written: w.counter.writes().map(({ PK, SK }) => `${PK} ${SK}`) };
}

/** A wake-up that hands `due` holdings to their lane; `later` others have hints of their own for later minutes. */
export async function countedWakeUp(
  tables: TestTables,
  { due, later }: { readonly due: number; readonly later: number },
): Promise<Requests> {
  const w = await countedWorld(tables, { start: new Date(START).toISOString() });
  const now = START + 10 * MINUTE;
  const hint = (n: number): Hint => ({
    minute: n < due ? START + MINUTE : now + (n + 1) * MINUTE,
    holding: aHoldingRef(n),
    lane: STORE,
    producer: PRODUCER,
  });
  await w.registry.putHints(Array.from({ length: due + later }, (_, n) => hint(n)));
  w.reset();
  const bells = await w.wake(now);
  if (bells.length !== Math.ceil(due / 100)) throw new Error(`${bells.length} bells for ${due} holdings`);
  return w.requests();
}
