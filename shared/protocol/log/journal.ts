import { MAX_ENTRY_BYTES } from '../../domain/log/bundles.ts';
import type { LogBucket } from '../../ports/log.ts';
import type { LogHead } from '../../ports/results.ts';
import { bundleKey } from './bundle.ts';

/** What is put into the tree under one signature: a run that has much to do signs several times. */
const MOST_ENTRIES = 65_536;
const MOST_BYTES = 32_000_000;
const NEWLINE = 0x0a;

/** The journal lacks entries that the registry says are in it, or has what is none. */
class JournalDamaged extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(key: string, what: string) {
    super(
      `The object ${key} of the deletion log ${what}. No checkpoint is signed. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'JournalDamaged';
  }
}

/**
 * Entries of the journal from this index on, in whole batches: up to the head's last one, or as much as fits under one
 * signature. Each is a line without its newline. None if the batch of this index is still being written.
 */
export async function journalEntries(
  bucket: LogBucket,
  head: LogHead,
  from: number,
  goOn: () => boolean,
): Promise<readonly Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let bytes = 0;
  do {
    const first = from + entries.length;
    const batch = await bucket.get(bundleKey(first));
    if (batch === undefined) {
      if (!head.published && head.batch[0]?.first === first) break;
      throw new JournalDamaged(bundleKey(first), 'is missing');
    }
    entries.push(...linesOf(bundleKey(first), batch));
    bytes += batch.length;
  } while (
    from + entries.length < head.size &&
    entries.length < MOST_ENTRIES &&
    bytes < MOST_BYTES &&
    goOn()
  );
  return entries;
}

function linesOf(key: string, bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    if (end === start || end - start > MAX_ENTRY_BYTES)
      throw new JournalDamaged(
        key,
        `has a line of ${end - start} bytes, and an entry has 1 to ${MAX_ENTRY_BYTES}`,
      );
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start === 0 || start !== bytes.length) throw new JournalDamaged(key, 'does not end with a whole line');
  return lines;
}
