import { batchKey } from '../../shared/domain/log/batch-key.ts';
import { same } from '../../shared/domain/log/tree.ts';
import type { LogFault } from './audit-faults.ts';
import type { LogSource } from './log-source.ts';

/** The objects `entries/<index of the first entry>`, in which the same entries lie as lines. */
export interface Journal {
  /** Has to be asked for every index, from the first one on that was not dropped. */
  faultAt(index: number, entry: Uint8Array): Promise<LogFault | undefined>;
  /** After the last entry of the signed log: objects come into the tree as a whole. */
  faultAtEnd(): LogFault | undefined;
}

const NEWLINE = 10;
const NAME = /^\d{20}$/;

/**
 * Nothing if there are none: a copy of a log may have its tree only. `from`: entries before it were dropped. The object
 * in which they end may begin with some of them, of which no hash is left that could be compared.
 */
export async function journalOf(source: LogSource, from = 0): Promise<Journal | undefined> {
  const names = await source.list('entries');
  if (names === undefined || names.length === 0) return undefined;
  const all = new Set(names.map((name) => `entries/${name}`));
  let file = '';
  let bytes: Uint8Array = new Uint8Array();
  let at = 0;
  const begun = names.findLastIndex((name) => NAME.test(name) && Number(name) <= from);
  let next = from === 0 ? 0 : Math.max(0, begun);
  const first = Number(names[next]);
  if (first < from) {
    file = `entries/${names[next]}`;
    bytes = (await source.read(file)) ?? bytes;
    next += 1;
    for (let line = first; line < from && at < bytes.length; line += 1) {
      const end = bytes.indexOf(NEWLINE, at);
      at = end < 0 ? bytes.length : end + 1;
    }
  }
  return {
    async faultAt(index, entry) {
      if (at === bytes.length) {
        file = batchKey('entries', index);
        const name = names[next];
        if (`entries/${name}` !== file) return all.has(file) ? oneTooMany(name) : missing(file, index, name);
        bytes = (await source.read(file)) ?? bytes;
        at = 0;
        next += 1;
      }
      const end = bytes.indexOf(NEWLINE, at);
      const line = bytes.subarray(at, end < 0 ? bytes.length : end);
      if (end < 0 || !same(line, entry))
        return { file, problem: `does not have entry ${index} as the tree has it.` };
      at = end + 1;
      return undefined;
    },
    faultAtEnd() {
      if (at !== bytes.length) return { file, problem: 'has more entries than the tree has of it.' };
      // Those that come next are not signed yet. Of a copy that was made meanwhile, they are there already.
      const unknown = names.slice(next).find((name) => !NAME.test(name));
      return unknown === undefined ? undefined : oneTooMany(unknown);
    },
  };
}

function missing(file: string, index: number, name: string | undefined): LogFault {
  const there = name === undefined ? '' : `, and entries/${name} is there`;
  return { file, problem: `is missing${there}: entry ${index} has to follow.` };
}

function oneTooMany(name = ''): LogFault {
  const problem = NAME.test(name)
    ? 'is one too many: the object before it has its entries.'
    : 'is not an object of a log: remove it if it came with the copy.';
  return { file: `entries/${name}`, problem };
}
