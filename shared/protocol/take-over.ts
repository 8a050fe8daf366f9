import { entriesOf } from '../domain/plan/chunk-lines.ts';
import { isSuccess } from '../domain/record/actions.ts';
import type { Entry } from '../domain/plan/entry.ts';
import type { FormerAttempt } from '../domain/record/holding.ts';
import { logRef } from '../domain/configuration/references.ts';
import { chunkKey, hourOfChunk, objectKey, VOID } from './chunk-key.ts';
import type { Claimed } from './claim.ts';
import type { LaneCore } from './lane-core.ts';
import { logKeyOf } from './facts/refs-of.ts';

export interface FormerEntry {
  readonly entry: Entry;
  readonly place: { readonly chunk: string; readonly line: number };
}

/** What former attempts left in the log, and which of them were cut off before they could write. */
export interface FormerResult {
  readonly found?: FormerEntry;
  readonly interrupted: readonly number[];
}

/**
 * Settles the chunks of former attempts, after the token is ours: entries that are there are the result; where there
 * are none an empty object takes the key, so that the former worker can write none any more. Only then may the store
 * be read. Repeating it finds the same entries and the same voids. A holding that is unlinked from the log gets no
 * result: which entries are its own cannot be told.
 */
export async function settleFormer(
  core: LaneCore,
  holdings: readonly Claimed[],
): Promise<ReadonlyMap<string, FormerResult>> {
  const chunks = new Map<string, readonly FormerEntry[]>();
  const results = new Map<string, FormerResult>();
  for (const holding of holdings) {
    const key = await logKeyOf(core.keys, holding);
    if (key === undefined) continue;
    const ref = logRef(key, holding.ref);
    let found: FormerEntry | undefined;
    const interrupted: number[] = [];
    for (const former of holding.claim.former ?? []) {
      const entries = chunks.get(former.token) ?? (await walk(core, former));
      chunks.set(former.token, entries);
      const own = entries.find(({ entry }) => entry.holding === ref && sameAttempt(entry, holding, former));
      if (own === undefined) interrupted.push(former.attempt);
      else if (found === undefined || !isResult(found.entry)) found = own;
    }
    const named = new Set(found?.entry.interrupted ?? []);
    results.set(holding.ref, {
      interrupted: interrupted.filter((attempt) => !named.has(attempt)),
      ...(found === undefined ? {} : { found }),
    });
  }
  return results;
}

/** On the version claimed: if an event moved it, this counts as one more attempt that was cut off, which is true too. */
export async function sayUnread(core: LaneCore, { claim, ...holding }: Claimed): Promise<void> {
  await core.registry.putHolding({
    ...holding,
    version: holding.version + 1,
    claim: { ...claim, unread: true },
  });
}

function sameAttempt(entry: Entry, holding: Claimed, former: FormerAttempt): boolean {
  return (
    entry.generation === holding.generation &&
    entry.stage === holding.claim.stage &&
    entry.attempt === former.attempt
  );
}

export function isResult(entry: Entry): boolean {
  return entry.outcome !== 'interrupted' && isSuccess(entry.outcome);
}

/** The former worker's chunks, n = 0, 1, …, up to the first key that nothing lay at: that one is void now. */
async function walk(core: LaneCore, former: FormerAttempt): Promise<readonly FormerEntry[]> {
  const found: FormerEntry[] = [];
  for (let n = 0; ; n += 1) {
    const chunk = chunkKey(former.claimedAt, former.token, n);
    if ((await core.bucket.putIfAbsent(objectKey(chunk), VOID)) === 'written') return found;
    const bytes = await core.bucket.get(objectKey(chunk));
    const entries = entriesOf(bytes ?? VOID);
    // Its writer may have died before it rang, and so late that the hour is no longer looked at.
    if (entries.length > 0) await core.queues.toSeal({ kind: 'seal', hour: hourOfChunk(chunk) });
    found.push(...entries.map((entry, line) => ({ entry, place: { chunk, line } })));
  }
}
