import type { Instant } from '../domain/record/ids.ts';
import { FOR_A_PERSON } from '../domain/record/waiting.ts';
import type { Chunk } from '../domain/record/work.ts';
import { codeOf } from '../domain/error-code.ts';
import type { Core } from './core.ts';

/** The heartbeat that was sent with the sweep is folded by then. */
const BELL_DELAY_SECONDS = 20;

/**
 * Rings for these chunks: round-robin over producers, the oldest first. Chunks of a lane that is not configured are not
 * rung: nothing would hear it.
 */
export async function ringLanes(core: Core, chunks: readonly Chunk[]): Promise<void> {
  const known = chunks.filter(({ lane }) => core.configuration.stores[lane] !== undefined);
  const unknown = chunks.length - known.length;
  if (unknown > 0) core.report('sweep.failed', { code: 'STORE_NOT_CONFIGURED', count: unknown });
  for (const own of Map.groupBy(known, ({ lane }) => lane).values()) await ringLane(core, own);
}

/** A lane that cannot be rung stops no other: its chunks stay, and the hourly sweep rings them again. */
async function ringLane(core: Core, chunks: readonly Chunk[]): Promise<void> {
  const bells = inTurn(chunks).map(({ lane, producer, minute, id }) => ({
    bell: { kind: 'chunk' as const, lane, producer, minute, id },
    delaySeconds: BELL_DELAY_SECONDS,
  }));
  try {
    await core.queues.ring(bells);
  } catch (error) {
    core.report('sweep.failed', { code: codeOf(error), count: bells.length });
  }
}

/** One chunk of each producer, then the second one of each, and so on; each producer's in order of time. */
export function inTurn(chunks: readonly Chunk[]): readonly Chunk[] {
  const byProducer = [...Map.groupBy(chunks, ({ producer }) => producer).values()].map((own) =>
    own.toSorted((a, b) => turnOf(a) - turnOf(b) || a.minute - b.minute),
  );
  const longest = Math.max(0, ...byProducer.map((own) => own.length));
  return Array.from({ length: longest }, (_, turn) => byProducer.flatMap((own) => own[turn] ?? [])).flat();
}

/**
 * What failed stands in line from the end of its back-off: what waits since before has its turn first, so that records
 * that always fail do not use up the lane's allowance hour after hour. So does what was left for a person.
 */
function turnOf({ minute, failures, notBefore = 0, waits = [] }: Chunk): Instant {
  return failures > 0 || waits.some(({ code }) => FOR_A_PERSON.has(code))
    ? Math.max(minute, notBefore)
    : minute;
}
