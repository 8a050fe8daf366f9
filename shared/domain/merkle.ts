import { hash } from 'node:crypto';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/**
 * The Merkle tree hash of a list, in its order, with SHA-256. Two lists have the same one only if they are the same: a
 * leaf is never taken for a node. Keeps one hash for each level of the tree.
 * https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.1
 */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  // From the left to the right: whole subtrees, each larger than those after it.
  const whole: Uint8Array[] = [];
  for (const [index, leaf] of leaves.entries()) {
    let right = sha256(LEAF, leaf);
    // Every 1 at the end of the index's binary form is a subtree on the left, as large as the one that is ready.
    for (let left = index; left % 2 === 1; left = (left - 1) / 2) right = sha256(NODE, whole.pop(), right);
    whole.push(right);
  }
  const last = whole.pop();
  if (last === undefined) return sha256();
  return whole.reduceRight((right, left) => sha256(NODE, left, right), last);
}

function sha256(...parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return hash('sha256', Buffer.concat(parts.filter((part) => part !== undefined)), 'buffer');
}
