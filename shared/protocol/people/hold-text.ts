import { codeOf } from '../../domain/error-code.ts';
import { HOLD_TEXTS } from '../../domain/record/hold.ts';
import type { NamedEntity } from '../../domain/record/incoming.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { EncryptionScope, Keys } from '../../ports/keys.ts';
import { openJson, sealJson } from './sealed-json.ts';

/** What people wrote about a hold, and who they are. Sealed in the registry, and never in the log, in logs or in metrics. */
export interface HoldText {
  readonly matter: string;
  readonly reason: string;
  /** The principal. */
  readonly by: string;
  /** As it was named: its state knows only a reference. */
  readonly entity?: NamedEntity;
}

export interface ReleaseText {
  readonly reason: string;
  readonly by: string;
}

export function sealHoldText(keys: Keys, id: string, at: Instant, words: HoldText): Promise<string> {
  return sealJson(keys, { scope: HOLD_TEXTS, context: id }, at, words);
}

export function sealReleaseText(keys: Keys, id: string, at: Instant, words: ReleaseText): Promise<string> {
  return sealJson(keys, { scope: HOLD_TEXTS, context: `${id} released` }, at, words);
}

/** Nothing if the text cannot be opened: its data key is lost, or somebody changed it. */
export async function openHoldText(
  keys: Keys,
  id: string,
  text: string | undefined,
): Promise<HoldText | undefined> {
  // Only `sealHoldText` seals under this context.
  return (await opened(keys, { scope: HOLD_TEXTS, context: id }, text)) as HoldText | undefined;
}

export async function openReleaseText(
  keys: Keys,
  id: string,
  text: string | undefined,
): Promise<ReleaseText | undefined> {
  return (await opened(keys, { scope: HOLD_TEXTS, context: `${id} released` }, text)) as
    | ReleaseText
    | undefined;
}

async function opened(keys: Keys, from: EncryptionScope, text: string | undefined): Promise<unknown> {
  try {
    return await openJson(keys, from, text);
  } catch (error) {
    if (codeOf(error) === 'CIPHERTEXT_BROKEN') return undefined;
    throw error;
  }
}
