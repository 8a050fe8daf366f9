import type { Checkpoint } from '../../shared/domain/log/checkpoint.ts';
import { type NoteKey, vkeyOf } from '../../shared/domain/log/note.ts';

/** What a checkpoint says and who has signed it, as the commands show it. */
export interface SignedHead {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly signedBy: readonly string[];
}

export function signedHead({ origin, size, root }: Checkpoint, signers: readonly NoteKey[]): SignedHead {
  return {
    origin,
    size,
    root: Buffer.from(root).toString('base64'),
    signedBy: signers.map((signer) => vkeyOf(signer)),
  };
}
