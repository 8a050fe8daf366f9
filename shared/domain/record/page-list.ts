import { canonicalJson } from '../canonical-json.ts';
import { treeHash } from '../merkle.ts';
import { countsOfLines, DUE_LINE, sameCounts } from './due-line.ts';
import type { DueCounts, Entry, EntryPage, NoteEntry } from './entry.ts';
import type { LogRef } from './ids.ts';

/** The references of the records of a page, or what was due (`due-line.ts`), as they lie in the log. */
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

/** The lines of what was due, like `packList`. A line end follows each. */
export function packLines(lines: readonly string[]): { readonly root: string; readonly list: string } {
  const sorted = lines.toSorted();
  return { root: rootOf(sorted), list: sorted.map((line) => `${line}\n`).join('') };
}

export function unpackList(list: string): readonly string[] {
  return list.endsWith('\n') ? list.slice(0, -1).split('\n') : (list.match(EVERY_22) ?? []);
}

/** The tree hash (hex) of references in this order: a leaf is a reference as text. */
export function rootOf(refs: readonly string[]): string {
  return Buffer.from(treeHash(refs)).toString('hex');
}

/** What an entry says of its list. `due`: it is a list of what was due. */
export interface Listed extends Pick<EntryPage, 'records' | 'root'> {
  readonly due?: DueCounts;
}

/** Nothing where the entry has no list. */
export function listedBy(line: Entry | NoteEntry): Listed | undefined {
  if ('did' in line) return line.did === 'due-list' ? line : undefined;
  const { page } = line;
  return page === undefined || (page.root === undefined && page.records === 0) ? undefined : page;
}

/** One line of an object of lists (RFC 8785). */
export function listLine(list: PageList): string {
  return `${canonicalJson(list)}\n`;
}

export type ListFault =
  | { readonly code: 'not-a-reference' | 'not-in-order'; readonly line: number }
  | { readonly code: 'other-count' | 'other-root' | 'other-states' };

/**
 * What is wrong with the list of a page; nothing if it is the one that the entry was written about. A page without records
 * has none.
 */
export function listFault({ records, root, due }: Listed, lines: readonly string[]): ListFault | undefined {
  const form = due === undefined ? REF : DUE_LINE;
  for (const [index, line] of lines.entries()) {
    if (!form.test(line)) return { code: 'not-a-reference', line: index + 1 };
    if (index > 0 && !follows(line, lines[index - 1] ?? '')) return { code: 'not-in-order', line: index + 1 };
  }
  if (lines.length !== records || records === 0) return { code: 'other-count' };
  if (rootOf(lines) !== root) return { code: 'other-root' };
  return due === undefined || sameCounts(due, countsOfLines(lines)) ? undefined : { code: 'other-states' };
}

/** A generation of a record has one line, whatever its state. */
function follows(line: string, before: string): boolean {
  return line > before && nameIn(line) !== nameIn(before);
}

function nameIn(line: string): string {
  const end = line.lastIndexOf(' ');
  return end === -1 ? line : line.slice(0, end);
}
