import canonicalize from 'canonicalize';
import type { Entry } from './entry.ts';

/** JSON lines: one RFC 8785 entry a line, so that a line is a Merkle leaf. */
export function chunkBytes(entries: readonly Entry[]): Uint8Array {
  return Buffer.from(entries.map((entry) => `${canonicalize(entry)}\n`).join(''));
}

export function entriesOf(bytes: Uint8Array): readonly Entry[] {
  return linesOf(bytes).map((line) => JSON.parse(line) as Entry);
}

export function linesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes).toString('utf8');
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
