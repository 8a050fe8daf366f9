import { isDeepStrictEqual } from 'node:util';
import { AdapterError } from '../adapter-error.ts';
import { present } from '../../domain/present.ts';
import { type AttributeMap, fromAttributes, toAttributes } from './attribute-values.ts';
import { type DynamoBatches, dynamoBatches } from './dynamo-batches.ts';
import { type DynamoCall, DynamoRefusal } from './dynamo-call.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';

export interface Expression {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly names?: Readonly<Record<string, string>>;
}

export interface PartitionQuery {
  readonly partition: string;
  /** Sort keys that begin so. */
  readonly prefix?: string;
  /** Sort keys between these, both included. */
  readonly between?: readonly [string, string];
  readonly after?: string | undefined;
  /** Without it a page is what fits in 1 MB. */
  readonly limit?: number;
}

export interface ItemPage {
  readonly items: readonly StoredItem[];
  readonly next?: string;
}

/**
 * One DynamoDB table with string keys `PK` and `SK`. All reads are consistent; a call is one request unless it says
 * otherwise. A write that was sent again because its answer was lost, and whose condition then failed, is compared with
 * what is stored: what is there as it was to be written is answered as written.
 */
export interface DynamoTable extends DynamoBatches {
  get(key: ItemKey): Promise<StoredItem | undefined>;
  /** `false`: the condition did not hold, and nothing was written. */
  put(item: StoredItem & ItemKey, condition?: Expression): Promise<boolean>;
  /** Nothing if it was written, else what is there (a second request). */
  putIfAbsent(item: StoredItem & ItemKey): Promise<StoredItem | undefined>;
  /**
   * The updated attributes, or nothing if the condition did not hold. Sent again it is carried out twice unless its
   * condition forbids that.
   */
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

/** The item's version `r` is this; 0 stands for no item. */
export function versionIs(version: number): Expression {
  return version === 0 ? ABSENT : { expression: 'r = :version', values: { ':version': version } };
}

/** No item, or one whose version `r` is lower. */
export function absentOrOlder(version: number): Expression {
  return { expression: 'attribute_not_exists(PK) OR r < :version', values: { ':version': version } };
}

export function dynamoTable(call: DynamoCall, tableName: string): DynamoTable {
  const TableName = tableName;

  async function get(key: ItemKey): Promise<StoredItem | undefined> {
    const { body } = await call('GetItem', { TableName, Key: keyOf(key), ConsistentRead: true });
    return body.Item && fromAttributes(body.Item);
  }

  async function put(item: StoredItem & ItemKey, condition?: Expression): Promise<boolean> {
    const Item = toAttributes(item);
    const answer = await unlessRefused(call('PutItem', { TableName, Item, ...conditionOf(condition) }));
    if (answer !== 'resent') return answer !== 'refused';
    return isDeepStrictEqual(await get(item), fromAttributes(Item));
  }

  async function page({ partition, prefix, between, after, limit }: PartitionQuery): Promise<ItemPage> {
    const values = { ':partition': partition, ...present({ ':prefix': prefix }) };
    const range = between && { ':from': between[0], ':to': between[1] };
    const begins = prefix === undefined ? '' : ' AND begins_with(SK, :prefix)';
    const { body } = await call('Query', {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: `PK = :partition${begins}${between ? ' AND SK BETWEEN :from AND :to' : ''}`,
      ExpressionAttributeValues: toAttributes({ ...values, ...range }),
      ...present({ Limit: limit }),
      ...(after !== undefined && {
        ExclusiveStartKey: toAttributes({ PK: partition, SK: readCursor(after, 1)[0] }),
      }),
    });
    return pageOf(body, ({ SK }) => [SK]);
  }

  return {
    ...dynamoBatches(call, tableName),
    get,
    put,
    page,

    async putIfAbsent(item) {
      // Asking for the old item with the failed condition would save this read, but not every engine answers that;
      // a conflict is a duplicate and rare, and one path for all engines is a tested path.
      for (;;) {
        if (await put(item, ABSENT)) return undefined;
        const there = await get(item);
        if (there !== undefined) return there;
      }
    },

    async update(key, change, condition) {
      const answer = await unlessRefused(
        call('UpdateItem', {
          TableName,
          Key: keyOf(key),
          UpdateExpression: change.expression,
          ReturnValues: 'UPDATED_NEW',
          ...present({
            ConditionExpression: condition,
            ExpressionAttributeNames: change.names,
            ExpressionAttributeValues: change.values && toAttributes(change.values),
          }),
        }),
      );
      if (typeof answer === 'string') return undefined;
      return fromAttributes(answer.body.Attributes ?? {});
    },

    async delete(key, condition) {
      const answer = await unlessRefused(
        call('DeleteItem', { TableName, Key: keyOf(key), ...conditionOf(condition) }),
      );
      if (answer !== 'resent') return answer !== 'refused';
      return (await get(key)) === undefined;
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
      const { body } = await call('Scan', {
        TableName,
        ConsistentRead: true,
        Segment: segment,
        TotalSegments: segments,
        FilterExpression: filter.expression,
        ...present({ ExpressionAttributeValues: filter.values && toAttributes(filter.values) }),
        ...(after !== undefined && { ExclusiveStartKey: toAttributes({ PK, SK }) }),
      });
      return pageOf(body, (last) => [last.PK, last.SK]);
    },
  };
}

function keyOf({ PK, SK }: ItemKey): AttributeMap {
  return { PK: { S: PK }, SK: { S: SK } };
}

function conditionOf(condition: Expression | undefined) {
  if (condition === undefined) return {};
  return {
    ConditionExpression: condition.expression,
    ...present({
      ExpressionAttributeNames: condition.names,
      ExpressionAttributeValues: condition.values && toAttributes(condition.values),
    }),
  };
}

/** `resent`: refused, after an earlier try whose answer was lost. */
async function unlessRefused<Answer>(answer: Promise<Answer>): Promise<Answer | 'refused' | 'resent'> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof DynamoRefusal) || error.name !== 'ConditionalCheckFailedException') throw error;
    return error.resent ? 'resent' : 'refused';
  }
}

function pageOf(
  body: { readonly Items?: readonly AttributeMap[]; readonly LastEvaluatedKey?: AttributeMap },
  keys: (last: ItemKey) => readonly string[],
): ItemPage {
  const items = (body.Items ?? []).map(fromAttributes);
  if (body.LastEvaluatedKey === undefined) return { items };
  const { PK, SK } = fromAttributes(body.LastEvaluatedKey);
  const text = JSON.stringify(keys({ PK: String(PK), SK: String(SK) }));
  return { items, next: Buffer.from(text).toString('base64url') };
}

/** The keys that a page ended with. */
export function readCursor(text: string, length: number): string[] {
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
    // Told below, without the parser's message: it quotes what it read.
  }
  throw new AdapterError(
    'CURSOR_INVALID',
    'A page was asked for with a cursor that this table did not give. Start again without a cursor.',
  );
}
