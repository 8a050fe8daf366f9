import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundlePath,
  bundlesBetween,
  edgeTiles,
  hashesIn,
  type Tile,
  tilePath,
  tilesBetween,
  tilesWith,
  TILE_WIDTH,
} from '../../../shared/domain/log/tiles.ts';
import {
  inclusionRanges,
  leafHash,
  nodesOf,
  nodeHash,
  rangeHash,
  rootOfSize,
} from '../../../shared/domain/log/tree.ts';
import { leavesOf, mth, path } from '../../support/log/naive-tree.ts';

const count = 70_000;
const leaves = leavesOf(count);
/** The hashes of each level of tiles: of every 256 hashes of the level below. */
const stored: (readonly Uint8Array[])[] = [leaves.map((leaf) => leafHash(leaf))];
for (let below = stored[0] ?? []; below.length >= TILE_WIDTH;) {
  below = Array.from({ length: Math.floor(below.length / TILE_WIDTH) }, (_none, at) =>
    whole(below.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH)),
  );
  stored.push(below);
}

function whole(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = hashes;
  if (first === undefined || rest.length === 0) return first ?? new Uint8Array();
  return nodeHash(whole(hashes.slice(0, hashes.length / 2)), whole(hashes.slice(hashes.length / 2)));
}

function bytesOf({ level, index, width }: Tile): Uint8Array {
  return Buffer.concat(stored[level]?.slice(index * TILE_WIDTH, index * TILE_WIDTH + width) ?? []);
}

const files = (tiles: readonly Tile[]): ReadonlyMap<string, Uint8Array> =>
  new Map(tiles.map((tile) => [tilePath(tile), bytesOf(tile)]));

describe('the path of a tile', () => {
  it('is that of tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 2, index: 0, width: 1 })).toBe('tile/2/000.p/1');
    expect(tilePath({ level: 1, index: 999, width: 256 })).toBe('tile/1/999');
    expect(bundlePath({ index: 1000, width: 255 })).toBe('tile/entries/x001/000.p/255');
  });

  it('is another one for every tile', () => {
    const tile = fc.record({
      level: fc.nat(6),
      index: fc.nat(2 ** 31),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, tile, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(tilePath(one)).not.toBe(tilePath(other));
      }),
    );
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 entries are those that tlog-tiles gives as its example', () => {
    const tiles = tilesBetween(0, 70_000);
    const named = (level: number): readonly Tile[] => tiles.filter((tile) => tile.level === level);
    expect(named(0).length).toBe(274);
    expect(named(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(named(1)).toEqual([
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
    ]);
    expect(named(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(tilesBetween(0, 256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect(edgeTiles(256).map(tilePath)).toEqual(['tile/1/000.p/1']);
    expect(edgeTiles(0)).toEqual([]);
    expect(bundlesBetween(0, 0)).toEqual([]);
  });

  it('that steps of any lengths wrote are all that a tree of the last size is read from', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 12 }), (steps) => {
        const sizes = steps.reduce((all, step) => [...all, (all.at(-1) ?? 0) + step], [0]);
        const size = sizes.at(-1) ?? 0;
        const written = new Set(
          sizes.slice(1).flatMap((to, at) => tilesBetween(sizes[at] ?? 0, to).map(tilePath)),
        );
        for (const tile of tilesBetween(0, size)) expect(written).toContain(tilePath(tile));
        for (const tile of edgeTiles(size)) expect(written).toContain(tilePath(tile));
      }),
      { numRuns: 50 },
    );
  });

  it('give the root from the partial ones at the right edge alone', () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 4096, 65_536, 70_000]) {
      const root = rootOfSize(size, hashesIn(files(edgeTiles(size)), size));
      expect(Buffer.from(root).equals(mth(leaves.slice(0, size)))).toBe(true);
    }
  });

  it('give the proof of any leaf, from at most two tiles a level', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (size, seed) => {
        const ranges = inclusionRanges(seed % size, size);
        const tiles = tilesWith(ranges.flatMap(nodesOf), size);
        expect(tiles.length).toBeLessThanOrEqual(4);
        const hashOf = hashesIn(files(tiles), size);
        expect(ranges.map((range) => Buffer.from(rangeHash(range, hashOf)).toString('hex'))).toEqual(
          path(seed % size, leaves.slice(0, size)).map((hash) => Buffer.from(hash).toString('hex')),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('that are missing or too short are named', () => {
    expect(() => hashesIn(new Map(), 300)({ level: 0, index: 299 })).toThrow('tile/0/001.p/44');
    const short = new Map([['tile/0/001.p/44', Buffer.alloc(43 * 32)]]);
    expect(() => hashesIn(short, 300)({ level: 0, index: 299 })).toThrow('tile/0/001.p/44');
  });
});
