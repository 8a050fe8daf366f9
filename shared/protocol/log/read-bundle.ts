import { OUTCOMES } from '../../domain/record/actions.ts';
import type { Entry, NoteEntry } from '../../domain/record/entry.ts';
import type { AttemptResult } from '../../domain/record/work.ts';
import { present } from '../../domain/present.ts';
import { storeOfNote } from './bundle.ts';

/** What `seal` wrote: the lines of one result follow each other, its entries first. */
export function readBundle(
  key: string,
  bytes: Uint8Array,
): { readonly lines: number; readonly results: readonly AttemptResult[] } {
  const texts = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
  const byToken = new Map<string, { entries: Entry[]; actions: NoteEntry[] }>();
  for (const text of texts) {
    const line = parsed(key, text);
    const own = byToken.get(line.token) ?? { entries: [], actions: [] };
    byToken.set(line.token, own);
    if ('did' in line) own.actions.push(line);
    else own.entries.push(line);
  }
  const results = [...byToken].map(([token, { entries, actions }]): AttemptResult => {
    const [note] = actions;
    const store = entries[0]?.store ?? storeOfNote(note) ?? '';
    return {
      token,
      store,
      entries,
      lines: [],
      ...present({ actions: actions.length > 0 ? actions : undefined }),
    };
  });
  return { lines: texts.length, results };
}

function parsed(key: string, text: string): Entry | NoteEntry {
  try {
    // Only `seal` writes there, and objects are never replaced.
    const line = JSON.parse(text) as Entry | NoteEntry;
    if (isLine(line)) return line;
  } catch {
    // Without the parser's message: it quotes what it read.
  }
  throw new BundleBroken(key);
}

/** As far as it leads into the registry. */
function isLine(line: Entry | NoteEntry): boolean {
  if (typeof line.token !== 'string' || line.token === '') return false;
  if ('did' in line) return true;
  const { outcome, leased } = line;
  return (outcome === 'pseudonymised' || OUTCOMES.includes(outcome)) && !Number.isNaN(Date.parse(leased));
}

class BundleBroken extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(key: string) {
    super(
      `The object ${key} of the deletion log cannot be read. What depends on it has to wait. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'BundleBroken';
  }
}
