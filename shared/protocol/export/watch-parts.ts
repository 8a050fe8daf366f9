import { isRead, PARTS_AT_ONCE } from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { type Advanced, type ExportCore, type Exporting, saved } from './export-core.ts';
import { partsFrom } from './parts-from.ts';
import { ringParts } from './ring-parts.ts';

/** A lane that has not read a part by then does not do so by itself any more. */
const ASK_AGAIN_AFTER = 900_000;

/**
 * Looks how far the lanes are, from the first part on that was not read yet, so that each part is looked at about once. If
 * none went on for a quarter of an hour, the first few parts of each store that are not read are asked for again: never
 * more of them than at the beginning, however often a store fails.
 */
export async function watchParts(core: ExportCore, { request, state }: Exporting): Promise<Advanced> {
  const read: Record<string, number> = {};
  for (const store of Object.keys(state.parts)) read[store] = await readUpTo(core, state, store);
  const { read: before = {}, askedAt = 0, ...rest } = state;
  if (Object.entries(state.parts).every(([store, count]) => read[store] === count))
    return saved(core, request, { ...rest, step: 'building' });
  const now = core.clock.now();
  const isStuck = Object.entries(read).every(([store, count]) => count === (before[store] ?? 0));
  if (isStuck && now - askedAt < ASK_AGAIN_AFTER) return { kind: 'wait' };
  const next = await saved(core, request, { ...state, read, askedAt: now });
  if (next.kind !== 'on') return next;
  if (isStuck) await ringParts(core, next.exporting, await unreadParts(core, next.exporting.state));
  return { kind: 'wait' };
}

async function readUpTo(core: ExportCore, state: ExportState, store: string): Promise<number> {
  let done = state.read?.[store] ?? 0;
  for await (const part of partsFrom(core, state, store, done)) {
    if (!isRead(part)) break;
    done = part.number;
  }
  return done;
}

async function unreadParts(
  core: ExportCore,
  state: ExportState,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const unread = new Map<string, readonly number[]>();
  for (const store of Object.keys(state.parts)) {
    const numbers: number[] = [];
    for await (const part of partsFrom(core, state, store, state.read?.[store] ?? 0)) {
      if (!isRead(part)) numbers.push(part.number);
      if (numbers.length === PARTS_AT_ONCE) break;
    }
    unread.set(store, numbers);
  }
  return unread;
}
