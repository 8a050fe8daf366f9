import type { Cosignature } from '../../domain/log/cosignature.ts';
import { addCheckpointBody, cosignatureIn, knownSize } from '../../domain/log/witness-request.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Witness } from '../../ports/log.ts';
import type { SignedCheckpoint } from './signed-tree.ts';

/**
 * Why a witness has not cosigned. `WITNESS_CONTRADICTS`: it says that it has seen a log that is not the beginning of this
 * one. `WITNESS_UNPROVEN`: the tiles that the proof is made from cannot be read.
 */
export type WitnessFault =
  | 'WITNESS_NO_ANSWER'
  | 'WITNESS_REFUSED'
  | 'WITNESS_WRONG'
  | 'WITNESS_CONTRADICTS'
  | 'WITNESS_UNPROVEN';

export type Asked =
  | { readonly kind: 'cosigned'; readonly cosignature: Cosignature }
  | { readonly kind: 'missing'; readonly code: WitnessFault; readonly status?: number }
  /** It says that it knows a larger log. Another run may have asked it meanwhile. */
  | { readonly kind: 'ahead'; readonly size: number };

interface Asking {
  readonly checkpoint: SignedCheckpoint;
  /** The size that the witness has probably seen last. */
  readonly known: number;
  /** The proof that the checkpoint goes on from a tree of this size. */
  readonly proofFrom: (old: number) => Promise<readonly Uint8Array[]>;
  readonly now: Instant;
}

/** The first one, one after it has said what it knows, and one more, because somebody else may have asked it meanwhile. */
const MOST_REQUESTS = 3;
const MOST_FAILURES = 2;
const OK = 200;
const CONFLICT = 409;
const UNPROCESSABLE = 422;
/** A clock may be wrong by so much; what is further in the future was not signed then. */
const AHEAD = 3_600_000;

/**
 * Asks a witness for its cosignature. What it answers is believed only where its key has signed it: a size that it says it
 * knows is where the next proof begins, and nothing else.
 */
export async function askWitness(witness: Witness, asking: Asking): Promise<Asked> {
  const { checkpoint, proofFrom, now } = asking;
  let old = asking.known;
  let failures = 0;
  let last: Asked = missing('WITNESS_NO_ANSWER');
  for (let request = 0; request < MOST_REQUESTS && failures < MOST_FAILURES; request += 1) {
    const proof = await proofFrom(old).catch(() => undefined);
    if (proof === undefined) return missing('WITNESS_UNPROVEN');
    const answer = await witness.addCheckpoint(addCheckpointBody(old, proof, checkpoint.note));
    switch (answer.status) {
      case OK: {
        const cosignature = cosignatureIn(answer.text, checkpoint.text, witness.key);
        return cosignature === undefined || cosignature.at > now + AHEAD
          ? missing('WITNESS_WRONG')
          : { kind: 'cosigned', cosignature };
      }
      case CONFLICT: {
        const size = knownSize(answer.text);
        if (size === undefined || size === old) return missing('WITNESS_WRONG', CONFLICT);
        if (size > checkpoint.size) return { kind: 'ahead', size };
        old = size;
        last = missing('WITNESS_REFUSED', CONFLICT);
        break;
      }
      case UNPROCESSABLE:
        return missing('WITNESS_CONTRADICTS', UNPROCESSABLE);
      case 'none':
        last = missing('WITNESS_NO_ANSWER');
        failures += 1;
        break;
      default:
        last = missing('WITNESS_REFUSED', answer.status);
        // What it refuses for a reason of ours, it refuses again.
        if (answer.status < 500) return last;
        failures += 1;
    }
  }
  return last;
}

function missing(code: WitnessFault, status?: number): Asked {
  return { kind: 'missing', code, ...(status !== undefined && { status }) };
}
