import type * as Dynamo from '@aws-sdk/client-dynamodb';
import type { KeyColumn } from '../domain/configuration.ts';
import type { StoreFailure } from '../ports/store.ts';
import { type Item, keyText } from './dynamodb-values.ts';
import { networkFailure, textOf } from './store-failure.ts';
import type { StoreTools } from './store-kind.ts';

/** The driver, loaded when a store of this kind is opened. */
export type Sdk = Pick<
  typeof Dynamo,
  'BatchGetItemCommand' | 'BatchWriteItemCommand' | 'DeleteItemCommand' | 'UpdateItemCommand'
>;

export type Got = { readonly item: Item | undefined } | { readonly code: StoreFailure };

export interface DynamoTable {
  readonly sdk: Sdk;
  readonly client: Dynamo.DynamoDBClient;
  readonly table: string;
  readonly keys: readonly KeyColumn[];
}

const READ_SIZE = 100;
const WRITE_SIZE = 25;
const PARALLEL = 10;
const FIRST_WAIT = 50;
const MOST_ROUNDS = 8;

/** Ends every call of one store operation when its time is over. */
export function deadline(tools: StoreTools): AbortSignal {
  return AbortSignal.timeout(tools.timeoutSeconds * 1000);
}

/** Consistent reads of these attributes, one answer a key. A partial answer of DynamoDB is asked again. */
export async function readItems(
  at: DynamoTable,
  keys: readonly Item[],
  attributes: readonly string[],
  signal: AbortSignal,
): Promise<Got[]> {
  const found = new Map<string, Got>();
  const distinct = [...new Map(keys.map((key) => [keyText(at.keys, key), key])).values()];
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  await eachParallel(inSlices(distinct, READ_SIZE), async (slice) => {
    let rest: readonly Item[] = slice;
    await inRounds(signal, async () => {
      const request = {
        Keys: [...rest],
        ConsistentRead: true,
        ProjectionExpression: Object.keys(names).join(', '),
        ExpressionAttributeNames: names,
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
  // An answer that belongs to no question would make its record look gone.
  if (found.size !== distinct.length) return keys.map(() => ({ code: 'STORE_ERROR' }));
  return keys.map((key) => found.get(keyText(at.keys, key)) ?? { code: 'STORE_ERROR' });
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

/** A few at a time, in no particular order; each answer in its place. */
export async function eachParallel<In, Out>(
  items: readonly In[],
  act: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const answers: Out[] = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) answers[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, work));
  return answers;
}

/** Repeats until done, longer apart each time; gives up when the time is over or after a bounded number of rounds. */
async function inRounds(signal: AbortSignal, round: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < MOST_ROUNDS; count += 1) {
    if (await round()) return;
    await pause(FIRST_WAIT * 2 ** count, signal);
    if (signal.aborted) return;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function inSlices<Part>(all: readonly Part[], size: number): Part[][] {
  const slices: Part[][] = [];
  for (let start = 0; start < all.length; start += size) slices.push(all.slice(start, start + size));
  return slices;
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
