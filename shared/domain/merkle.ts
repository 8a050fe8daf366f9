import { hash } from 'node:crypto';

/** A hash as text with one character for each byte: to make a buffer for it takes longer than the hash itself. */
type Digest = string;

const DIGEST_BYTES = 32;
/** Of one node after the other: a 1, and the hashes of its two subtrees. */
const node = Buffer.alloc(1 + 2 * DIGEST_BYTES, 1);

/**
 * The Merkle tree hash of a list, in its order, with SHA-256. Two lists have the same one only if they are the same: a
 * leaf is never taken for a node. A text is its bytes in UTF-8. Keeps one hash for each level of the tree.
 * https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.1
 */
export function treeHash(leaves: readonly (Uint8Array | string)[]): Uint8Array {
  // From the left to the right: whole subtrees, each larger than those after it.
  const whole: Digest[] = [];
  for (const [index, leaf] of leaves.entries()) {
    let right = hashOfLeaf(leaf);
    // Every 1 at the end of the index's binary form is a subtree on the left, as large as the one that is ready.
    for (let left = index; left % 2 === 1; left = (left - 1) / 2)
      right = hashOfNode(whole.pop() ?? '', right);
    whole.push(right);
  }
  const last = whole.pop() ?? sha256('');
  return Buffer.from(
    whole.reduceRight((right, left) => hashOfNode(left, right), last),
    'binary',
  );
}

function hashOfLeaf(leaf: Uint8Array | string): Digest {
  return sha256(typeof leaf === 'string' ? `\0${leaf}` : Buffer.concat([Uint8Array.of(0), leaf]));
}

function hashOfNode(left: Digest, right: Digest): Digest {
  node.write(left, 1, 'binary');
  node.write(right, 1 + DIGEST_BYTES, 'binary');
  return sha256(node);
}

function sha256(data: Uint8Array | string): Digest {
  return hash('sha256', data, 'binary');
}
