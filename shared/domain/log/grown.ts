import { packEntries, unpackEntries } from './bundles.ts';
import { growingTree } from './growing-tree.ts';
import {
  bundlePath,
  bundlesBetween,
  edgeTiles,
  HASH_BYTES,
  hashesIn,
  TILE_WIDTH,
  tilePath,
} from './tiles.ts';
import { leafHash, rootOfSize, same, type TreeHead } from './tree.ts';

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
  const tree = growingTree({ size, tiles });
  const whole = entries.flatMap((entry) => tree.add(leafHash(entry)));
  for (const { tile, bytes } of [...whole, ...tree.edge()])
    if (!tiles.has(tilePath(tile))) objects.set(tilePath(tile), bytes);
  return { size: next, root: tree.root(), objects };
}
