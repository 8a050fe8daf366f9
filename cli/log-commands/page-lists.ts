import * as z from 'zod';
import { parseJson } from '../../shared/contract/parse.ts';
import type { Listed, ListFault, PageList } from '../../shared/domain/record/page-list.ts';

const ListLine = z.object({ index: z.int(), root: z.string(), records: z.array(z.string()) });

export function linesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The lists in the text of an object of lists. What is not one is left out. */
export function listsIn(text: string): readonly PageList[] {
  return linesIn(text).flatMap((line) => {
    const json = parseJson(line);
    const list = json.ok ? ListLine.safeParse(json.value).data : undefined;
    return list === undefined ? [] : [list];
  });
}

/** The list of the page that an entry is about. */
export function listIn(text: string, index: number): PageList | undefined {
  return listsIn(text).find((list) => list.index === index);
}

export function sayFault(fault: ListFault, { records, root }: Listed, list: PageList): string {
  switch (fault.code) {
    case 'not-a-reference':
      return `record ${fault.line} of the list is not a reference.`;
    case 'not-in-order':
      return `record ${fault.line} of the list is not after the one before it: one was added, moved or is there twice.`;
    case 'other-count':
      return `the list has ${list.records.length} records, and the entry is about ${records}.`;
    case 'other-root':
      return `the root of the list is not the one in the entry (${root}): a record was exchanged, or it is another page's list.`;
    case 'other-states':
      return 'the list has other numbers of records by state than the entry says.';
  }
}
