import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { listFault, type PageList } from '../../../shared/domain/record/page-list.ts';

interface LogObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** The entries of the log in their order, from its objects in any order. */
export function entriesOfLog(objects: readonly LogObject[]): (Entry | NoteEntry)[] {
  return linesUnder('entries/', objects) as (Entry | NoteEntry)[];
}

/** What is wrong with the lists of records in the log: every entry about a page has the one that it was written about. */
export function wrongLists(objects: readonly LogObject[]): string[] {
  const lists = linesUnder('lists/', objects) as PageList[];
  return entriesOfLog(objects).flatMap((entry, index) => {
    const page = 'page' in entry ? entry.page : undefined;
    if (page === undefined || (page.root === undefined && page.records === 0)) return [];
    const own = lists.filter((list) => list.index === index && list.root === page.root);
    if (own.length === 0) return [`entry ${index} of the log has no list of its records`];
    return own.flatMap(({ records }) => {
      const fault = listFault(page, records);
      return fault === undefined ? [] : [`the list of entry ${index} of the log: ${fault.code}`];
    });
  });
}

function linesUnder(prefix: string, objects: readonly LogObject[]): unknown[] {
  return objects
    .filter(({ key }) => key.startsWith(prefix))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ bytes }) => Buffer.from(bytes).toString('utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}
