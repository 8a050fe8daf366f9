import { hash } from 'node:crypto';
import { dataPath, pieceKey } from '../../domain/export/archive-file.ts';
import { type ExportPart, isRead, type PartFile, PARTS_AT_ONCE } from '../../domain/export/export-part.ts';
import { mergeLeftOut } from '../../domain/export/manifest.ts';
import { isOpen } from '../../domain/people/request.ts';
import { parts } from '../../domain/each.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ExportBell } from '../../ports/queues.ts';
import type { LaneCore } from '../core.ts';
import type { Reading } from './reading.ts';
import { readRecords, type RecordLine } from './read-records.ts';

/** Records that are asked of the store at a time: as documents they are in memory together. */
const READ_AT_ONCE = 10;
/** A data file gets no more records once it has this number of bytes. */
const FULL_BYTES = 4 * 1024 * 1024;
/** After this time what was read is saved, so that a run that dies does not repeat more than that. */
const SAVE_AFTER = 30_000;

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
  let part = await core.registry.exportPart({ store: core.lane, exportId: state.id, number: bell.part });
  if (part === undefined || isRead(part)) return;
  while (!isRead(part)) {
    if (!goOn()) return ring(core, bell);
    const reading: Reading = { request, state, attempt: core.tokens.next() };
    const { next, stopped } = await readOn(core, reading, part, goOn);
    // Another run was faster: what it read counts.
    if ((await core.registry.putExportPart(next)) === 'moved') return;
    part = next;
    if (stopped === undefined) continue;
    core.report('export.unread', { store: core.lane, code: stopped, count: part.refs.length - part.done });
    break;
  }
  const following = bell.part + PARTS_AT_ONCE;
  if (part.done > 0 && following <= (state.parts[core.lane] ?? 0))
    await ring(core, { ...bell, part: following });
}

async function ring(core: LaneCore, bell: ExportBell): Promise<void> {
  await core.queues.ring([{ bell, delaySeconds: 0 }]);
}

interface ReadOn {
  /** The part with what was read in addition, and what could not be read at its end. */
  readonly next: ExportPart;
  /** Why it should not go on now: the code of a record that could not be read. */
  readonly stopped?: string | undefined;
}

/** Reads on until all were tried, it is time to save, or the store answers nothing any more. */
async function readOn(
  core: LaneCore,
  reading: Reading,
  part: ExportPart,
  goOn: () => boolean,
): Promise<ReadOn> {
  const begun = core.clock.now();
  const data = dataFiles(core, reading, part);
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

/** Records as JSON, in files of a few megabytes: each is written when it is full. */
function dataFiles(core: LaneCore, { state, attempt }: Reading, { store, number, files }: ExportPart) {
  let open: RecordLine[] = [];
  let bytes = 0;
  let written = files.filter(({ path }) => path.startsWith('data/')).length;

  async function end(): Promise<readonly PartFile[]> {
    if (open.length === 0) return [];
    written += 1;
    const content = Buffer.from(`[\n${open.map(({ text }) => text).join(',\n')}\n]\n`);
    const records = open.filter(({ isFile }) => !isFile).length;
    [open, bytes] = [[], 0];
    const key = pieceKey({ store, exportId: state.id, attempt, name: `data-${written}` });
    await core.exports.putPiece(key, content);
    const path = dataPath(store, number, written);
    return [{ path, key, bytes: content.length, sha256: hash('sha256', content), records }];
  }

  return {
    end,
    async add(line: RecordLine): Promise<readonly PartFile[]> {
      open.push(line);
      bytes += Buffer.byteLength(line.text);
      return bytes < FULL_BYTES ? [] : end();
    },
  };
}
