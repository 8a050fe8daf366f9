import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteCommand, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsKeys } from '../../../shared/adapters/kms-keys.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import { aHoldingRef } from '../../support/samples.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
const broken = expect.objectContaining({ code: 'CIPHERTEXT_BROKEN' });
const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0b1c';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

/** Wraps by remembering: what was wrapped under one context is unwrapped under no other. */
function fakeKms() {
  const client = new KMSClient({ region: 'eu-central-1' });
  const mock = mockClient(client);
  const wrapped = new Map<string, { plain: Uint8Array; context: string }>();
  mock.on(GenerateDataKeyCommand).callsFake(({ EncryptionContext }) => {
    const plain = crypto.getRandomValues(new Uint8Array(32));
    const blob = crypto.getRandomValues(new Uint8Array(48));
    wrapped.set(hex(blob), { plain, context: JSON.stringify(EncryptionContext) });
    return { Plaintext: plain, CiphertextBlob: blob };
  });
  mock.on(DecryptCommand).callsFake(({ CiphertextBlob, EncryptionContext }) => {
    const found = wrapped.get(hex(CiphertextBlob));
    if (found?.context !== JSON.stringify(EncryptionContext))
      throw Object.assign(new Error('no'), { name: 'InvalidCiphertextException' });
    return { Plaintext: found?.plain };
  });
  return { client, mock };
}

interface Deployment {
  /** One more process of the same deployment. */
  open(): Keys;
}

const KINDS: Readonly<Record<string, () => Promise<Deployment>>> = {
  'memory keys': async () => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    return { open: () => memoryKeys(secret) };
  },
  'KMS keys': async () => {
    const { client } = fakeKms();
    const tableName = await tables.create();
    return { open: () => kmsKeys(client, tables.call, { tableName, keyArn: KEY_ARN }) };
  },
};

describe.each(Object.entries(KINDS))('%s', (_, deploy) => {
  const to = { scope: 'crm', context: aHoldingRef(1) };

  test('what is sealed is opened under the same scope and context, whatever the day', async () => {
    const keys = (await deploy()).open();
    for (const [day, text] of [
      ['2026-03-01', '["a",1]'],
      ['2099-12-31', ''],
    ] as const) {
      const sealed = await keys.encrypt(to, day, bytes(text));
      expect(sealed).toMatch(/^[\w-]+$/);
      expect(await keys.decrypt(to, sealed)).toEqual(bytes(text));
    }
  });

  test('sealed text can be opened in another process of the deployment, and in no other deployment', async () => {
    const deployment = await deploy();
    const sealed = await deployment.open().encrypt(to, '2026-03-01', bytes('text'));
    expect(await deployment.open().decrypt(to, sealed)).toEqual(bytes('text'));
    await expect((await deploy()).open().decrypt(to, sealed)).rejects.toEqual(broken);
  });

  test('sealed text is broken under another scope or context, with another day, or when a bit changed', async () => {
    const keys = (await deploy()).open();
    const sealed = await keys.encrypt(to, '2026-03-01', bytes('text'));
    await expect(keys.decrypt({ ...to, scope: 'shop' }, sealed)).rejects.toEqual(broken);
    await expect(keys.decrypt({ ...to, context: aHoldingRef(2) }, sealed)).rejects.toEqual(broken);
    await expect(keys.decrypt(to, '')).rejects.toEqual(broken);
    await expect(keys.decrypt(to, sealed.slice(0, 20))).rejects.toEqual(broken);
    const raw = Buffer.from(sealed, 'base64url');
    for (let index = 0; index < raw.length; index += 1) {
      const changed = Buffer.from(raw);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      await expect(keys.decrypt(to, changed.toString('base64url'))).rejects.toEqual(broken);
    }
  });

  test('sealing is repeatable, and differs by scope, context, day and text', async () => {
    const deployment = await deploy();
    const keys = deployment.open();
    const sealed = await keys.encrypt(to, '2026-03-01', bytes('text'));
    expect(await deployment.open().encrypt(to, '2026-03-01', bytes('text'))).toBe(sealed);
    const others = await Promise.all([
      keys.encrypt({ ...to, scope: 'shop' }, '2026-03-01', bytes('text')),
      keys.encrypt({ ...to, context: 'other' }, '2026-03-01', bytes('text')),
      keys.encrypt(to, '2026-03-02', bytes('text')),
      keys.encrypt(to, '2026-03-01', bytes('texts')),
    ]);
    const nonces = [sealed, ...others].map((text) =>
      Buffer.from(text, 'base64url').subarray(5, 17).toString('hex'),
    );
    expect(new Set(nonces).size).toBe(5);
  });

  test('every purpose has a key of its own, the same in every process', async () => {
    const deployment = await deploy();
    const all = (keys: Keys) =>
      Promise.all([
        keys.registryKey(),
        keys.logKey(2026),
        keys.logKey(2027),
        keys.pseudonymKey('crm'),
        keys.pseudonymKey('shop'),
      ]);
    const first = await all(deployment.open());
    expect(new Set(first.map(hex)).size).toBe(5);
    expect(first.map((key) => key.length)).toEqual([32, 32, 32, 32, 32]);
    expect((await all(deployment.open())).map(hex)).toEqual(first.map(hex));
  });
});

describe('KMS keys in the table', () => {
  async function deployment() {
    const { client, mock } = fakeKms();
    const tableName = await tables.create();
    const open = (): Keys => kmsKeys(client, tables.call, { tableName, keyArn: KEY_ARN });
    const items = async () =>
      (await tables.documents.send(new ScanCommand({ TableName: tableName }))).Items ?? [];
    return { open, mock, tableName, items };
  }

  test('are wrapped under their family and scope, by the key that was given', async () => {
    const { open, mock, items } = await deployment();
    const keys = open();
    const plain = await keys.logKey(2026);
    await keys.encrypt({ scope: 'crm', context: 'c' }, '2026-03-01', bytes('text'));
    expect(mock.commandCalls(GenerateDataKeyCommand).map(({ args }) => args[0].input)).toEqual([
      { KeyId: KEY_ARN, KeySpec: 'AES_256', EncryptionContext: { tenure: 'log', scope: '2026' } },
      { KeyId: KEY_ARN, KeySpec: 'AES_256', EncryptionContext: { tenure: 'seal', scope: 'crm' } },
    ]);
    const stored = await items();
    expect(stored.map(({ PK, SK }) => `${PK}/${SK}`).toSorted()).toEqual([
      'D#log/2026/D',
      'D#seal/crm/2026-03-01/D',
    ]);
    expect(stored.map(({ k }) => hex(k as Uint8Array))).not.toContain(hex(plain));
    await open().logKey(2026);
    expect(mock.commandCalls(DecryptCommand)[0]?.args[0].input).toMatchObject({
      KeyId: KEY_ARN,
      EncryptionContext: { tenure: 'log', scope: '2026' },
    });
  });

  test('are made once, however many processes ask at once', async () => {
    const { open, items } = await deployment();
    const processes = [open(), open(), open()];
    const keys = await Promise.all([...processes, ...processes].map((process) => process.registryKey()));
    expect(new Set(keys.map(hex)).size).toBe(1);
    expect(await items()).toHaveLength(1);
  });

  test('are unwrapped once in a process', async () => {
    const { open, mock } = await deployment();
    await open().logKey(2026);
    const warm = open();
    await Promise.all([warm.logKey(2026), warm.logKey(2026)]);
    await warm.logKey(2026);
    expect(mock.commandCalls(DecryptCommand)).toHaveLength(1);
  });

  test('opening makes no key, whatever day a text names', async () => {
    const { open, mock, items } = await deployment();
    const sealed = Buffer.alloc(60, 1).toString('base64url');
    await expect(open().decrypt({ scope: 'cursor', context: 'c' }, sealed)).rejects.toEqual(broken);
    expect(mock.calls()).toHaveLength(0);
    expect(await items()).toHaveLength(0);
  });

  test('a key that could not be had is asked for again', async () => {
    const { open, mock } = await deployment();
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    mock.on(GenerateDataKeyCommand).rejectsOnce(denied);
    const keys = open();
    await expect(keys.logKey(2026)).rejects.toBe(denied);
    mock.on(GenerateDataKeyCommand).resolves({
      Plaintext: new Uint8Array(32).fill(1),
      CiphertextBlob: new Uint8Array(48).fill(2),
    });
    expect(await keys.logKey(2026)).toEqual(new Uint8Array(32).fill(1));
  });

  test('a refused unwrapping is an error, never a broken seal', async () => {
    const { open, mock } = await deployment();
    const sealed = await open().encrypt({ scope: 'crm', context: 'c' }, '2026-03-01', bytes('text'));
    mock.on(DecryptCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(open().decrypt({ scope: 'crm', context: 'c' }, sealed)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('what a destroyed key sealed can never be opened', async () => {
    const { open, tableName } = await deployment();
    const to = { scope: 'crm', context: 'c' };
    const sealed = await open().encrypt(to, '2026-03-01', bytes('text'));
    const key = { PK: 'D#seal/crm/2026-03-01', SK: 'D' };
    expect(
      (await tables.documents.send(new GetCommand({ TableName: tableName, Key: key }))).Item,
    ).toBeDefined();
    await tables.documents.send(new DeleteCommand({ TableName: tableName, Key: key }));
    await expect(open().decrypt(to, sealed)).rejects.toEqual(broken);
    await open().encrypt(to, '2026-03-01', bytes('text'));
    await expect(open().decrypt(to, sealed)).rejects.toEqual(broken);
  });
});
