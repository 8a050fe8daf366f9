import { edgeTiles, hashesIn, hashesOf, type Tile, TILE_WIDTH, tilePath } from './tiles.ts';
import { rootOfSize, wholeHash } from './tree.ts';

/** A tree to which leaves are added: keeps the tiles at its right edge only. */
export interface GrowingTree {
  readonly size: number;
  /** The tiles that this leaf completed, from the leaves up. */
  add(leaf: Uint8Array): readonly MadeTile[];
  /** The same of the hash of a whole tile of leaves, where no leaf is in a partial one. */
  addWhole(hash: Uint8Array): readonly MadeTile[];
  root(): Uint8Array;
  /** The partial tiles at the right edge, from the leaves up. */
  edge(): readonly MadeTile[];
}

export interface MadeTile {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

interface Start {
  readonly size: number;
  /** The bytes of its partial tiles, by their paths. */
  readonly tiles: ReadonlyMap<string, Uint8Array>;
}

/** Begins with no leaf, or with a tree of this size. */
export function growingTree(start: Start = { size: 0, tiles: new Map() }): GrowingTree {
  /** Of each level the hashes that are in no whole tile yet. */
  const levels: Uint8Array[][] = [];
  for (const tile of edgeTiles(start.size))
    levels[tile.level] = hashesOf(start.tiles.get(tilePath(tile)) ?? new Uint8Array());
  let { size } = start;

  function put(level: number, hash: Uint8Array): readonly MadeTile[] {
    const hashes = (levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return [];
    levels[level] = [];
    const index = size / TILE_WIDTH ** (level + 1) - 1;
    const tile = { level, index, width: TILE_WIDTH };
    return [{ tile, bytes: Buffer.concat(hashes) }, ...put(level + 1, wholeHash(hashes))];
  }

  const edge = (): readonly MadeTile[] =>
    edgeTiles(size).map((tile) => ({ tile, bytes: Buffer.concat(levels[tile.level] ?? []) }));

  return {
    get size() {
      return size;
    },
    add(leaf) {
      size += 1;
      return put(0, leaf);
    },
    addWhole(hash) {
      size += TILE_WIDTH;
      return put(1, hash);
    },
    root: () => {
      const tiles = new Map(edge().map(({ tile, bytes }) => [tilePath(tile), bytes]));
      return rootOfSize(size, hashesIn(tiles, size));
    },
    edge,
  };
}
