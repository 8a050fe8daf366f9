import { unpackEntries } from '../../shared/domain/log/bundles.ts';
import { type Checkpoint, parseCheckpoint } from '../../shared/domain/log/checkpoint.ts';
import { makeReceipt, recordPath, tilesOfReceipt } from '../../shared/domain/log/make-receipt.ts';
import { parseNote } from '../../shared/domain/log/note.ts';
import type { Receipt } from '../../shared/domain/log/receipt.ts';
import { bundlePath, HASH_BYTES, TILE_WIDTH, tilePath } from '../../shared/domain/log/tiles.ts';
import { textIn, textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';
import { type LogSource, readTile } from './log-source.ts';
import { listIn } from './page-lists.ts';

interface Wanted {
  readonly index: number;
  /** The reference of one record of the entry's page. */
  readonly ref?: string | undefined;
  /** The file with the list of the page. Without it, the list is looked for in the log. */
  readonly list?: string | undefined;
}

/** Throws a UsageError if the log does not have what the receipt is made from. It reads O(log n) tiles and one bundle. */
export async function receiptFromLog(
  source: LogSource,
  { index, ref, list }: Wanted,
): Promise<{ readonly receipt: Receipt; readonly checkpoint: Checkpoint }> {
  const note = textIn('checkpoint', await bytesOf(source, 'checkpoint'));
  const checkpoint = parseCheckpoint(parseNote(note)?.text ?? '');
  if (checkpoint === undefined) throw new UsageError('The log has no checkpoint that can be read.');
  const { size } = checkpoint;
  if (index >= size)
    throw new UsageError(
      size === 0
        ? 'The log has no entries yet.'
        : `The signed log has ${size} entries, 0 to ${size - 1}: there is no entry ${index} yet.`,
    );
  const bytes = await entryBytes(source, index, size);
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesOfReceipt(index, size)) {
    const { path, bytes: hashes } = (await readTile(source, tile, tilePath)) ?? missing(tilePath(tile));
    if (hashes.length < tile.width * HASH_BYTES) throw new UsageError(`${path} is too short.`);
    tiles.set(tilePath(tile), hashes);
  }
  const receipt = receiptIn(() => makeReceipt({ index, bytes, tiles, checkpoint: note, size }));
  if (ref === undefined) return { receipt, checkpoint };
  const path = recordPath(ref, await recordsOf(source, index, list));
  if (path === undefined) throw new UsageError(`The list of entry ${index} does not have the record ${ref}.`);
  return { receipt: { ...receipt, record: path }, checkpoint };
}

function receiptIn(make: () => Receipt): Receipt {
  try {
    return make();
  } catch {
    // The message of JSON.parse quotes the entry.
    throw new UsageError('The entry cannot be read: run `tenure log audit` on this log.');
  }
}

async function entryBytes(source: LogSource, index: number, size: number): Promise<Uint8Array> {
  const at = Math.floor(index / TILE_WIDTH);
  const bundle = { index: at, width: Math.min(TILE_WIDTH, size - at * TILE_WIDTH) };
  const found = (await readTile(source, bundle, bundlePath)) ?? missing(bundlePath(bundle));
  const entry = unpackEntries(found.bytes, found.width)?.[index % TILE_WIDTH];
  if (entry === undefined)
    throw new UsageError(`${found.path} cannot be read: run \`tenure log audit\` on this log.`);
  return entry;
}

async function bytesOf(source: LogSource, path: string): Promise<Uint8Array> {
  return (await source.read(path)) ?? missing(path);
}

function missing(path: string): never {
  throw new UsageError(`The log has no file ${path}.`);
}

async function recordsOf(source: LogSource, index: number, file?: string): Promise<readonly string[]> {
  if (file !== undefined) {
    const list = listIn(await textOf(file), index);
    if (list !== undefined) return list.records;
    throw new UsageError(`${file} has no list of entry ${index}.`);
  }
  const names = (await source.list('lists')) ?? [];
  const firstOf = (name: string): number => Number(name.slice(0, 20));
  const last = names.findLast((name) => firstOf(name) <= index) ?? '';
  for (const name of names.filter((one) => firstOf(one) === firstOf(last))) {
    const list = listIn(textIn(name, await bytesOf(source, `lists/${name}`)), index);
    if (list !== undefined) return list.records;
  }
  throw new UsageError(
    `The log has no list of the records of entry ${index} that can be found: name the object from lists/ with --list.`,
  );
}
