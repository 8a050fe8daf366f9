import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import type { GrowingTree, MadeTile } from '../../shared/domain/log/growing-tree.ts';
import { MINIMUM_INDEX, readMinimumIndex } from '../../shared/domain/log/minimum-index.ts';
import { readTile } from '../../shared/domain/log/read-receipt.ts';
import {
  bundlePath,
  HASH_BYTES,
  hashesOf,
  type Tile,
  TILE_WIDTH,
  tilePath,
} from '../../shared/domain/log/tiles.ts';
import type { LogFault } from './audit-faults.ts';
import type { LogSource } from './log-source.ts';

/** What an audit knows of entries that are not there any more. */
export interface Dropped {
  /** How many. */
  readonly count: number;
  /** Lets an empty tree grow over them, by the hashes that are left. `grown`: after each step, with the tiles that are whole. */
  grow(
    tree: GrowingTree,
    grown: (whole: readonly MadeTile[]) => Promise<LogFault | undefined>,
  ): Promise<LogFault | undefined>;
  /**
   * The tile to blame if the hash in this place of the tiles of level 2, or the root, is not what the tiles of level 1 give,
   * and no entry that is left is at fault.
   */
  blamed(place?: number): LogFault | undefined;
  /** Has to be told all entries that are left. */
  add(entry: Entry | NoteEntry): void;
  /** The log has to say by itself what was dropped. */
  faultAtEnd(): LogFault | undefined;
}

/** The same files. What was read last is not read again by who asks for it next: it may have 16 MB. */
export function rememberingLast(source: LogSource): LogSource {
  let last: { readonly path: string; readonly bytes: Uint8Array | undefined } | undefined;
  return {
    ...source,
    async read(path) {
      if (last?.path !== path) last = { path, bytes: await source.read(path) };
      return last.bytes;
    },
  };
}

/**
 * A copy that still has its first entry is audited from there, whatever the log has dropped since. Where it is there, nothing
 * else is asked for: some servers answer a question about what is not there with 403.
 */
export async function droppedIn(source: LogSource, size: number): Promise<Dropped | LogFault> {
  const first = { index: 0, width: Math.min(TILE_WIDTH, size) };
  if (size === 0 || (await readTile(source.read, first, bundlePath)) !== undefined)
    return dropping(source, size, 0);
  const published = await source.read(MINIMUM_INDEX);
  if (published === undefined) return dropping(source, size, 0);
  const count = readMinimumIndex(published);
  if (count === undefined)
    return fault('is not the number of the first entry of a whole bundle, and a newline.');
  if (count > size)
    return fault(`says that entries before ${count} were dropped, and the log has only ${size}.`);
  return dropping(source, size, count);
}

function dropping(source: LogSource, size: number, count: number): Dropped {
  /** Of the tiles of level 1 that were read, in their order. */
  const paths: string[] = [];
  let told = 0;
  return {
    count,
    async grow(tree, grown) {
      const hashes = Math.floor(size / TILE_WIDTH);
      for (let index = 0; tree.size < count; index += 1) {
        const tile = { level: 1, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
        const read = await tileOf(source, tile);
        if ('file' in read) return read;
        paths.push(read.path);
        const wanted = Math.min(tile.width, (count - tree.size) / TILE_WIDTH);
        for (const hash of hashesOf(read.bytes.subarray(0, wanted * HASH_BYTES))) {
          // The tile of level 1 is the one that was read.
          const wrong = await grown(tree.addWhole(hash).slice(1));
          if (wrong !== undefined) return wrong;
        }
      }
      return undefined;
    },
    blamed(place = paths.length - 1) {
      const file = paths[place];
      return file === undefined
        ? undefined
        : { file, problem: 'has hashes of dropped entries that do not give the signed root.' };
    },
    add(entry) {
      if ('did' in entry && entry.did === 'drop') told = Math.max(told, entry.before);
    },
    faultAtEnd: () =>
      told >= count
        ? undefined
        : fault(
            `says that entries before ${count} were dropped, and the log itself says so only of ${told} entries.`,
          ),
  };
}

async function tileOf(
  source: LogSource,
  tile: Tile,
): Promise<{ readonly path: string; readonly bytes: Uint8Array } | LogFault> {
  const found = await readTile(source.read, tile, tilePath);
  if (found === undefined) return { file: tilePath(tile), problem: 'is missing.' };
  const right = found.width * HASH_BYTES;
  if (found.bytes.length === right) return found;
  return { file: found.path, problem: `has ${found.bytes.length} bytes, not ${right}.` };
}

function fault(problem: string): LogFault {
  return { file: MINIMUM_INDEX, problem };
}
