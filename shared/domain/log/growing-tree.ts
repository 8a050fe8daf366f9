import { HASH_BYTES, hashesIn, type Tile, TILE_WIDTH, tilePath } from './tiles.ts';
import { joined, nodeHash, rootOfSize } from './tree.ts';

/** A tree to which leaves are added: keeps the tiles at its right edge only. */
export interface GrowingTree {
  readonly size: number;
  /** The tiles above the leaves that this leaf completed. */
  add(leaf: Uint8Array): readonly MadeTile[];
  root(): Uint8Array;
  /** The partial tiles at the right edge, from the leaves up. */
  edge(): readonly MadeTile[];
}

export interface MadeTile {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

interface Level {
  index: number;
  hashes: Uint8Array[];
}

export function growingTree(): GrowingTree {
  const levels: Level[] = [];
  let size = 0;

  function put(level: number, hash: Uint8Array): readonly MadeTile[] {
    const own = (levels[level] ??= { index: 0, hashes: [] });
    own.hashes.push(hash);
    if (own.hashes.length < TILE_WIDTH) return [];
    const { index, hashes } = own;
    levels[level] = { index: index + 1, hashes: [] };
    return [made(level, index, hashes), ...put(level + 1, whole(hashes))];
  }

  function edge(): readonly MadeTile[] {
    return levels.flatMap(({ index, hashes }, level) =>
      hashes.length > 0 ? [made(level, index, hashes)] : [],
    );
  }

  return {
    get size() {
      return size;
    },
    add(leaf) {
      size += 1;
      return put(0, leaf);
    },
    root: () => {
      const tiles = new Map(edge().map(({ tile, bytes }) => [tilePath(tile), bytes]));
      return rootOfSize(size, hashesIn(tiles, size));
    },
    edge,
  };
}

function made(level: number, index: number, hashes: readonly Uint8Array[]): MadeTile {
  return {
    tile: { level, index, width: hashes.length },
    bytes: Buffer.concat(hashes, hashes.length * HASH_BYTES),
  };
}

/** The root of as many hashes as a power of two. */
function whole(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_none, at) =>
      nodeHash(level[2 * at] ?? joined([]), level[2 * at + 1] ?? joined([])),
    );
  return level[0] ?? joined([]);
}
