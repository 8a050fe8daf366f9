import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../ports/log.ts';
import { AdapterError } from '../adapter-error.ts';

export interface KmsSignerOptions {
  /** The name of the key in signed notes. */
  readonly name: string;
  /** ARN of a key with the key spec `ECC_NIST_EDWARDS25519`. */
  readonly keyArn: string;
}

/**
 * An Ed25519 key in KMS. The whole text is sent and signed (`RAW`, at most 4,096 bytes): with `ED25519_SHA_512` that is
 * Ed25519 as RFC 8032 has it, which everyone can verify with the public key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html#key-spec-ecc
 */
export function kmsSigner(client: KMSClient, { name, keyArn }: KmsSignerOptions): Signer {
  /** Asked for once a process. A failed attempt is not remembered. */
  let known: Promise<Uint8Array> | undefined;

  async function read(): Promise<Uint8Array> {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    return rawKey(PublicKey);
  }

  return {
    name,
    publicKey() {
      known ??= read().catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    async sign(text) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyArn,
          Message: Buffer.from(text, 'utf8'),
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      );
      if (Signature === undefined) throw unfit();
      return new Uint8Array(Signature);
    },
  };
}

/** KMS answers with DER (SubjectPublicKeyInfo, RFC 8410). */
function rawKey(der: Uint8Array = new Uint8Array()): Uint8Array {
  try {
    const { crv, x } = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).export({
      format: 'jwk',
    });
    if (crv === 'Ed25519' && x !== undefined) return new Uint8Array(Buffer.from(x, 'base64url'));
  } catch (cause) {
    throw unfit(cause);
  }
  throw unfit();
}

function unfit(cause?: unknown): AdapterError {
  return new AdapterError(
    'SIGNING_KEY_UNFIT',
    'The key that signs the checkpoints of the deletion log is not an Ed25519 key (ECC_NIST_EDWARDS25519). Nothing is signed. Deploy the state stack again, and check that the variable SIGNING_KEY_ARN of the function seal names the output SigningKeyArn.',
    { cause },
  );
}
