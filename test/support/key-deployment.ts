import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteCommand, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { kmsKeys } from '../../shared/adapters/kms-keys.ts';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import type { TestTables } from './registry-table.ts';

export const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
export const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0b1c';
/** Half a minute before the year ends: on some clock it has ended. */
const NEW_YEAR = Date.parse('2026-12-31T23:59:30Z');

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

/** KMS keys of one deployment, and its table to look into. */
export async function keyDeployment(tables: TestTables) {
  const { client, mock } = fakeKms();
  const tableName = await tables.create();
  const clock = memoryClock(NEW_YEAR);
  const options = { tableName, keyArn: KEY_ARN, clock, clockToleranceSeconds: 60 };
  const open = (): Keys => kmsKeys(client, tables.call, options);
  const items = async () =>
    (await tables.documents.send(new ScanCommand({ TableName: tableName }))).Items ?? [];
  const key = (PK: string, SK: string) => ({ TableName: tableName, Key: { PK, SK } });
  /** Takes the item away and answers it. */
  const remove = async (PK: string, SK: string): Promise<Record<string, unknown>> => {
    const { Item: item } = await tables.documents.send(new GetCommand(key(PK, SK)));
    await tables.documents.send(new DeleteCommand(key(PK, SK)));
    if (item === undefined) throw new Error('there is no such item');
    return item;
  };
  const put = (Item: Record<string, unknown>) =>
    tables.documents.send(new PutCommand({ TableName: tableName, Item }));
  return { open, mock, clock, tableName, items, remove, put };
}
