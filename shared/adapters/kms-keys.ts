import { createHmac } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { keyContext, type KeyName, keyPath } from '../domain/record/key-name.ts';
import { yearOf } from '../domain/calendar/utc-time.ts';
import type { Clock } from '../ports/clock.ts';
import { type Keys, LogKeyMissing } from '../ports/keys.ts';
import { AdapterError } from './adapter-error.ts';
import type { DynamoCall } from './dynamodb/dynamo-call.ts';
import { type ItemKey, stored, type StoredItem, trusted } from './dynamodb/dynamo-item.ts';
import { dynamoTable } from './dynamodb/dynamo-table.ts';
import { encryptingKeys } from './encrypting-keys.ts';

export interface KmsKeysOptions {
  readonly tableName: string;
  /** ARN of the customer-managed key that wraps the others. */
  readonly keyArn: string;
  readonly clock: Clock;
  readonly clockToleranceSeconds: number;
}

const wrappedKey = z.object({ k: z.custom<Uint8Array>((value) => value instanceof Uint8Array) });
/** Says which key the registry was begun with: a keyed hash that tells nothing about the key. */
const markerItem = z.object({ f: z.string() });
const MARKER: ItemKey = { PK: 'D#registry/registry', SK: 'M' };

/**
 * 32-byte keys, wrapped by one KMS key in items of the registry's table (`D#log/2026`). A key is created when it is
 * first needed, and written if absent; a process that loses that race uses the winner's key. The wrapping is bound to
 * the key's family and scope, and each role's permissions name those that it may use. Deleting an item destroys its key
 * for ever: the key of the registry and those of past years are never made again.
 */
export function kmsKeys(client: KMSClient, dynamo: DynamoCall, options: KmsKeysOptions): Keys {
  const { tableName, keyArn, clock, clockToleranceSeconds } = options;
  const table = dynamoTable(dynamo, tableName);
  /** Unwrapped keys of this process. Failed attempts and absent keys are not remembered. */
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  /** Keys that were there once: this process does not ask again. */
  const ensured = new Set<string>();

  async function unwrap(name: KeyName, item: StoredItem): Promise<Uint8Array> {
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

  /** The current year by any clock. */
  function isThisYear(year: number): boolean {
    const now = clock.now();
    const tolerance = clockToleranceSeconds * 1000;
    return year >= yearOf(now - tolerance) && year <= yearOf(now + tolerance);
  }

  /** Creates the key, where that is allowed. Answers the item of a process that was faster, or the key. */
  async function create(
    name: KeyName,
  ): Promise<{ readonly winner: StoredItem } | { readonly made: Uint8Array }> {
    if (name.family === 'log' && !isThisYear(Number(name.scope))) throw new LogKeyMissing(Number(name.scope));
    const answer = await client.send(
      new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: keyContext(name) }),
    );
    const k = answer.CiphertextBlob;
    if (k === undefined) throw keyless();
    const winner = await table.putIfAbsent(stored<z.infer<typeof wrappedKey>>(itemKey(name), { k }));
    return winner === undefined ? { made: plain(answer.Plaintext) } : { winner };
  }

  async function make(name: KeyName): Promise<Uint8Array> {
    const created = await create(name);
    return 'made' in created ? created.made : unwrap(name, created.winner);
  }

  /**
   * The marker is written after the key and before the key is used. So a key that was ever used has a marker, and a key
   * that fits no marker was lost: references made with another one would find nothing that is registered.
   */
  async function registryKey(name: KeyName): Promise<Uint8Array> {
    const [key, marker] = await Promise.all([read(name), table.get(MARKER)]);
    if (key === undefined && marker !== undefined) throw registryKeyMissing();
    const used = key ?? (await make(name));
    const f = createHmac('sha256', used).update('registry key').digest('base64url');
    const there = marker ?? (await table.putIfAbsent(stored<z.infer<typeof markerItem>>(MARKER, { f })));
    if (there !== undefined && trusted('key marker', markerItem, there).f !== f) throw registryKeyMissing();
    return used;
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
        const key = await remembered(name, async () =>
          name.family === 'registry' ? registryKey(name) : ((await read(name)) ?? (await make(name))),
        );
        if (key !== undefined) return key;
      }
    },
    async ensure(name) {
      const path = keyPath(name);
      if (ensured.has(path)) return;
      if ((await table.get(itemKey(name))) === undefined) await create(name);
      ensured.add(path);
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

function registryKeyMissing(): AdapterError {
  return new AdapterError(
    'REGISTRY_KEY_MISSING',
    'The key of the registry is missing, or it is not the one that the registry was begun with. Restore the item D#registry/registry from a backup of the table. No other key can be used: what is registered could not be found with it.',
  );
}

function keyless(): AdapterError {
  return new AdapterError(
    'KEY_MISSING',
    'KMS answered without a key. The current message is delivered again; if this error persists, check the KMS key of the state stack.',
  );
}
