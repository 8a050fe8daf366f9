import { isSuccess } from '../record/actions.ts';
import type { Entry, NoteEntry } from '../record/entry.ts';
import { stageKey } from '../record/stage-name.ts';
import { entryIn, isOutcome } from './entry-schema.ts';
import { readLeaf } from './leaf.ts';

export type EntryFault =
  | 'not-json'
  | 'not-canonical'
  | 'unknown-form'
  | 'entry-twice'
  | 'result-twice'
  | 'deleted-twice'
  | 'early';

export type CheckedEntry =
  | { readonly ok: true; readonly entry: Entry | NoteEntry }
  | { readonly ok: false; readonly fault: EntryFault };

/** Schemas leave it out without a word. In canonical JSON only a name is written so: in a text its quotes are escaped. */
const FORBIDDEN_NAME = '"__proto__":';

/** How many keys lie in one set: a set of JavaScript has at most 2 ** 24. */
const SETS = 64;

/**
 * Looks at the entries of a log one after the other, from the first one on: form, and what the entries before it exclude.
 * Keeps a key for each result and for each deletion, about 150 bytes each.
 */
export function entryChecks(): (bytes: Uint8Array) => CheckedEntry {
  const results = manyKeys();
  const deletions = manyKeys();
  let token = '';
  /** Of the result that is read. */
  let own = new Set<string>();
  return (bytes) => {
    const read = readLeaf(bytes);
    if (!read.ok) return read;
    const { text, value } = read;
    const entry = entryIn(value);
    if (entry === undefined || text.includes(FORBIDDEN_NAME)) return { ok: false, fault: 'unknown-form' };
    if (entry.token !== token) {
      if (!results.add(entry.token)) return { ok: false, fault: 'result-twice' };
      ({ token } = entry);
      own = new Set();
    }
    if (own.has(text)) return { ok: false, fault: 'entry-twice' };
    own.add(text);
    if (isOutcome(entry)) {
      if (isEarly(entry)) return { ok: false, fault: 'early' };
      if (isDeletion(entry) && !deletions.add(`${entry.holding} ${entry.generation} ${stageKey(entry)}`))
        return { ok: false, fault: 'deleted-twice' };
    }
    return { ok: true, entry };
  };
}

function succeeded({ outcome }: Entry): boolean {
  return outcome === 'pseudonymised' || isSuccess(outcome);
}

/**
 * Of one generation at most once. Pages of a collection or a dataset follow each other, and what masks or restricts may
 * become due again.
 */
function isDeletion(entry: Entry): boolean {
  return entry.stage === 'delete' && entry.page === undefined && succeeded(entry);
}

/** It was done, or a vendor was asked for it, and that before it was due. */
function isEarly(entry: Entry): boolean {
  const { outcome, due, acted } = entry;
  if (due === undefined || acted === undefined || outcome === 'already-so') return false;
  if (outcome !== 'requested' && !succeeded(entry)) return false;
  return Date.parse(acted) < Date.parse(due);
}

function manyKeys(): { add(key: string): boolean } {
  const sets = Array.from({ length: SETS }, () => new Set<string>());
  return {
    add(key) {
      let sum = 0;
      for (let at = 0; at < key.length; at += 1) sum = (sum * 31 + key.charCodeAt(at)) % 65_521;
      const set = sets[sum % SETS];
      if (set === undefined || set.has(key)) return false;
      set.add(key);
      return true;
    },
  };
}
