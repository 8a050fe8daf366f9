import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyRanges,
  type HashOf,
  inclusionRanges,
  isConsistent,
  leafHash,
  nodesOf,
  rangeHash,
  rootOfInclusion,
  rootOfSize,
} from '../../../shared/domain/log/tree.ts';
import { leavesOf, mth, path, proof } from '../../support/log/naive-tree.ts';

const SMALL = 33;
const leaves = leavesOf(600);

/** Hashes of whole subtrees by the definition. */
const hashOf: HashOf = ({ level, index }) => mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

const inclusion = (index: number, size: number): readonly Uint8Array[] =>
  inclusionRanges(index, size).map((range) => rangeHash(range, hashOf));
const consistency = (first: number, second: number): readonly Uint8Array[] =>
  consistencyRanges(first, second).map((range) => rangeHash(range, hashOf));
const heads = Array.from({ length: SMALL + 1 }, (_none, size) => ({
  size,
  root: mth(leaves.slice(0, size)),
}));
const head = (size: number): { size: number; root: Uint8Array } =>
  heads[size] ?? { size, root: mth(leaves.slice(0, size)) };
const hex = (hashes: readonly Uint8Array[]): readonly string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('hex'));

/** Each hash with one bit turned, one hash less, and one more. */
function wrongs(hashes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const turned = hashes.map((hash, at) => {
    const other = Buffer.from(hash);
    other[at % 32] = (other[at % 32] ?? 0) ^ 1;
    return hashes.with(at, other);
  });
  return [
    ...turned,
    ...(hashes.length > 0 ? [hashes.slice(1), hashes.slice(0, -1)] : []),
    [...hashes, Buffer.alloc(32)],
  ];
}

describe('the tree of the log', () => {
  it('has the root of RFC 9162 at every size', () => {
    for (let size = 0; size <= 130; size += 1)
      expect(hex([rootOfSize(size, hashOf)])).toEqual(hex([mth(leaves.slice(0, size))]));
  });

  it('is read from O(log n) whole subtrees, at 10^8 entries and beyond 32 bits, too', () => {
    expect(nodesOf({ from: 0, to: 100_000_000 }).length).toBe(12);
    expect(nodesOf({ from: 0, to: 2 ** 40 + 1 })).toEqual([
      { level: 40, index: 0 },
      { level: 0, index: 2 ** 40 },
    ]);
    expect(inclusionRanges(99_999_999, 100_000_000).length).toBeLessThanOrEqual(27);
    expect(Math.max(...[0, 1, 67_108_863].map((index) => inclusionRanges(index, 100_000_000).length))).toBe(
      27,
    );
  });
});

describe('an inclusion proof', () => {
  it('is that of RFC 9162 and leads to the root, for every leaf of every small tree', () => {
    for (let size = 1; size <= SMALL; size += 1)
      for (let index = 0; index < size; index += 1) {
        const hashes = inclusion(index, size);
        expect(hex(hashes)).toEqual(hex(path(index, leaves.slice(0, size))));
        const hash = leafHash(leaves[index] ?? Buffer.alloc(0));
        const root = rootOfInclusion({ index, hash }, size, hashes);
        expect(root !== undefined && hex([root])).toEqual(hex([head(size).root]));
      }
  });

  it('of another leaf, another place, another size or other hashes leads elsewhere', () => {
    for (let size = 1; size <= SMALL; size += 1)
      for (let index = 0; index < size; index += 1) {
        const hash = leafHash(leaves[index] ?? Buffer.alloc(0));
        const hashes = inclusion(index, size);
        const leads = (at: number, of: number, from: Uint8Array, by: readonly Uint8Array[]): boolean =>
          Buffer.from(rootOfInclusion({ index: at, hash: from }, of, by) ?? []).equals(head(size).root);
        for (let other = 0; other <= size; other += 1)
          if (other !== index) expect(leads(other, size, hash, hashes)).toBe(false);
        expect(leads(index, size, leafHash(Buffer.from('another')), hashes)).toBe(false);
        for (const wrong of wrongs(hashes)) expect(leads(index, size, hash, wrong)).toBe(false);
      }
  });

  it('is right for larger trees, too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(), (size, seed) => {
        const index = seed % size;
        expect(hex(inclusion(index, size))).toEqual(hex(path(index, leaves.slice(0, size))));
      }),
      { numRuns: 25 },
    );
  });

  it('of a leaf that a tree does not have cannot be had', () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 2 ** 60],
    ] as const) {
      expect(() => inclusionRanges(index, size)).toThrow(RangeError);
      expect(rootOfInclusion({ index, hash: Buffer.alloc(32) }, size, [])).toBeUndefined();
    }
  });
});

describe('a consistency proof', () => {
  it('is that of RFC 9162 and is accepted, for every two sizes of a small tree', () => {
    for (let second = 0; second <= SMALL; second += 1)
      for (let first = 0; first <= second; first += 1) {
        const hashes = consistency(first, second);
        if (first > 0) expect(hex(hashes)).toEqual(hex(proof(first, leaves.slice(0, second))));
        expect(isConsistent(head(first), head(second), hashes)).toBe(true);
      }
  });

  it('is refused with another root on either side, another size, or other hashes', () => {
    const root = mth(leavesOf(3).map((leaf) => Buffer.concat([leaf, leaf])));
    for (let second = 1; second <= SMALL; second += 1)
      for (let first = 0; first <= second; first += 1) {
        const hashes = consistency(first, second);
        expect(isConsistent({ size: first, root }, head(second), hashes)).toBe(false);
        if (first > 0) expect(isConsistent(head(first), { size: second, root }, hashes)).toBe(false);
        for (const wrong of wrongs(hashes))
          expect(isConsistent(head(first), head(second), wrong)).toBe(false);
        for (let other = 1; other <= second; other += 1)
          if (other !== first)
            expect(isConsistent({ ...head(first), size: other }, head(second), hashes)).toBe(false);
      }
  });

  it('from a larger tree to a smaller one cannot be had', () => {
    expect(() => consistencyRanges(6, 5)).toThrow(RangeError);
    expect(isConsistent(head(6), head(5), [])).toBe(false);
  });
});
