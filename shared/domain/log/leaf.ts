import { canonicalJson } from '../canonical-json.ts';
import { utf8Text } from '../utf8.ts';

/** What the bytes of an entry say. `text` is the same as the bytes. */
export type ReadLeaf =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly fault: 'not-json' | 'not-canonical' };

/** Reads the bytes of an entry, which anyone may have written: it never throws. */
export function readLeaf(bytes: Uint8Array): ReadLeaf {
  // Other bytes would be read as U+FFFD, and then be the text of another entry.
  const text = utf8Text(bytes);
  if (text === undefined) return { ok: false, fault: 'not-json' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the parser's message: it quotes what it read.
    return { ok: false, fault: 'not-json' };
  }
  return canonicalOf(value) === text ? { ok: true, text, value } : { ok: false, fault: 'not-canonical' };
}

/** Nothing for what has no canonical form: a number that is infinite, or half a character. */
export function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}
