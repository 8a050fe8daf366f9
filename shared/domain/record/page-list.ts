import { canonicalJson } from '../canonical-json.ts';
import { treeHash } from '../merkle.ts';
import type { EntryPage } from './entry.ts';
import type { LogRef } from './ids.ts';

/** The references of the records of a page, as they lie in the log. */
export interface PageList {
  /** The place of the page's entry in the whole log. */
  readonly index: number;
  readonly root: string;
  /** Sorted, each of them once. */
  readonly records: readonly string[];
}

/** A reference is 22 characters of base64url (`references.ts`). */
const REF = /^[\w-]{22}$/;
const EVERY_22 = /.{1,22}/gs;

/** The references of a page's records as a result has them, with their root. Each record is named once, in any order. */
export function packList(refs: readonly LogRef[]): { readonly root: string; readonly list: string } {
  const sorted = refs.toSorted();
  return { root: rootOf(sorted), list: sorted.join('') };
}

export function unpackList(list: string): readonly string[] {
  return list.match(EVERY_22) ?? [];
}

/** The tree hash (hex) of references in this order: a leaf is a reference as text. */
export function rootOf(refs: readonly string[]): string {
  return Buffer.from(treeHash(refs)).toString('hex');
}

/** One line of an object of lists (RFC 8785). */
export function listLine(list: PageList): string {
  return `${canonicalJson(list)}\n`;
}

export type ListFault =
  | { readonly code: 'not-a-reference' | 'not-in-order'; readonly line: number }
  | { readonly code: 'other-count' | 'other-root' };

/**
 * What is wrong with the list of a page; nothing if it is the one that the entry was written about. A page without records
 * has none.
 */
export function listFault(
  { records, root }: Pick<EntryPage, 'records' | 'root'>,
  refs: readonly string[],
): ListFault | undefined {
  for (const [index, ref] of refs.entries()) {
    if (!REF.test(ref)) return { code: 'not-a-reference', line: index + 1 };
    if (index > 0 && ref <= (refs[index - 1] ?? '')) return { code: 'not-in-order', line: index + 1 };
  }
  if (refs.length !== records || records === 0) return { code: 'other-count' };
  return rootOf(refs) === root ? undefined : { code: 'other-root' };
}
