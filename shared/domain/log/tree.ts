import { hash } from 'node:crypto';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The subtree over the leaves from `index * 2 ** level` on, `2 ** level` of them. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The hash of a subtree whose leaves are all there. */
export type HashOf = (node: TreeNode) => Uint8Array;

/** https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.1 */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([LEAF, leaf]), 'buffer');
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

/** Leaves `from` to before `to`. Ends at the size of the tree, or covers a whole subtree. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** The subtrees of a range from the left to the right, each as large as it can be: at most one for each level at its end. */
export function nodesOf({ from, to }: LeafRange): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let start = from; start < to;) {
    let level = 0;
    for (let width = 2; start % width === 0 && start + width <= to; width *= 2) level += 1;
    nodes.push({ level, index: start / 2 ** level });
    start += 2 ** level;
  }
  return nodes;
}

/** The tree hash of leaves whose whole subtrees have these hashes, from the left to the right, as of `nodesOf`. */
export function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) return hash('sha256', '', 'buffer');
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** The hash of a whole subtree from the hashes of its nodes of one level. They are a power of two. */
export function wholeHash(nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length < 2) return joined(nodes);
  const half = nodes.length / 2;
  return nodeHash(wholeHash(nodes.slice(0, half)), wholeHash(nodes.slice(half)));
}

/** The root of the tree of this size. */
export function rootOfSize(size: number, hashOf: HashOf): Uint8Array {
  return rangeHash({ from: 0, to: size }, hashOf);
}

export function rangeHash(range: LeafRange, hashOf: HashOf): Uint8Array {
  return joined(nodesOf(range).map((node) => hashOf(node)));
}

/**
 * The ranges whose hashes prove that a leaf is in a tree of this size, from the leaf to the root. Throws a RangeError if
 * the tree has no such leaf. https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.3.1
 */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  const ranges: LeafRange[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    const middle = from + leftWidth(to - from);
    const goesLeft = index < middle;
    ranges.push(goesLeft ? { from: middle, to } : { from, to: middle });
    if (goesLeft) to = middle;
    else from = middle;
  }
  return ranges.reverse();
}

/**
 * The ranges whose hashes prove that a tree is the beginning of a larger one. None if one of them is empty or both are
 * equal. Throws a RangeError if the first is larger. https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.4.1
 */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  if (!isCount(first) || !isCount(second) || first > second)
    throw new RangeError(`a tree of ${first} leaves is not the beginning of one of ${second}`);
  if (first === 0 || first === second) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = second;
  while (to !== first) {
    const middle = from + leftWidth(to - from);
    const goesLeft = first <= middle;
    ranges.push(goesLeft ? { from: middle, to } : { from, to: middle });
    if (goesLeft) to = middle;
    else from = middle;
  }
  // The first tree itself is known to who checks; a part of it is not.
  if (from > 0) ranges.push({ from, to });
  return ranges.reverse();
}

/**
 * The root that a proof leads to from the hash of the leaf. Nothing if the proof has too few or too many hashes for this
 * place. https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.3.2
 */
export function rootOfInclusion(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isCount(leaf.index) || !isCount(size) || leaf.index >= size) return undefined;
  const ranges = inclusionRanges(leaf.index, size);
  if (ranges.length !== proof.length) return undefined;
  return proof.reduce(
    (below, beside, step) =>
      (ranges[step]?.from ?? 0) > leaf.index ? nodeHash(below, beside) : nodeHash(beside, below),
    leaf.hash,
  );
}

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether the second tree begins with all leaves of the first.
 * https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.4.2
 */
export function isConsistent(first: TreeHead, second: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isCount(first.size) || !isCount(second.size) || first.size > second.size) return false;
  const ranges = consistencyRanges(first.size, second.size);
  if (ranges.length !== proof.length) return false;
  if (first.size === 0) return same(first.root, joined([]));
  if (first.size === second.size) return same(first.root, second.root);
  // The first tree as a whole subtree of the second one starts the path by itself.
  const startsInProof = ranges[0] !== undefined && ranges[0].to === first.size;
  const start = startsInProof ? proof[0] : first.root;
  if (start === undefined) return false;
  let old = start;
  let grown = start;
  for (const [step, range] of ranges.entries()) {
    const beside = proof[step];
    if (beside === undefined || (step === 0 && startsInProof)) continue;
    if (range.to <= first.size) old = nodeHash(beside, old);
    grown = range.to <= first.size ? nodeHash(beside, grown) : nodeHash(grown, beside);
  }
  return same(old, first.root) && same(grown, second.root);
}

/** How many leaves the left subtree has: the largest power of two below the number of all. */
function leftWidth(count: number): number {
  let width = 1;
  while (width * 2 < count) width *= 2;
  return width;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(other);
}
