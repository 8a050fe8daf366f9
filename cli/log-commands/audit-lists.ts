import { createHash } from 'node:crypto';
import { isOutcome } from '../../shared/domain/log/entry-schema.ts';
import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { listFault, type PageList } from '../../shared/domain/record/page-list.ts';
import { listIn, sayFault } from './page-lists.ts';
import type { LogFault } from './audit-faults.ts';
import type { LogSource } from './log-source.ts';

/** The objects `lists/<index of the batch's first entry>-<SHA-256>`, with the references of the records of pages. */
export interface Lists {
  /** Whether each object has the bytes that its name says. */
  faultOfNames(): Promise<LogFault | undefined>;
  /** Whether the list of this entry is there and is the one that it was written about. Entries come in their order. */
  faultOf(index: number, entry: Entry | NoteEntry): Promise<LogFault | undefined>;
}

const NAME = /^(?<first>\d{20})-(?<digest>[0-9a-f]{64})$/;

/** Nothing where names cannot be listed. */
export async function listsOf(source: LogSource): Promise<Lists | undefined> {
  const names = await source.list('lists');
  const entries = names === undefined ? await source.list('') : undefined;
  if (names === undefined && entries === undefined) return undefined;
  const all = (names ?? []).map((name) => ({
    name,
    first: Number(NAME.exec(name)?.groups?.['first'] ?? -1),
  }));
  let batch = { first: -1, texts: [] as readonly { readonly file: string; readonly text: string }[] };
  let next = 0;

  async function batchOf(index: number): Promise<typeof batch> {
    let last = next;
    while ((all[last]?.first ?? Infinity) <= index) last += 1;
    const first = all[last - 1]?.first ?? -1;
    if (first === batch.first) return batch;
    const own = all.slice(0, last).filter((one) => one.first === first);
    const texts = [];
    for (const { name } of own) {
      const file = `lists/${name}`;
      texts.push({ file, text: Buffer.from((await source.read(file)) ?? []).toString('utf8') });
    }
    next = last;
    batch = { first, texts };
    return batch;
  }

  return {
    async faultOfNames() {
      for (const { name } of all) {
        const file = `lists/${name}`;
        const bytes = (await source.read(file)) ?? new Uint8Array();
        const digest = createHash('sha256').update(bytes).digest('hex');
        if (NAME.exec(name)?.groups?.['digest'] !== digest)
          return { file, problem: 'does not have the bytes that its name was made from.' };
      }
      return undefined;
    },

    async faultOf(index, entry) {
      const page = isOutcome(entry) ? entry.page : undefined;
      if (page === undefined || (page.root === undefined && page.records === 0)) return undefined;
      const { first, texts } = await batchOf(index);
      let fault: LogFault | undefined;
      // A batch that never came into the log may have left a list for the same place.
      for (const { file, text } of texts) {
        const list: PageList | undefined = listIn(text, index);
        const wrong = list && listFault(page, list.records);
        if (list !== undefined && wrong === undefined) return undefined;
        if (list !== undefined && wrong !== undefined)
          fault = { file, problem: `of entry ${index}: ${sayFault(wrong, page, list)}` };
      }
      const place = first < 0 ? 'lists/' : `lists/${String(first).padStart(20, '0')}-…`;
      return fault ?? { file: place, problem: `has no list of the records of entry ${index}.` };
    },
  };
}
