import { hash } from 'node:crypto';
import { batchKey } from '../../shared/domain/log/batch-key.ts';
import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { listedBy, listFault, type PageList } from '../../shared/domain/record/page-list.ts';
import { listsIn, sayFault } from './page-lists.ts';
import type { LogFault } from './audit-faults.ts';
import type { LogSource } from './log-source.ts';

/**
 * The objects `lists/<index of the batch's first entry>-<SHA-256>`, with the references of the records of pages. Each is
 * read once, and has to have the bytes that its name says.
 */
export interface Lists {
  /** Whether the list of this entry is there and is the one that it was written about. Entries come in their order. */
  faultOf(index: number, entry: Entry | NoteEntry): Promise<LogFault | undefined>;
  /** After the last entry: objects that no entry has asked for. */
  faultAtEnd(): Promise<LogFault | undefined>;
}

const NAME = /^(?<first>\d{20})-(?<digest>[0-9a-f]{64})$/;

export type OnList = (entry: Entry | NoteEntry, records: readonly string[]) => void;

/** Nothing where names cannot be listed. `onList` is told of each list that is right. */
export async function listsOf(source: LogSource, onList?: OnList): Promise<Lists | undefined> {
  const names = await source.list('lists');
  if (names === undefined) return undefined;
  const all = names.map((name) => {
    const { first = '-1', digest } = NAME.exec(name)?.groups ?? {};
    return { file: `lists/${name}`, first: Number(first), digest };
  });
  let next = 0;
  /** What is there for one batch: one that never came into the log may have left a list for the same place. */
  let batch = {
    first: -1,
    files: [] as { readonly file: string; readonly lists: ReadonlyMap<number, PageList> }[],
  };

  async function readTo(index: number): Promise<LogFault | undefined> {
    for (let one = all[next]; one !== undefined && one.first <= index; one = all[next]) {
      const { file, first, digest } = one;
      const bytes = (await source.read(file)) ?? new Uint8Array();
      if (hash('sha256', bytes) !== digest)
        return { file, problem: 'does not have the bytes that its name was made from.' };
      if (first !== batch.first) batch = { first, files: [] };
      const lists = listsIn(Buffer.from(bytes).toString('utf8'));
      batch.files.push({ file, lists: new Map(lists.map((list) => [list.index, list])) });
      next += 1;
    }
    return undefined;
  }

  return {
    faultAtEnd: () => readTo(Infinity),

    async faultOf(index, entry) {
      const page = listedBy(entry);
      if (page === undefined) return undefined;
      let fault = await readTo(index);
      if (fault !== undefined) return fault;
      const { first, files } = batch;
      for (const { file, lists } of files) {
        const list = lists.get(index);
        if (list === undefined) continue;
        const wrong = listFault(page, list.records);
        if (wrong === undefined) {
          onList?.(entry, list.records);
          return undefined;
        }
        fault = { file, problem: `of entry ${index}: ${sayFault(wrong, page, list)}` };
      }
      const place = first < 0 ? 'lists/' : `${batchKey('lists', first)}-…`;
      return fault ?? { file: place, problem: `has no list of the records of entry ${index}.` };
    },
  };
}
