import { createHash } from 'node:crypto';
import { batchKey } from '../../domain/log/batch-key.ts';
import { own } from '../../domain/own.ts';
import { listedBy, listFault, listLine, type PageList, unpackList } from '../../domain/record/page-list.ts';
import type { AttemptResult } from '../../domain/record/work.ts';
import { logLinesOf } from './bundle.ts';

/**
 * The lists of a result whose first line comes to this place of the log. Nothing if one of them is not the list that its
 * entry was written about, if an entry has none, or if a list has no entry: such a result is never sealed.
 */
export function pageListsOf(
  result: Pick<AttemptResult, 'entries' | 'actions' | 'lists'>,
  first: number,
): readonly PageList[] | undefined {
  const found: PageList[] = [];
  const { lists = {} } = result;
  for (const [line, entry] of logLinesOf(result).entries()) {
    const page = listedBy(entry);
    if (page === undefined) continue;
    const { root = '' } = page;
    const records = unpackList(own(lists, root) ?? '');
    if (listFault(page, records) !== undefined) return undefined;
    found.push({ index: first + line, root, records });
  }
  const named = new Set(found.map(({ root }) => root));
  return Object.keys(lists).every((root) => named.has(root)) ? found : undefined;
}

/**
 * The lists of one batch as one object of the log: a line each, in the order of the log. The key begins like that of the
 * batch's entries. It ends in a digest, so that lists of a batch that never came into the log take no other one's place.
 */
export function listsObject(
  first: number,
  lists: readonly PageList[],
): { readonly key: string; readonly bytes: Uint8Array } {
  const bytes = Buffer.from(lists.map(listLine).join(''));
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { key: `${batchKey('lists', first)}-${digest}`, bytes };
}
