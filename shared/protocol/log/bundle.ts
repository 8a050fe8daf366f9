import { addSum } from '../../domain/log/entry-sums.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { batchKey } from '../../domain/log/batch-key.ts';
import type { Entry, NoteEntry } from '../../domain/record/entry.ts';
import type { AttemptResult, EntrySum, SealedIndex } from '../../domain/record/work.ts';
import type { LogBucket } from '../../ports/log.ts';

type LogLine = Entry | NoteEntry;

/** All that a result puts into the log, in its order. */
export function logLinesOf({
  entries,
  actions = [],
}: Pick<AttemptResult, 'entries' | 'actions'>): readonly LogLine[] {
  return [...entries, ...actions];
}

/** Which store, and so which lane, a note is about; nothing if it is about none or all of them. */
export function storeOfNote(note: NoteEntry | undefined): string | undefined {
  switch (note?.did) {
    case undefined:
    case 'corrected':
    case 'retracted':
    case 'rotate-key':
    case 'drop':
    case 'due-list':
    case 'statement':
      return undefined;
    case 'disposed-before-fact':
    case 'came-back':
      return note.store;
    case 'pause':
    case 'resume':
    case 'approve':
    case 'abort':
    case 'correct':
    case 'retract':
    case 'replay':
    case 'discard':
    case 'hold':
    case 'release':
    case 'request':
    case 'activate':
    case 'restore-replay':
    case 'confirm-vendor':
    case 'propose':
    case 'withdraw':
      return note.lane;
  }
}

/** Where a result's lines lie in the log, with what filters need. */
export function sealedIndexOf(result: AttemptResult, first: number): SealedIndex {
  const { token, store, entries } = result;
  const outcomes: Record<string, number> = {};
  for (const { outcome } of entries) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const rules = [...new Set(entries.map(({ rule }) => rule))];
  const sums = sumsOf(entries);
  return { token, first, count: logLinesOf(result).length, store, rules, outcomes, sums };
}

/** In the order in which rules and outcomes come first. */
export function sumsOf(entries: readonly Entry[]): readonly EntrySum[] {
  const sums = new Map<string, EntrySum>();
  for (const { rule, outcome, page } of entries)
    addSum(sums, { rule, outcome, entries: 1, records: page?.records ?? 1 });
  return [...sums.values()];
}

/**
 * Entries of one batch as one object of the log: canonical JSON (RFC 8785), a line each, in the order of the log.
 */
export function bundleKey(first: number): string {
  return batchKey('entries', first);
}

export function bundleBytes(entries: readonly LogLine[]): Uint8Array {
  return bundleOf(entries.map(canonicalJson));
}

/** Of entries that are canonical JSON already. */
export function bundleOf(texts: readonly string[]): Uint8Array {
  return Buffer.from(texts.map((text) => `${text}\n`).join(''), 'utf8');
}

/** The bucket and the registry do not tell the same log. Nothing more is put into it before a person has looked. */
class LogForked extends Error {
  readonly code = 'LOG_FORKED';
  constructor(key: string) {
    super(
      `The object ${key} of the deletion log has other entries than the registry put in this place. Nothing more is sealed. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'LogForked';
  }
}

/**
 * Writes an object of the log once. One that is there already came from an earlier try or another run, and then it has the
 * same bytes. With other bytes it throws what `forked` makes: by default that the registry does not know what the log has,
 * because it is an older copy of the table, or another one.
 */
export async function writeOnce(
  bucket: LogBucket,
  key: string,
  bytes: Uint8Array,
  forked = (): Error => new LogForked(key),
): Promise<void> {
  if ((await bucket.putIfAbsent(key, bytes)) === 'written') return;
  const there = await bucket.get(key);
  if (there === undefined || !Buffer.from(there).equals(bytes)) throw forked();
}
