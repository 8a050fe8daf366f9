import { canonicalJson } from '../domain/canonical-json.ts';
import type { ActionEntry, Entry } from '../domain/record/entry.ts';
import type { AttemptResult } from '../domain/record/work.ts';

type LogLine = Entry | ActionEntry;

/** All that a result puts into the log, in its order. */
export function logLinesOf({
  entries,
  actions = [],
}: Pick<AttemptResult, 'entries' | 'actions'>): readonly LogLine[] {
  return [...entries, ...actions];
}

/**
 * Entries of one batch as one object of the log: canonical JSON (RFC 8785), a line each, in the order of the log. The
 * key is the index of its first entry, 20 digits, so that keys sort as the log does.
 */
export function bundleKey(first: number): string {
  return `entries/${String(first).padStart(20, '0')}`;
}

export function bundleBytes(entries: readonly LogLine[]): Uint8Array {
  return Buffer.from(entries.map((entry) => `${canonicalJson(entry)}\n`).join(''), 'utf8');
}
