import type { Chunk } from '../domain/record/work.ts';
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
  if (known.length === 0) return;
  await core.queues.ring(
    inTurn(known).map(({ lane, producer, minute, id }) => ({
      bell: { kind: 'chunk' as const, lane, producer, minute, id },
      delaySeconds: BELL_DELAY_SECONDS,
    })),
  );
}

/** One chunk of each producer, then the second one of each, and so on; each producer's in order of time. */
export function inTurn<Item extends Pick<Chunk, 'producer' | 'minute'>>(
  chunks: readonly Item[],
): readonly Item[] {
  const byProducer = [...Map.groupBy(chunks, ({ producer }) => producer).values()].map((own) =>
    own.toSorted((a, b) => a.minute - b.minute),
  );
  const longest = Math.max(0, ...byProducer.map((own) => own.length));
  return Array.from({ length: longest }, (_, turn) => byProducer.flatMap((own) => own[turn] ?? [])).flat();
}
