import type { TestTables } from '../registry-table.ts';
import { at } from '../samples.ts';
import type { WorldOptions } from '../driver/world.ts';
import { countedWorld, type CountedWorld, type Requests, requestsOf } from './counted-world.ts';

/** Thirty days after the end, the clock tolerance, and the sweep's own. */
export const DUE = at('2026-04-01T00:02:00Z');
export const START = { start: '2026-03-01T10:00:00Z' } as const;
export const ENDED = '2026-03-01';

/** What it cost to dispose of `count` holdings that were due in one minute: sweep, dispose and seal. */
export interface CountedDisposal {
  readonly w: CountedWorld;
  /** How each chunk ended. */
  readonly worked: readonly string[];
  readonly waking: Requests;
  readonly sealing: Requests;
  readonly requests: Requests;
}

export async function countedDisposal(
  tables: TestTables,
  count: number,
  options: Omit<WorldOptions, 'start'> = {},
): Promise<CountedDisposal> {
  const w = await countedWorld(tables, { ...options, ...START });
  await w.prepare(count, ENDED);
  w.reset();
  const bells = await w.wake(DUE);
  const waking = w.requests();
  const worked: string[] = [];
  for (const bell of bells) worked.push(await w.work(bell));
  const before = w.requests();
  await w.seal();
  const requests = w.requests();
  return { w, worked, waking, requests, sealing: difference(requests, before) };
}

/** Requests that seal what `chunks` attempts left, with this number of holdings in each. */
export async function countedSealing(
  tables: TestTables,
  chunks: number,
  holdings: number,
): Promise<{ readonly requests: Requests; readonly sealed: number }> {
  const w = await countedWorld(tables, START);
  await w.prepare(chunks * holdings, ENDED);
  const bells = await w.wake(DUE);
  if (bells.length !== chunks) throw new Error(`${bells.length} chunks were made, not ${chunks}`);
  for (const bell of bells) await w.work(bell);
  const requests = await requestsOf(w, () => w.seal());
  return { requests, sealed: (await w.registry.head()).size };
}

function difference(a: Requests, b: Requests): Requests {
  return {
    registry: a.registry - b.registry,
    log: a.log - b.log,
    messages: a.messages - b.messages,
    all: a.all - b.all,
  };
}
