import { unpackEntries } from '../../shared/domain/log/bundles.ts';
import { type Checkpoint, parseCheckpoint } from '../../shared/domain/log/checkpoint.ts';
import { makeReceipt, recordPath, tilesOfReceipt } from '../../shared/domain/log/make-receipt.ts';
import { parseNote } from '../../shared/domain/log/note.ts';
import { pageIn, Receipt, receiptText } from '../../shared/domain/log/receipt.ts';
import { listFault, type PageList } from '../../shared/domain/record/page-list.ts';
import { parseJson } from '../../shared/contract/parse.ts';
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
  const path = recordPath(ref, await recordsOf(source, { receipt, list }));
  if (path === undefined) throw new UsageError(`The list of entry ${index} does not have the record ${ref}.`);
  return { receipt: { ...receipt, record: path }, checkpoint };
}

function receiptIn(make: () => Receipt): Receipt {
  try {
    const receipt = make();
    // As `tenure log verify` reads it: the entry may be what no receipt can have, such as one that is nested too deep.
    const json = parseJson(receiptText(receipt));
    if (json.ok && Receipt.safeParse(json.value).success) return receipt;
  } catch {
    // It may quote the entry.
  }
  throw new UsageError('The entry cannot be read: run `tenure log audit` on this log.');
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

/** The list that the entry was written about; if there is none, another one of its place: the receipt is checked with it. */
async function recordsOf(
  source: LogSource,
  { receipt: { index, entry }, list: file }: { readonly receipt: Receipt; readonly list: string | undefined },
): Promise<readonly string[]> {
  if (file !== undefined) {
    const list = listIn(await textOf(file), index);
    if (list !== undefined) return list.records;
    throw new UsageError(`${file} has no list of entry ${index}.`);
  }
  const page = pageIn(entry);
  let other: PageList | undefined;
  for (const name of await namesOfLists(source, index)) {
    const list = listIn(textIn(name, await bytesOf(source, `lists/${name}`)), index);
    if (list !== undefined && page !== undefined && listFault(page, list.records) === undefined)
      return list.records;
    // A batch that never came into the log may have left a list for the same place.
    other ??= list;
  }
  if (other !== undefined) return other.records;
  throw new UsageError(
    `The log has no list of the records of entry ${index} that can be found: name the object from lists/ with --list.`,
  );
}

/** Of the batch that the entry is in: of all that begin at it or before it, those that begin last. */
async function namesOfLists(source: LogSource, index: number): Promise<readonly string[]> {
  let first = -1;
  let own: string[] = [];
  for (const name of (await source.list('lists')) ?? []) {
    const at = /^\d{20}-/.test(name) ? Number(name.slice(0, 20)) : Infinity;
    if (at > index || at < first) continue;
    if (at > first) own = [];
    first = at;
    own.push(name);
  }
  return own;
}
