import { canonicalJson } from '../../domain/canonical-json.ts';
import { codeOf } from '../../domain/error-code.ts';
import { MAX_ENTRY_BYTES } from '../../domain/log/bundles.ts';
import type { PageList } from '../../domain/record/page-list.ts';
import type { AttemptResult } from '../../domain/record/work.ts';
import { logLinesOf } from './bundle.ts';
import { pageListsOf } from './page-lists.ts';

/** A result that the log can have, with its lines as they come into it. */
export interface Sealable {
  readonly result: AttemptResult;
  readonly texts: readonly string[];
  /** Of these, without the ends of lines. */
  readonly bytes: number;
  /** As if the result were the first of the log. They have been compared with their entries. */
  readonly lists: readonly PageList[];
}

/**
 * Why the log can never have a result, as the end of a sentence about it. If it were sealed, it would have a place that no
 * tree can have, and nothing could follow after it.
 */
export type Unsealable = 'lists' | 'text' | 'size' | 'unreadable' | 'note';

/** The result as it is sealed, or why it cannot be. */
export function sealable(result: AttemptResult): Sealable | Exclude<Unsealable, 'unreadable' | 'note'> {
  const lists = pageListsOf(result, 0);
  if (lists === undefined) return 'lists';
  const texts: string[] = [];
  let bytes = 0;
  for (const line of logLinesOf(result)) {
    const text = textOf(line);
    if (text === undefined) return 'text';
    const length = Buffer.byteLength(text);
    if (length > MAX_ENTRY_BYTES) return 'size';
    texts.push(text);
    bytes += length;
  }
  return { result, texts, bytes, lists };
}

/** Nothing for what has no canonical form: half a character. Without the message, which may quote it. */
function textOf(line: unknown): string | undefined {
  try {
    return canonicalJson(line);
  } catch {
    return undefined;
  }
}

const UNREADABLE = ['ITEM_INVALID', 'ITEM_SCHEMA_UNKNOWN'];

/** Reads all at once. Where an item cannot be read, each on its own, so that it stops no other one. */
export async function readEach<Of>(
  tokens: readonly string[],
  read: (tokens: readonly string[]) => Promise<ReadonlyMap<string, Of>>,
): Promise<{ readonly found: ReadonlyMap<string, Of>; readonly unreadable: ReadonlySet<string> }> {
  try {
    return { found: await read(tokens), unreadable: new Set() };
  } catch (error) {
    if (!UNREADABLE.includes(codeOf(error))) throw error;
  }
  const found = new Map<string, Of>();
  const unreadable = new Set<string>();
  for (const token of tokens) {
    try {
      for (const [key, one] of await read([token])) found.set(key, one);
    } catch (error) {
      if (!UNREADABLE.includes(codeOf(error))) throw error;
      unreadable.add(token);
    }
  }
  return { found, unreadable };
}

const WHY: Readonly<Record<Unsealable, string>> = {
  lists: 'has a list of records that is not the one its entry was written about',
  text: 'has a line that no JSON text can have',
  size: `has a line of more than ${MAX_ENTRY_BYTES} bytes`,
  unreadable: 'cannot be read, or its place in the log cannot',
  note: 'is not there, and its note that it is to be sealed cannot be read',
};

/** A worker wrote a result that the log can never have, or something else changed its item. */
export class ResultDamaged extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(token: string, why: Unsealable) {
    super(
      `The result ${token} ${WHY[why]}. It is not sealed; other results are. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'ResultDamaged';
  }
}
