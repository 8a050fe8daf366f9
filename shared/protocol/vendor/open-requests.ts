import type { Asked } from '../../domain/record/asked.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { ActedOn, Chunk, ChunkKey } from '../../domain/record/work.ts';

/** A request, and what it is about. */
export type AskedOn = ActedOn & { readonly asked: Asked };

export function isRequest(one: ActedOn): one is AskedOn {
  return one.asked !== undefined;
}

/** Requests that a vendor has had, or may have had, and of which it has not said that they are done. */
export interface OpenRequests {
  readonly refs: readonly HoldingRef[];
  /** When the vendor is asked next what came of one of them. */
  readonly next: Instant;
  /** When the first of them was decided on. */
  readonly since: Instant;
}

export function openRequests({ uncertain }: Pick<Chunk, 'uncertain'>): OpenRequests | undefined {
  const open = uncertain.filter(isRequest);
  if (open.length === 0) return undefined;
  return {
    refs: [...new Set(open.map(({ ref }) => ref))],
    next: Math.min(...open.map(({ asked }) => asked.next ?? asked.at)),
    since: Math.min(...open.map(({ asked }) => asked.since)),
  };
}

const NAME = 'requested.';

/** A chunk with such requests is named like an attempt, as long as they are open. Ids and minutes have no dot. */
export function requestsToken({ minute, id, producer }: ChunkKey): string {
  return `${NAME}${minute}.${id}.${producer}`;
}

/** Of a name that `requestsToken` has given. */
export function chunkOfRequests(lane: string, token: string): ChunkKey | undefined {
  const [, minute, id, producer] = /^requested\.(\d+)\.([^.]+)\.(.+)$/s.exec(token) ?? [];
  if (minute === undefined || id === undefined || producer === undefined) return undefined;
  return { lane, producer, minute: Number(minute), id };
}
