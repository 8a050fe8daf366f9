import { treeHash } from '../merkle.ts';
import type { LogRef } from './ids.ts';

/** A reference is 22 characters of base64url (`references.ts`). */
const REF = /.{22}/g;

/** The references of a page's records as a result has them, with their root. Each record is named once, in any order. */
export function packList(refs: readonly LogRef[]): { readonly root: string; readonly list: string } {
  const sorted = refs.toSorted();
  return { root: rootOf(sorted), list: sorted.join('') };
}

export function unpackList(list: string): readonly string[] {
  return list.match(REF) ?? [];
}

/** The tree hash (hex) of references in this order: a leaf is a reference as text. */
export function rootOf(refs: readonly string[]): string {
  return Buffer.from(treeHash(refs.map((ref) => Buffer.from(ref)))).toString('hex');
}
