import { isRead, PARTS_AT_ONCE } from '../../domain/export/export-part.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { type Advanced, beginAgain, type ExportCore, type Exporting, saved } from './export-core.ts';
import { partsFrom } from './parts-from.ts';
import { ringParts } from './ring-parts.ts';

/** A lane that has not read a part by then does not do so by itself any more. */
const ASK_AGAIN_AFTER = 900_000;

/**
 * Looks how far the lanes are, from the first part on that was not read yet, so that each part is looked at about once. Of
 * a store that did not go on for a quarter of an hour, the first few parts that are not read are asked for again: never
 * more of them than at the beginning, however often it fails.
 */
export async function watchParts(core: ExportCore, { request, state }: Exporting): Promise<Advanced> {
  const now = core.clock.now();
  const read: Record<string, number> = {};
  const askedAt: Record<string, Instant> = {};
  const stuck: string[] = [];
  for (const [store, count] of Object.entries(state.parts)) {
    const [before = 0, since = 0] = [state.read?.[store], state.askedAt?.[store]];
    const upTo = await readUpTo(core, state, store);
    if (upTo === 'lost') return beginAgain(core, request, 'PARTS_GONE');
    read[store] = upTo;
    askedAt[store] = upTo > before ? now : since;
    if (upTo === count || upTo > before || now - since < ASK_AGAIN_AFTER) continue;
    stuck.push(store);
    askedAt[store] = now;
  }
  const { read: _read, askedAt: _askedAt, ...rest } = state;
  if (Object.entries(state.parts).every(([store, count]) => read[store] === count))
    return saved(core, request, { ...rest, step: 'building' });
  if (Object.entries(askedAt).every(([store, at]) => at === state.askedAt?.[store])) return { kind: 'wait' };
  const next = await saved(core, request, { ...state, read, askedAt });
  if (next.kind !== 'on') return next;
  await ringParts(core, next.exporting, await unreadParts(core, next.exporting.state, stuck));
  return { kind: 'wait' };
}

async function readUpTo(core: ExportCore, state: ExportState, store: string): Promise<number | 'lost'> {
  let done = state.read?.[store] ?? 0;
  for await (const part of partsFrom(core, state, store, done)) {
    if (part === undefined) return 'lost';
    if (!isRead(part)) break;
    done = part.number;
  }
  return done;
}

async function unreadParts(
  core: ExportCore,
  state: ExportState,
  stores: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const unread = new Map<string, readonly number[]>();
  for (const store of stores) {
    const numbers: number[] = [];
    for await (const part of partsFrom(core, state, store, state.read?.[store] ?? 0)) {
      if (part !== undefined && !isRead(part)) numbers.push(part.number);
      if (numbers.length === PARTS_AT_ONCE) break;
    }
    unread.set(store, numbers);
  }
  return unread;
}
