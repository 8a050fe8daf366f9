import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import { present } from '../../domain/present.ts';
import { AdapterError } from '../adapter-error.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_BATCH = 100;
const IDLE_ROUNDS = 6;
const FIRST_WAIT_MILLISECONDS = 25;

export interface Expression {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly names?: Readonly<Record<string, string>>;
}

export interface PartitionQuery {
  readonly partition: string;
  /** Sort keys that begin so. */
  readonly prefix?: string;
  readonly after?: string | undefined;
  /** Without it a page is what fits in 1 MB. */
  readonly limit?: number;
  readonly filter?: Expression;
}

export interface ItemPage {
  readonly items: readonly StoredItem[];
  readonly next?: string;
}

/** One DynamoDB table with string keys `PK` and `SK`. All reads are consistent; a call is one request unless it says otherwise. */
export interface DynamoTable {
  get(key: ItemKey): Promise<StoredItem | undefined>;
  /** One request for 100 keys, and more while some are left unprocessed. Missing ones are left out. */
  batchGet(keys: readonly ItemKey[]): Promise<StoredItem[]>;
  /** `false`: the condition did not hold, and nothing was written. */
  put(item: StoredItem, condition?: Expression): Promise<boolean>;
  /** Nothing if it was written, else what is there (a second request). */
  putIfAbsent(item: StoredItem & ItemKey): Promise<StoredItem | undefined>;
  /** The updated attributes, or nothing if the condition did not hold. */
  update(key: ItemKey, change: Expression, condition?: string): Promise<StoredItem | undefined>;
  /** `false`: the condition did not hold. */
  delete(key: ItemKey, condition?: Expression): Promise<boolean>;
  page(query: PartitionQuery): Promise<ItemPage>;
  /** Follows the pages to the end. */
  all(query: PartitionQuery): Promise<StoredItem[]>;
  scan(segment: number, segments: number, filter: Expression, after?: string): Promise<ItemPage>;
}

/** Items on a page of what people or single messages walk through. Hints and scans take what fits in 1 MB. */
export const PAGE_ITEMS = 100;

export const ABSENT: Expression = { expression: 'attribute_not_exists(PK)' };
export const EXISTS: Expression = { expression: 'attribute_exists(PK)' };

/** The item's version `r` is this; 0 means that there is no item. */
export function versionIs(version: number): Expression {
  return version === 0 ? ABSENT : { expression: 'r = :version', values: { ':version': version } };
}

export function dynamoTable(client: DynamoDBDocumentClient, tableName: string): DynamoTable {
  const TableName = tableName;

  async function get(Key: ItemKey): Promise<StoredItem | undefined> {
    return (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  }

  async function put(item: StoredItem, condition?: Expression): Promise<boolean> {
    const command = new PutCommand({ TableName, Item: item, ...conditionOf(condition) });
    return (await unlessConditionFails(client.send(command))) !== undefined;
  }

  async function page({ partition, prefix, after, limit, filter }: PartitionQuery): Promise<ItemPage> {
    const begins = prefix === undefined ? '' : ' AND begins_with(SK, :prefix)';
    const answer = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: `PK = :partition${begins}`,
        ExpressionAttributeValues: {
          ':partition': partition,
          ...present({ ':prefix': prefix }),
          ...filter?.values,
        },
        ...present({ FilterExpression: filter?.expression, Limit: limit }),
        ...(after === undefined ? {} : { ExclusiveStartKey: { PK: partition, SK: readCursor(after, 1)[0] } }),
      }),
    );
    const last = answer.LastEvaluatedKey;
    return { items: answer.Items ?? [], ...(last === undefined ? {} : { next: cursor(last['SK']) }) };
  }

  return {
    get,
    put,
    page,

    async batchGet(keys) {
      const found: StoredItem[] = [];
      for (let from = 0; from < keys.length; from += KEYS_PER_BATCH) {
        let open: readonly Record<string, unknown>[] = keys
          .slice(from, from + KEYS_PER_BATCH)
          .map(({ PK, SK }) => ({ PK, SK }));
        for (let idle = 0; open.length > 0;) {
          const answer = await client.send(
            new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [...open], ConsistentRead: true } } }),
          );
          found.push(...(answer.Responses?.[TableName] ?? []));
          const left = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
          idle = left.length < open.length ? 0 : idle + 1;
          if (idle > IDLE_ROUNDS) throw unprocessed();
          if (idle > 0) await wait(FIRST_WAIT_MILLISECONDS * 2 ** (idle - 1));
          open = left;
        }
      }
      return found;
    },

    async putIfAbsent(item) {
      // Asking for the old item with the failed condition would save this read, but not every engine answers that;
      // a conflict is a duplicate and rare, and one path for all engines is a tested path.
      for (;;) {
        if (await put(item, ABSENT)) return undefined;
        const there = await get({ PK: item.PK, SK: item.SK });
        if (there !== undefined) return there;
      }
    },

    async update(Key, change, condition) {
      const command = new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: change.expression,
        ...present({
          ConditionExpression: condition,
          ExpressionAttributeValues: change.values,
          ExpressionAttributeNames: change.names,
        }),
        ReturnValues: 'UPDATED_NEW',
      });
      const answer = await unlessConditionFails(client.send(command));
      return answer === undefined ? undefined : (answer.Attributes ?? {});
    },

    async delete(Key, condition) {
      const command = new DeleteCommand({ TableName, Key, ...conditionOf(condition) });
      return (await unlessConditionFails(client.send(command))) !== undefined;
    },

    async all(query) {
      const items: StoredItem[] = [];
      let after = query.after;
      do {
        const answer = await page({ ...query, after });
        items.push(...answer.items);
        after = answer.next;
      } while (after !== undefined);
      return items;
    },

    async scan(segment, segments, filter, after) {
      const [PK, SK] = after === undefined ? [] : readCursor(after, 2);
      const answer = await client.send(
        new ScanCommand({
          TableName,
          ConsistentRead: true,
          Segment: segment,
          TotalSegments: segments,
          FilterExpression: filter.expression,
          ...present({ ExpressionAttributeValues: filter.values }),
          ...(after === undefined ? {} : { ExclusiveStartKey: { PK, SK } }),
        }),
      );
      const last = answer.LastEvaluatedKey;
      return {
        items: answer.Items ?? [],
        ...(last === undefined ? {} : { next: cursor(last['PK'], last['SK']) }),
      };
    },
  };
}

function conditionOf(condition: Expression | undefined) {
  if (condition === undefined) return {};
  return {
    ConditionExpression: condition.expression,
    ...present({ ExpressionAttributeValues: condition.values, ExpressionAttributeNames: condition.names }),
  };
}

async function unlessConditionFails<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

function cursor(...keys: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

function readCursor(text: string, length: number): string[] {
  try {
    const keys: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (
      Array.isArray(keys) &&
      keys.length === length &&
      keys.every((key) => typeof key === 'string' && key !== '')
    ) {
      return keys;
    }
  } catch {
    // Reported below, without the parser's message: it quotes what it read.
  }
  throw new AdapterError(
    'CURSOR_INVALID',
    'A page was asked for with a cursor that this table did not give. Start again without a cursor.',
  );
}

function unprocessed(): AdapterError {
  return new AdapterError(
    'REGISTRY_UNPROCESSED',
    'The registry table left keys of a batch read unprocessed again and again: it is throttled. The message returns by itself; if this persists, look at the table’s throttling metrics.',
  );
}
