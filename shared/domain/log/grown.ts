import { packEntries, unpackEntries } from './bundles.ts';
import {
  bundlePath,
  bundlesBetween,
  edgeTiles,
  HASH_BYTES,
  hashesIn,
  TILE_WIDTH,
  tilePath,
} from './tiles.ts';
import { leafHash, nodeHash, rootOfSize, same, type TreeHead } from './tree.ts';

/** Objects of a log by their paths. */
type Objects = ReadonlyMap<string, Uint8Array>;

/** The partial objects of a tree: all that is needed to go on from it. */
export interface Edge {
  readonly size: number;
  readonly tiles: Objects;
  /** Entries of the partial bundle. */
  readonly entries: readonly Uint8Array[];
}

export interface Grown extends TreeHead {
  /** Tiles and bundles that the tree did not have before. */
  readonly objects: Objects;
}

/** The paths of a tree's partial objects. */
export function edgePaths(size: number): readonly string[] {
  const width = size % TILE_WIDTH;
  const bundle = { index: Math.floor(size / TILE_WIDTH), width };
  return [...edgeTiles(size).map(tilePath), ...(width > 0 ? [bundlePath(bundle)] : [])];
}

/** The edge of a tree from its partial objects; the path of the first one that does not give its root. */
export function edgeOf(
  { size, root }: TreeHead,
  objects: Objects,
): { readonly ok: true; readonly edge: Edge } | { readonly ok: false; readonly path: string } {
  const tiles = new Map<string, Uint8Array>();
  for (const tile of edgeTiles(size)) {
    const path = tilePath(tile);
    const bytes = objects.get(path);
    if (bytes?.length !== tile.width * HASH_BYTES) return { ok: false, path };
    tiles.set(path, bytes);
  }
  const hashOf = hashesIn(tiles, size);
  const [path = ''] = edgePaths(size);
  if (!same(rootOfSize(size, hashOf), root)) return { ok: false, path };
  const width = size % TILE_WIDTH;
  if (width === 0) return { ok: true, edge: { size, tiles, entries: [] } };
  const bundle = bundlePath({ index: Math.floor(size / TILE_WIDTH), width });
  const entries = unpackEntries(objects.get(bundle) ?? new Uint8Array(), width) ?? [];
  const isOfTree = entries.every((entry, at) =>
    same(leafHash(entry), hashOf({ level: 0, index: size - width + at })),
  );
  return entries.length === width && isOfTree
    ? { ok: true, edge: { size, tiles, entries } }
    : { ok: false, path: bundle };
}

/** The tree with these entries after its own. Throws a RangeError for an entry that no bundle can have. */
export function grownBy({ size, tiles, entries: before }: Edge, entries: readonly Uint8Array[]): Grown {
  const next = size + entries.length;
  const objects = new Map<string, Uint8Array>();
  const all = [...before, ...entries];
  for (const bundle of bundlesBetween(size, next)) {
    const first = bundle.index * TILE_WIDTH - (size - before.length);
    objects.set(bundlePath(bundle), packEntries(all.slice(first, first + bundle.width)));
  }
  let added: readonly Uint8Array[] = entries.map(leafHash);
  for (let level = 0, count = size; added.length > 0; level += 1) {
    const index = Math.floor(count / TILE_WIDTH);
    const width = count % TILE_WIDTH;
    const there = tiles.get(tilePath({ level, index, width })) ?? new Uint8Array();
    const whole = addTiles(objects, { level, index }, Buffer.concat([there, ...added]));
    added = whole.map((tile) => topOf(hashesIn(objects, next), level, tile));
    count = index;
  }
  const root = rootOfSize(next, hashesIn(new Map([...tiles, ...objects]), next));
  return { size: next, root, objects };
}

/** Puts these hashes, from the first one of this tile on, into tiles. Answers which of them are whole. */
function addTiles(
  objects: Map<string, Uint8Array>,
  { level, index }: { readonly level: number; readonly index: number },
  hashes: Uint8Array,
): readonly number[] {
  const whole: number[] = [];
  for (let at = 0; at * HASH_BYTES < hashes.length; at += TILE_WIDTH) {
    const tile = hashes.subarray(at * HASH_BYTES, (at + TILE_WIDTH) * HASH_BYTES);
    const width = tile.length / HASH_BYTES;
    objects.set(tilePath({ level, index: index + at / TILE_WIDTH, width }), tile);
    if (width === TILE_WIDTH) whole.push(index + at / TILE_WIDTH);
  }
  return whole;
}

/** The hash over a whole tile, from its two halves. */
function topOf(hashOf: ReturnType<typeof hashesIn>, level: number, tile: number): Uint8Array {
  const half = { level: 8 * level + 7, index: 2 * tile };
  return nodeHash(hashOf(half), hashOf({ ...half, index: half.index + 1 }));
}
