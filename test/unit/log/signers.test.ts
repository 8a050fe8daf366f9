import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyFileSigner } from '../../../local/engines/key-file-signer.ts';
import { kmsSigner } from '../../../shared/adapters/signing/kms-signer.ts';
import { noteKey, noteText, openNote } from '../../../shared/domain/log/note.ts';
import type { Signer } from '../../../shared/ports/log.ts';

const NAME = 'tenure/deletion-log';
const TEXT = `${NAME}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`;
const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/signing';

/** Whether the note that it signs can be verified with its public key. */
async function isVerified(signer: Signer): Promise<boolean> {
  const key = noteKey(signer.name, await signer.publicKey());
  const signature = await signer.sign(TEXT);
  const note = noteText({ text: TEXT, signatures: [{ name: key.name, id: key.id, signature }] });
  return openNote(note, [key]).ok;
}

describe('a signer with a key in KMS', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  function kms() {
    const client = new KMSClient();
    const mock = mockClient(client);
    mock.on(GetPublicKeyCommand).resolves({ PublicKey: new Uint8Array(spki) });
    mock.on(SignCommand).callsFake(({ Message }) => ({ Signature: sign(null, Message, privateKey) }));
    return { mock, signer: kmsSigner(client, { name: NAME, keyArn }) };
  }

  test('sends the whole text, and signs as RFC 8032 does', async () => {
    const { mock, signer } = kms();
    expect(await isVerified(signer)).toBe(true);
    expect(mock.commandCalls(SignCommand).map(({ args }) => args[0].input)).toEqual([
      {
        KeyId: keyArn,
        Message: Buffer.from(TEXT),
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      },
    ]);
  });

  test('asks for its public key once, and again after a failure', async () => {
    const { mock, signer } = kms();
    mock
      .on(GetPublicKeyCommand)
      .rejectsOnce(new Error('throttled'))
      .resolves({ PublicKey: new Uint8Array(spki) });
    await expect(signer.publicKey()).rejects.toThrow('throttled');
    expect(await signer.publicKey()).toHaveLength(32);
    await signer.publicKey();
    expect(mock.commandCalls(GetPublicKeyCommand)).toHaveLength(2);
  });

  test.each([
    ['another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['another curve', generateKeyPairSync('ed448').publicKey],
  ])('refuses a key of %s', async (_, other) => {
    const { mock, signer } = kms();
    const PublicKey = new Uint8Array(other.export({ format: 'der', type: 'spki' }));
    mock.on(GetPublicKeyCommand).resolves({ PublicKey });
    await expect(signer.publicKey()).rejects.toMatchObject({ code: 'SIGNING_KEY_UNFIT' });
  });

  test('refuses what is no key, and an answer without one or without a signature', async () => {
    const { mock, signer } = kms();
    mock.on(SignCommand).resolves({});
    await expect(signer.sign(TEXT)).rejects.toMatchObject({ code: 'SIGNING_KEY_UNFIT' });
    for (const answer of [{}, { PublicKey: Buffer.from('no key') }]) {
      mock.on(GetPublicKeyCommand).resolves(answer);
      await expect(signer.publicKey()).rejects.toMatchObject({ code: 'SIGNING_KEY_UNFIT' });
    }
  });
});

describe('a signer with a key in a file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('makes the key once, for its owner alone', async () => {
    const file = join(folder, 'key.pem');
    const [one, other] = [await keyFileSigner(NAME, file), await keyFileSigner(NAME, file)];
    expect(await isVerified(one)).toBe(true);
    expect(await other.publicKey()).toEqual(await one.publicKey());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('refuses a key of another kind', async () => {
    const file = join(folder, 'key.pem');
    const { privateKey } = generateKeyPairSync('ed448');
    await writeFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await expect(keyFileSigner(NAME, file)).rejects.toThrow('not an Ed25519 key');
  });
});
