import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { keyContext, type KeyName, keyPath } from '../domain/record/key-name.ts';
import type { Keys } from '../ports/keys.ts';
import { AdapterError } from './adapter-error.ts';
import type { DynamoCall } from './dynamodb/dynamo-call.ts';
import { type ItemKey, stored, trusted } from './dynamodb/dynamo-item.ts';
import { dynamoTable } from './dynamodb/dynamo-table.ts';
import { encryptingKeys } from './encrypting-keys.ts';

export interface KmsKeysOptions {
  readonly tableName: string;
  /** ARN of the customer-managed key that wraps the others. */
  readonly keyArn: string;
}

const wrappedKey = z.object({ k: z.custom<Uint8Array>((value) => value instanceof Uint8Array) });

/**
 * 32-byte keys, wrapped by one KMS key in items of the registry's table (`D#log/2026`). A key is created when it is
 * first needed, and written if absent; a process that loses that race uses the winner's key. The wrapping is bound to
 * the key's family and scope, and each role's permissions name those that it may use. Deleting an item destroys its key
 * for ever.
 */
export function kmsKeys(client: KMSClient, dynamo: DynamoCall, options: KmsKeysOptions): Keys {
  const { tableName, keyArn } = options;
  const table = dynamoTable(dynamo, tableName);
  /** Unwrapped keys of this process. Failed attempts and absent keys are not remembered. */
  const known = new Map<string, Promise<Uint8Array | undefined>>();

  async function unwrap(name: KeyName, item: Readonly<Record<string, unknown>>): Promise<Uint8Array> {
    const answer = await client.send(
      new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: trusted('data key', wrappedKey, item).k,
        EncryptionContext: keyContext(name),
      }),
    );
    return plain(answer.Plaintext);
  }

  async function read(name: KeyName): Promise<Uint8Array | undefined> {
    const item = await table.get(itemKey(name));
    return item === undefined ? undefined : unwrap(name, item);
  }

  async function make(name: KeyName): Promise<Uint8Array> {
    const answer = await client.send(
      new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: keyContext(name) }),
    );
    const k = answer.CiphertextBlob;
    if (k === undefined) throw keyless();
    const winner = await table.putIfAbsent(stored<z.infer<typeof wrappedKey>>(itemKey(name), { k }));
    return winner === undefined ? plain(answer.Plaintext) : unwrap(name, winner);
  }

  function remembered(
    name: KeyName,
    work: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const path = keyPath(name);
    const found = known.get(path);
    if (found !== undefined) return found;
    const finding = work();
    known.set(path, finding);
    const forget = (): void => {
      if (known.get(path) === finding) known.delete(path);
    };
    finding.then((key) => {
      if (key === undefined) forget();
    }, forget);
    return finding;
  }

  return encryptingKeys({
    async key(name) {
      // Absent only if a concurrent `existing` found no key: the next attempt creates it.
      for (;;) {
        const key = await remembered(name, async () => (await read(name)) ?? (await make(name)));
        if (key !== undefined) return key;
      }
    },
    existing: (name) => remembered(name, () => read(name)),
  });
}

function itemKey(name: KeyName): ItemKey {
  return { PK: `D#${keyPath(name)}`, SK: 'D' };
}

function plain(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw keyless();
  return new Uint8Array(bytes);
}

function keyless(): AdapterError {
  return new AdapterError(
    'KEY_MISSING',
    'KMS answered without a key. The current message is delivered again; if this error persists, check the KMS key of the state stack.',
  );
}
