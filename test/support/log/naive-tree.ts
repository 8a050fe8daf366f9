import { createHash } from 'node:crypto';

/** RFC 9162, §2.1, word for word: slow, and with nothing of ours in it. */

export type Leaves = readonly Uint8Array[];

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** §2.1.1 */
export function mth(leaves: Leaves): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), only);
  const k = split(leaves.length);
  return sha256(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** §2.1.3.1 */
export function path(m: number, leaves: Leaves): Leaves {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

/** §2.1.4.1 */
export function proof(m: number, leaves: Leaves): Leaves {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: Leaves, known: boolean): Leaves {
  if (m === leaves.length) return known ? [] : [mth(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

export function leavesOf(count: number): Leaves {
  return Array.from({ length: count }, (_none, index) => Buffer.from(`leaf ${index}`));
}
