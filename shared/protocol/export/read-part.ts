import {
  type CollectionRead,
  type ExportPart,
  isRead,
  type PartFile,
  PARTS_AT_ONCE,
} from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { mergeLeftOut } from '../../domain/export/manifest.ts';
import { isOpen } from '../../domain/people/request.ts';
import { parts } from '../../domain/each.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ExportBell } from '../../ports/queues.ts';
import type { LaneCore } from '../core.ts';
import { dataFiles } from './data-files.ts';
import { partsFrom } from './parts-from.ts';
import { readCollection } from './read-collection.ts';
import { READ_AT_ONCE, type ReadOn, type Reading, SAVE_AFTER } from './reading.ts';
import { readRecords } from './read-records.ts';

/**
 * Reads one part of an export: its records become pieces in the exports bucket. May run twice, late, or for a request that
 * is over: every run writes objects of its own, and the part, which is written on its version, names those that count.
 * A record that the store does not answer goes to the end of the part and holds back no other: the sweep asks for it
 * again. If nothing of a part could be read, the store does not work now, and no further part is asked for.
 */
export async function readPart(
  core: LaneCore,
  bell: ExportBell,
  goOn: () => boolean = () => true,
): Promise<void> {
  const request = (await core.registry.requests([bell.request])).get(bell.request);
  const state = request?.export;
  if (request === undefined || !isOpen(request) || state?.step !== 'reading') return;
  let part: ExportPart | undefined = await core.registry.exportPart({
    store: core.lane,
    exportId: state.id,
    number: bell.part,
  });
  if (part === undefined || isRead(part)) return;
  const isListed = listedIn(core, state);
  while (!isRead(part)) {
    if (!goOn()) return ring(core, bell);
    const reading: Reading = { request, state, attempt: core.tokens.next() };
    const read: CollectionRead | undefined = part.collection;
    const { next, stopped }: ReadOn =
      read === undefined
        ? await readOn(core, reading, part, goOn)
        : await readCollection(core, reading, { part, read, isListed }, goOn);
    // Another run was faster: what it read counts.
    if ((await core.registry.putExportPart(next)) === 'moved') return;
    part = next;
    if (stopped === undefined) continue;
    core.report('export.unread', { store: core.lane, code: stopped, count: part.refs.length - part.done });
    break;
  }
  const following = bell.part + PARTS_AT_ONCE;
  if ((part.done > 0 || (part.collection?.pages ?? 0) > 0) && following <= (state.parts[core.lane] ?? 0))
    await ring(core, { ...bell, part: following });
}

/** Whether a record is listed on its own in this store. All that are listed are read once, and only if something is asked. */
function listedIn(core: LaneCore, state: ExportState): (ref: HoldingRef) => Promise<boolean> {
  let listed: Promise<ReadonlySet<HoldingRef>> | undefined;
  const read = async (): Promise<ReadonlySet<HoldingRef>> => {
    const refs = new Set<HoldingRef>();
    // Of one that is lost, the export begins again.
    for await (const part of partsFrom(core, state, core.lane))
      for (const ref of part?.refs ?? []) refs.add(ref);
    return refs;
  };
  return async (ref) => (await (listed ??= read())).has(ref);
}

async function ring(core: LaneCore, bell: ExportBell): Promise<void> {
  await core.queues.ring([{ bell, delaySeconds: 0 }]);
}

/** Reads on until all were tried, it is time to save, or the store answers nothing any more. */
async function readOn(
  core: LaneCore,
  reading: Reading,
  part: ExportPart,
  goOn: () => boolean,
): Promise<ReadOn> {
  const begun = core.clock.now();
  const before = part.files.filter(({ path }) => path.startsWith('data/')).length;
  const data = dataFiles(core, reading, part, before);
  const files: PartFile[] = [...part.files];
  const leftOut = [...part.leftOut];
  const read: HoldingRef[] = part.refs.slice(0, part.done);
  const open = new Map<HoldingRef, string>();
  let tried = 0;
  let isDown = false;
  for (const refs of parts(part.refs.slice(part.done), READ_AT_ONCE)) {
    // Something is tried in any case, so that it goes on however slow the store is.
    if (isDown || (tried > 0 && (core.clock.now() - begun >= SAVE_AFTER || !goOn()))) break;
    const found = await readRecords(core, reading, { part: part.number, done: read.length, tried, refs });
    for (const line of found.lines) files.push(...(await data.add(line)));
    files.push(...found.files);
    leftOut.push(...found.leftOut);
    read.push(...refs.filter((ref) => !found.open.has(ref)));
    for (const [ref, code] of found.open) open.set(ref, code);
    tried += refs.length;
    isDown = found.open.size === refs.length;
  }
  files.push(...(await data.end()));
  const merged = mergeLeftOut(leftOut.map((one) => ({ ...one, store: part.store })));
  const untried = part.refs.slice(part.done + tried);
  const next: ExportPart = {
    ...part,
    version: part.version + 1,
    refs: [...read, ...untried, ...open.keys()],
    done: read.length,
    files,
    leftOut: merged.map(({ categories, reason, records }) => ({ categories, reason, records })),
  };
  const [code] = open.values();
  return { next, stopped: isDown || untried.length === 0 ? code : undefined };
}
