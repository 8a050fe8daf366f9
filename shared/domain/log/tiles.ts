import { type HashOf, type TreeNode, wholeHash } from './tree.ts';

/** Hashes, or entries, in a whole tile. A tile has the hashes of eight levels of the tree: seven are computed from it. */
export const TILE_WIDTH = 256;
const TILE_LEVELS = 8;
export const HASH_BYTES = 32;

/** `width`: how many hashes it has, 1 to 256. `level`: 0 has the hashes of leaves. https://c2sp.org/tlog-tiles */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Entries as they are, beside the tile of their hashes. */
export type Bundle = Omit<Tile, 'level'>;

export function tilePath({ level, ...place }: Tile): string {
  return `tile/${level}/${placeOf(place)}`;
}

export function bundlePath(bundle: Bundle): string {
  return `tile/entries/${placeOf(bundle)}`;
}

function placeOf({ index, width }: Bundle): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return width === TILE_WIDTH ? place : `${place}.p/${width}`;
}

/** The tiles of a tree of size `to` that one of size `from` does not have, from the leaves to the root. */
export function tilesBetween(from: number, to: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, of = 1; to >= of; level += 1, of *= TILE_WIDTH) {
    const before = Math.floor(from / of);
    const hashes = Math.floor(to / of);
    if (before === hashes) continue;
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < hashes; index += 1)
      tiles.push({ level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) });
  }
  return tiles;
}

/** The bundles of a log of size `to` that one of size `from` does not have. */
export function bundlesBetween(from: number, to: number): readonly Bundle[] {
  return tilesBetween(from, to).flatMap(({ level, ...bundle }) => (level === 0 ? [bundle] : []));
}

/** The partial tiles at the right edge of a tree of this size: all that its root is computed from. */
export function edgeTiles(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, of = 1; size >= of; level += 1, of *= TILE_WIDTH) {
    const hashes = Math.floor(size / of);
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/** The tile of a tree of this size that the hash of a node is read or computed from. */
function tileWith({ level, index }: TreeNode, size: number): Tile {
  const tileLevel = Math.floor(level / TILE_LEVELS);
  const first = index * 2 ** (level % TILE_LEVELS);
  const tile = Math.floor(first / TILE_WIDTH);
  const hashes = Math.floor(size / TILE_WIDTH ** tileLevel);
  return { level: tileLevel, index: tile, width: Math.min(TILE_WIDTH, hashes - tile * TILE_WIDTH) };
}

/** Every tile that these nodes of a tree of this size lie in, once. */
export function tilesWith(nodes: readonly TreeNode[], size: number): readonly Tile[] {
  return [
    ...new Map(nodes.map((node) => tileWith(node, size)).map((tile) => [tilePath(tile), tile])).values(),
  ];
}

/**
 * Hashes of nodes from the bytes of tiles, by their paths. Throws a RangeError for a node whose tile is not there or is too
 * short.
 */
export function hashesIn(tiles: ReadonlyMap<string, Uint8Array>, size: number): HashOf {
  return (node) => {
    const path = tilePath(tileWith(node, size));
    const bytes = tiles.get(path);
    const width = 2 ** (node.level % TILE_LEVELS);
    const first = (node.index * width) % TILE_WIDTH;
    if (bytes === undefined || bytes.length < (first + width) * HASH_BYTES)
      throw new RangeError(
        `the tile ${path} does not have the hash of node ${node.index} of level ${node.level}`,
      );
    return wholeHash(hashesOf(bytes.subarray(first * HASH_BYTES, (first + width) * HASH_BYTES)));
  };
}

/** The hashes in the bytes of a tile, from the left to the right. */
export function hashesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_none, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
