import { utf8Text } from '../utf8.ts';
import { unpackEntries } from './bundles.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { makeReceipt, tilesOfReceipt } from './make-receipt.ts';
import { MINIMUM_INDEX, readMinimumIndex } from './minimum-index.ts';
import { parseNote } from './note.ts';
import { Receipt } from './receipt.ts';
import { type Bundle, bundlePath, HASH_BYTES, TILE_WIDTH, tilePath } from './tiles.ts';

/** The files of a log by their paths; nothing where there is no such file. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** Why no receipt can be made of the files of a log. */
export type NoReceipt =
  | { readonly code: 'missing' | 'too-short' | 'unreadable'; readonly path: string }
  | { readonly code: 'not-signed'; readonly size: number }
  /** Entries before this index were dropped. */
  | { readonly code: 'dropped'; readonly before: number };

export type ReadReceipt =
  | { readonly ok: true; readonly receipt: Receipt; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: NoReceipt };

/** It reads the checkpoint, one bundle and O(log n) tiles. Whether the receipt is right, `verifyReceipt` says. */
export async function readReceipt(read: ReadFile, index: number): Promise<ReadReceipt> {
  const bytes = await read('checkpoint');
  if (bytes === undefined) return no('missing', 'checkpoint');
  const note = utf8Text(bytes);
  const checkpoint = parseCheckpoint(parseNote(note ?? '')?.text ?? '');
  if (note === undefined || checkpoint === undefined) return no('unreadable', 'checkpoint');
  const { size } = checkpoint;
  if (index >= size) return { ok: false, fault: { code: 'not-signed', size } };
  const at = Math.floor(index / TILE_WIDTH);
  const bundle = { index: at, width: Math.min(TILE_WIDTH, size - at * TILE_WIDTH) };
  const found = await readTile(read, bundle, bundlePath);
  if (found === undefined) {
    const before = readMinimumIndex((await read(MINIMUM_INDEX)) ?? new Uint8Array()) ?? 0;
    return index < before
      ? { ok: false, fault: { code: 'dropped', before } }
      : no('missing', bundlePath(bundle));
  }
  const entry = unpackEntries(found.bytes, found.width)?.[index % TILE_WIDTH];
  if (entry === undefined) return no('unreadable', found.path);
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesOfReceipt(index, size)) {
    const own = await readTile(read, tile, tilePath);
    if (own === undefined) return no('missing', tilePath(tile));
    if (own.bytes.length < tile.width * HASH_BYTES) return no('too-short', own.path);
    tiles.set(tilePath(tile), own.bytes);
  }
  const receipt = receiptOf(() => makeReceipt({ index, bytes: entry, tiles, checkpoint: note, size }));
  return receipt === undefined ? no('unreadable', found.path) : { ok: true, receipt, checkpoint };
}

/**
 * A tile or a bundle: the partial one, or the whole one, because a partial one may be removed once the whole one is there.
 * `path` and `width` are those of what was read.
 */
export async function readTile<Place extends Bundle>(
  read: ReadFile,
  tile: Place,
  pathOf: (tile: Place) => string,
): Promise<{ readonly path: string; readonly bytes: Uint8Array; readonly width: number } | undefined> {
  for (const width of new Set([tile.width, TILE_WIDTH])) {
    const path = pathOf({ ...tile, width });
    const bytes = await read(path);
    if (bytes !== undefined) return { path, bytes, width };
  }
  return undefined;
}

function receiptOf(make: () => Receipt): Receipt | undefined {
  try {
    const receipt = make();
    // The entry may be what no receipt can have.
    return Receipt.safeParse(receipt).success ? receipt : undefined;
  } catch {
    // It may quote the entry.
    return undefined;
  }
}

function no(code: 'missing' | 'too-short' | 'unreadable', path: string): ReadReceipt {
  return { ok: false, fault: { code, path } };
}
