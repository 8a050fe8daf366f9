import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Locator, Place, StoreFailure } from '../../ports/store.ts';
import { idValue, type ListedRow, namedBy, type Page } from '../listing.ts';
import { describeTable, dynamoFailure, type DynamoTable, presenceOf } from './dynamodb-calls.ts';
import { selection } from './dynamodb-expressions.ts';
import { canCarry, type DynamoPlace, dynamoPlace } from './dynamodb-place.ts';
import { dynamoKey, type Item, KEY_ATTRIBUTES } from './dynamodb-values.ts';

/** Key attributes of the last item that was read; bytes as base64. */
const Position = z.record(
  z.string(),
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string() }),
    z.strictObject({ B: z.base64() }),
  ]),
);
type Position = z.infer<typeof Position>;
export { Position as DynamoPosition };

/** With a filter, many items may be read for each that is listed. */
const MOST_QUERIES = 10;

type Partition =
  | { readonly attribute: string; readonly value: AttributeValue | undefined; readonly index?: string }
  | { readonly code: StoreFailure };

type PartitionOf = (place: Place, isBegin: boolean, signal: AbortSignal) => Promise<Partition>;

interface Paging {
  readonly limit: number;
  readonly at: Position | undefined;
  readonly signal: AbortSignal;
  /** Where the table has one. */
  readonly versionAttribute: string | undefined;
}

/**
 * One page of a partition, in the order of the sort key. The table is read consistently; an index may be behind it for a
 * moment.
 */
export async function listItems(
  at: DynamoTable,
  partitionOf: PartitionOf,
  place: Place,
  { limit, at: begin, signal, versionAttribute }: Paging,
): Promise<Page<Position, ListedRow>> {
  if (!canCarry(at.keys, place)) return { rows: [] };
  const partition = await partitionOf(place, begin === undefined, signal);
  if ('code' in partition) return partition;
  if (partition.value === undefined) return { rows: [] };
  const isStrict = partition.index === undefined;
  const versions = isStrict && versionAttribute !== undefined ? [versionAttribute] : [];
  const request = requestOf(at, { ...partition, value: partition.value, versions }, place.where ?? {});
  const rowOf = (item: Item): ListedRow | undefined => {
    const locator = locatorOf(at.keys, item);
    return locator && { locator, ...(isStrict && { presence: presenceOf({ item }, versionAttribute) }) };
  };
  const rows: (ListedRow | undefined)[] = [];
  let next = begin;
  for (let queries = 0; queries < MOST_QUERIES && rows.length < limit; queries += 1) {
    try {
      const answer = await at.client.send(
        new at.sdk.QueryCommand({
          ...request,
          Limit: limit - rows.length,
          ...(next ? { ExclusiveStartKey: startKey(next) } : {}),
        }),
        { abortSignal: signal },
      );
      rows.push(...(answer.Items ?? []).map(rowOf));
      if (!answer.LastEvaluatedKey) return { rows };
      next = positionOf(answer.LastEvaluatedKey);
    } catch (error) {
      if (queries === 0 || next === undefined) return { code: dynamoFailure(error) };
      return { rows, next };
    }
  }
  return next === undefined ? { rows } : { rows, next };
}

/**
 * The partition of an id. An index and the type of its key are known to the table only, so it is described
 * at the beginning of each list: one that was made again meanwhile may lack items or fields. Further pages use what was found
 * then. `where` must be in the index, or it would be absent from every item that is read.
 */
export function partitions(at: DynamoTable): PartitionOf {
  const types = new Map<string, 'S' | 'N'>();
  return async (place, isBegin, abortSignal) => {
    const found = dynamoPlace(at.keys, place.by);
    if (found === undefined) return { code: 'STORE_SCHEMA' };
    if (found.index === undefined) return { ...found, value: ofTable(at.keys, place.value) };
    const known = JSON.stringify([place.by, Object.keys(place.where ?? {})]);
    try {
      const kept = isBegin ? undefined : types.get(known);
      const type = kept ?? (await typeIn(at, found, place, abortSignal));
      if (type === undefined) return { code: 'STORE_SCHEMA' };
      types.set(known, type);
      const value = idValue(type === 'N' ? 'decimal' : 'text', place.value);
      const key = value && dynamoKey([{ name: '', type: type === 'N' ? 'decimal' : 'text' }], [value]);
      return { ...found, value: key && key.state === 'key' ? key.key[''] : undefined };
    } catch (error) {
      return { code: dynamoFailure(error) };
    }
  };
}

function ofTable(keys: readonly KeyColumn[], id: string): AttributeValue | undefined {
  const [partition] = keys;
  const value = partition && idValue(partition.type, id);
  if (partition === undefined || value === undefined) return undefined;
  const key = dynamoKey([partition], [value]);
  return key.state === 'key' ? key.key[partition.name] : undefined;
}

async function typeIn(
  at: DynamoTable,
  place: DynamoPlace,
  { where = {} }: Place,
  abortSignal: AbortSignal,
): Promise<'S' | 'N' | undefined> {
  const table = await describeTable(at, abortSignal);
  const found = findIndex(table ?? {}, place, Object.keys(where));
  return found.state === 'found' ? found.type : undefined;
}

export type IndexFound =
  | { readonly state: 'found'; readonly type: 'S' | 'N' }
  /** It is not there, with this key; it holds no ids; it is being built; or it lacks fields of the filter. */
  | { readonly state: 'no-index' | 'no-ids' | 'incomplete' }
  | { readonly state: 'no-fields'; readonly missing: readonly string[] };

/** Whether an index lists the items of every id. */
export function findIndex(
  { GlobalSecondaryIndexes, AttributeDefinitions }: TableDescription,
  { index, attribute }: DynamoPlace,
  fields: readonly string[],
): IndexFound {
  const found = GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
  const key = found?.KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  if (found === undefined || key !== attribute) return { state: 'no-index' };
  const definition = AttributeDefinitions?.find(({ AttributeName }) => AttributeName === attribute);
  const type = definition?.AttributeType;
  if (type !== 'S' && type !== 'N') return { state: 'no-ids' };
  // Until an index is complete, it does not have all items.
  const isComplete = ['ACTIVE', 'UPDATING'].includes(found.IndexStatus ?? '') && found.Backfilling !== true;
  if (!isComplete) return { state: 'incomplete' };
  const { ProjectionType, NonKeyAttributes = [] } = found.Projection ?? {};
  const missing = ProjectionType === 'ALL' ? [] : fields.filter((name) => !NonKeyAttributes.includes(name));
  return missing.length > 0 ? { state: 'no-fields', missing } : { state: 'found', type };
}

function requestOf(
  at: DynamoTable,
  {
    attribute,
    index,
    value,
    versions,
  }: DynamoPlace & { readonly value: AttributeValue; readonly versions: readonly string[] },
  where: NonNullable<Place['where']>,
) {
  const read = [...new Set([...at.keys.map(({ name }) => name), ...versions])];
  const { projection, conditions, names, values } = selection(read, where);
  return {
    TableName: at.table,
    ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
    KeyConditionExpression: '#by = :by',
    ProjectionExpression: projection,
    ExpressionAttributeNames: { '#by': attribute, ...names },
    ExpressionAttributeValues: { ':by': value, ...values },
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
  };
}

export function locatorOf(keys: readonly KeyColumn[], item: Item): Locator | undefined {
  const values = keys.map(({ name, type }) => {
    const value = item[name];
    switch (KEY_ATTRIBUTES[type]) {
      case 'S':
        return value?.S;
      case 'N':
        return value?.N;
      case 'B':
        return value?.B && Buffer.from(value.B).toString('base64url');
    }
  });
  const locator = namedBy(keys, values);
  // A uuid in capitals is another key than the one that its locator finds.
  const isSame = locator?.every((part, place) => keys[place]?.type !== 'uuid' || part === values[place]);
  return isSame === true ? locator : undefined;
}

export function positionOf(key: Item): Position {
  const entries = Object.entries(key).map(([name, { S, N, B }]): [string, Position[string]] => {
    if (S !== undefined) return [name, { S }];
    return [name, N === undefined ? { B: Buffer.from(B ?? []).toString('base64') } : { N }];
  });
  return Object.fromEntries(entries);
}

export function startKey(position: Position): Item {
  return Object.fromEntries(
    Object.entries(position).map(([name, value]): [string, AttributeValue] => [
      name,
      'B' in value ? { B: Buffer.from(value.B, 'base64') } : value,
    ]),
  );
}
