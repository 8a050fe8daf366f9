import { hourId, isoUtc } from '../../domain/calendar/utc-time.ts';
import { type NoteKey, noteKey, vkeyOf } from '../../domain/log/note.ts';
import type { RotationEntry } from '../../domain/record/entry.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Signer } from '../../ports/log.ts';
import type { Core } from '../core.ts';
import { ownTokens, placeOf, putOwnEntry } from './own-entry.ts';

/** A key that takes over. It has the same name as the first one. */
export interface LaterKey {
  readonly signer: Signer;
  /** When it begins to sign. The one before it goes on for 30 days, and longer if the log does not name this one by then. */
  readonly from: Instant;
}

export interface SigningCore extends Pick<Core, 'clock' | 'registry'> {
  readonly signer: Signer;
  /** In the order of their times. */
  readonly laterKeys?: readonly LaterKey[];
}

export interface SigningKey {
  readonly signer: Signer;
  readonly key: NoteKey;
  readonly from: Instant;
}

const DAY = 86_400_000;
const BOTH_SIGN = 30 * DAY;

/** All keys of the log, from the first one on, with those that do not sign yet. */
export async function signingKeys({ signer, laterKeys = [] }: SigningCore): Promise<readonly SigningKey[]> {
  const all = [{ signer, from: -Infinity }, ...laterKeys];
  return Promise.all(
    all.map(async (one) => ({ ...one, key: noteKey(one.signer.name, await one.signer.publicKey()) })),
  );
}

/**
 * Those that sign the next checkpoint. A key ends only after its successor's entry is in a tree of this size, which was
 * published: while a key signs, it signs every one, so it has vouched for its successor before it ends.
 */
export async function signersNow(
  { clock, registry }: SigningCore,
  keys: readonly SigningKey[],
  publishedSize: number,
): Promise<readonly SigningKey[]> {
  const now = clock.now();
  const begun = keys.filter(({ from }) => from <= now);
  let first = 0;
  for (const [at, next] of begun.entries()) {
    if (at === 0) continue;
    if (now < next.from + BOTH_SIGN) break;
    const place = await placeOf(registry, tokensOf(next));
    if (place === undefined || place >= publishedSize) break;
    first = at;
  }
  return begun.slice(first);
}

/**
 * Puts an entry about every key that has begun to sign on its way into the log, once. Any number of runs may do it, and die
 * anywhere: an entry has the same token in all of them, and the first one stays.
 */
export async function introduceKeys(core: SigningCore & Pick<Core, 'configuration'>): Promise<void> {
  if (core.laterKeys === undefined) return;
  const { clock, registry } = core;
  const now = clock.now();
  const keys = await signingKeys(core);
  for (const one of keys.slice(1).filter(({ from }) => from <= now)) {
    if ((await placeOf(registry, tokensOf(one))) !== undefined) continue;
    const key = vkeyOf(one.key);
    await putOwnEntry(core, tokensOf(one), (token): RotationEntry => {
      // As its token says: by that time, it is found. And so it is the same in all runs.
      return { v: 2, token, did: 'rotate-key', at: isoUtc(one.from), key, software: SOFTWARE };
    });
  }
}

function tokensOf({ key, from }: SigningKey): readonly string[] {
  return ownTokens(hourId(from), `key-${key.id.toString(16).padStart(8, '0')}`);
}
