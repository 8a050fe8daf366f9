import type * as Dynamo from '@aws-sdk/client-dynamodb';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Presence, StoreFailure } from '../../ports/store.ts';
import { eachParallel, inRounds, inSlices } from '../bounded-calls.ts';
import { type Item, keyText, versionText } from './dynamodb-values.ts';
import { networkFailure, textOf } from '../store-failure.ts';

/** The driver, loaded when a store of this kind is opened. */
export type Sdk = Pick<
  typeof Dynamo,
  | 'BatchGetItemCommand'
  | 'BatchWriteItemCommand'
  | 'DeleteItemCommand'
  | 'DescribeContinuousBackupsCommand'
  | 'DescribeTableCommand'
  | 'ListTablesCommand'
  | 'QueryCommand'
  | 'ScanCommand'
  | 'UpdateItemCommand'
>;

export type Got = { readonly item: Item | undefined } | { readonly code: StoreFailure };

export interface DynamoTable {
  readonly sdk: Sdk;
  readonly client: Dynamo.DynamoDBClient;
  readonly table: string;
  readonly keys: readonly KeyColumn[];
}

export const READ_SIZE = 100;
const WRITE_SIZE = 25;

export async function describeTable(
  { sdk, client, table }: DynamoTable,
  abortSignal: AbortSignal,
  TableName = table,
): Promise<Dynamo.TableDescription | undefined> {
  const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName }), { abortSignal });
  return Table;
}

/**
 * Consistent reads of these attributes, or of whole items, one answer per key. Keys that DynamoDB left unprocessed are requested again.
 */
export async function readItems(
  at: DynamoTable,
  keys: readonly Item[],
  attributes: readonly string[] | 'all',
  signal: AbortSignal,
): Promise<Got[]> {
  const found = new Map<string, Got>();
  const distinct = [...new Map(keys.map((key) => [keyText(at.keys, key), key])).values()];
  const projection = attributes === 'all' ? {} : projected(attributes);
  await eachParallel(inSlices(distinct, READ_SIZE), async (slice) => {
    let rest: readonly Item[] = slice;
    await inRounds(signal, async () => {
      const request = {
        Keys: [...rest],
        ConsistentRead: true,
        ...projection,
      };
      const answer: Dynamo.BatchGetItemCommandOutput = await at.client.send(
        new at.sdk.BatchGetItemCommand({ RequestItems: { [at.table]: request } }),
        { abortSignal: signal },
      );
      const items = answer.Responses?.[at.table] ?? [];
      for (const item of items) found.set(keyText(at.keys, item), { item });
      const left = answer.UnprocessedKeys?.[at.table]?.Keys ?? [];
      const waiting = new Set(left.map((key) => keyText(at.keys, key)));
      for (const key of rest) {
        const text = keyText(at.keys, key);
        if (!waiting.has(text) && !found.has(text)) found.set(text, { item: undefined });
      }
      rest = left;
      return rest.length === 0;
    }).catch((error: unknown) => {
      for (const key of rest) found.set(keyText(at.keys, key), { code: dynamoFailure(error) });
    });
    for (const key of rest) {
      const text = keyText(at.keys, key);
      if (!found.has(text)) found.set(text, { code: 'STORE_THROTTLED' });
    }
  });
  // A missing or mismatched answer would make its record look gone.
  if (found.size !== distinct.length) return keys.map(() => ({ code: 'STORE_ERROR' }));
  return keys.map((key) => found.get(keyText(at.keys, key)) ?? { code: 'STORE_ERROR' });
}

export function presenceOf(got: Got, versionAttribute: string | undefined): Presence {
  if ('code' in got) return { state: 'unknown', code: got.code };
  if (!got.item) return { state: 'gone' };
  if (versionAttribute === undefined) return { state: 'present' };
  const version = versionText(got.item, versionAttribute);
  return version === undefined ? { state: 'unknown', code: 'STORE_SCHEMA' } : { state: 'present', version };
}

function projected(attributes: readonly string[]) {
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  return { ProjectionExpression: Object.keys(names).join(', '), ExpressionAttributeNames: names };
}

/** Unconditional deletes; `undefined` where the item is gone now. */
export async function deleteItems(
  at: DynamoTable,
  keys: readonly Item[],
  signal: AbortSignal,
): Promise<(StoreFailure | undefined)[]> {
  const failed = new Map<string, StoreFailure>();
  await eachParallel(inSlices(keys, WRITE_SIZE), async (slice) => {
    let rest: readonly Item[] = slice;
    let failure: StoreFailure = 'STORE_THROTTLED';
    await inRounds(signal, async () => {
      const requests = rest.map((key) => ({ DeleteRequest: { Key: key } }));
      const answer = await at.client.send(
        new at.sdk.BatchWriteItemCommand({ RequestItems: { [at.table]: requests } }),
        { abortSignal: signal },
      );
      rest = (answer.UnprocessedItems?.[at.table] ?? []).flatMap(({ DeleteRequest }) =>
        DeleteRequest?.Key ? [DeleteRequest.Key] : [],
      );
      return rest.length === 0;
    }).catch((error: unknown) => {
      failure = dynamoFailure(error);
    });
    for (const key of rest) failed.set(keyText(at.keys, key), failure);
  });
  return keys.map((key) => failed.get(keyText(at.keys, key)));
}

const NAMED: Readonly<Record<string, StoreFailure>> = {
  ProvisionedThroughputExceededException: 'STORE_THROTTLED',
  ThrottlingException: 'STORE_THROTTLED',
  ThrottledException: 'STORE_THROTTLED',
  RequestLimitExceeded: 'STORE_THROTTLED',
  TransactionConflictException: 'STORE_THROTTLED',
  AccessDeniedException: 'STORE_DENIED',
  UnrecognizedClientException: 'STORE_DENIED',
  MissingAuthenticationTokenException: 'STORE_DENIED',
  IncompleteSignatureException: 'STORE_DENIED',
  InvalidSignatureException: 'STORE_DENIED',
  ExpiredTokenException: 'STORE_DENIED',
  CredentialsProviderError: 'STORE_DENIED',
  ResourceNotFoundException: 'STORE_SCHEMA',
  ValidationException: 'STORE_SCHEMA',
  ItemCollectionSizeLimitExceededException: 'STORE_CONSTRAINT',
  AbortError: 'STORE_TIMEOUT',
  TimeoutError: 'STORE_TIMEOUT',
};

export function isConditionFailure(error: unknown): boolean {
  return textOf(error, 'name') === 'ConditionalCheckFailedException';
}

/** By the error's name alone: its message may quote a key. */
export function dynamoFailure(error: unknown): StoreFailure {
  const named = NAMED[textOf(error, 'name') ?? ''];
  return named ?? networkFailure(error) ?? 'STORE_ERROR';
}
