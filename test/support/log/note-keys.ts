import { createPrivateKey, sign } from 'node:crypto';
import { checkpointText, type Checkpoint } from '../../../shared/domain/log/checkpoint.ts';
import { cosignedText, type WitnessKey, witnessKey } from '../../../shared/domain/log/cosignature.ts';
import { type NoteKey, noteKey, noteText } from '../../../shared/domain/log/note.ts';

/** A private key from 32 bytes that are this number. For tests only. */
function privateKey(seed: number): ReturnType<typeof createPrivateKey> {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.alloc(32, seed),
  ]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

export interface TestKey {
  readonly key: NoteKey;
  sign(text: string): Uint8Array;
}

export function testKey(name = 'tenure.example/log', seed = 7): TestKey {
  const secret = privateKey(seed);
  const { x = '' } = secret.export({ format: 'jwk' });
  return {
    key: noteKey(name, Buffer.from(x, 'base64url')),
    sign: (text) => sign(null, Buffer.from(text), secret),
  };
}

/** A note with the signatures of these keys, in this order. */
export function signedBy(text: string, ...keys: readonly TestKey[]): string {
  return noteText({
    text,
    signatures: keys.map((signer) => ({ ...signer.key, signature: signer.sign(text) })),
  });
}

export function signedCheckpoint(
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  signer: TestKey = testKey(),
): string {
  return signedBy(checkpointText({ origin: signer.key.name, size, root }), signer);
}

/** A witness that cosigns whatever it is given, at this time. `line`: its line after a checkpoint. */
export interface TestWitness {
  readonly key: WitnessKey;
  line(text: string, second?: bigint): string;
}

export function testWitness(name = 'witness.example/w1', seed = 101): TestWitness {
  const secret = testKey(name, seed);
  const own = witnessKey(name, secret.key.publicKey);
  return {
    key: own,
    line: (text, second = 1_772_359_200n) => {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(second);
      const signed = Buffer.concat([time, secret.sign(cosignedText(second, text))]);
      return noteText({ text: '', signatures: [{ ...own, signature: signed }] }).slice(1);
    },
  };
}

/** The note with the lines of these witnesses. */
export function cosignedBy(note: string, ...witnesses: readonly TestWitness[]): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  return note + witnesses.map((one) => one.line(text)).join('');
}
