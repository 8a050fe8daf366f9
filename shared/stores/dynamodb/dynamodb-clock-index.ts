import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Range, StoreFailure } from '../../ports/store.ts';
import { placeInRange } from '../clock-range.ts';
import { describeTable, dynamoFailure, type DynamoTable } from './dynamodb-calls.ts';
import { type Found, keyOf, plainValue, type RangePaging } from './dynamodb-clocks.ts';
import { type ClockIndex, clockIndex } from './dynamodb-dataset.ts';
import { attributeOf, selection } from './dynamodb-expressions.ts';
import { type DynamoPosition, findIndex, type IndexFound, positionOf, startKey } from './dynamodb-listing.ts';
import type { Item } from './dynamodb-values.ts';

/** With a filter, many items may be read for each that is found. */
const MOST_QUERIES = 10;

type Clocked =
  | Exclude<IndexFound, { readonly state: 'found' }>
  /** Its sort key is another attribute; or the sort key, or the partition, is not what the configuration says. */
  | { readonly state: 'found' | 'no-clock' | 'no-order' | 'no-partition' };

/** Whether an index has the rows of a range in the order of their clock. */
export function findClockIndex(
  table: TableDescription,
  index: ClockIndex,
  { clock, where = {} }: Pick<Range, 'clock' | 'where'>,
): Clocked {
  const keys = table.KeySchema?.map(({ AttributeName }) => AttributeName) ?? [];
  const filters = Object.keys(where).filter((name) => name !== index.attribute && !keys.includes(name));
  const found = findIndex(table, index, filters);
  if (found.state !== 'found') return found;
  const schema = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.index)?.KeySchema;
  const sort = schema?.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName;
  if (sort !== clock.column) return { state: 'no-order' };
  const type = table.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === sort)?.AttributeType;
  if (type !== (clock.unit === undefined ? 'S' : 'N')) return { state: 'no-clock' };
  return {
    state: found.type === (typeof index.partition === 'string' ? 'S' : 'N') ? 'found' : 'no-partition',
  };
}

type IndexOf = (
  range: Range,
  isBegin: boolean,
  signal: AbortSignal,
) => Promise<ClockIndex | { readonly code: StoreFailure }>;

/** An index is looked at when a range begins: one that was made again meanwhile may lack items or fields. */
export function clockIndexes(at: DynamoTable): IndexOf {
  const known = new Set<string>();
  return async (range, isBegin, abortSignal) => {
    const index = clockIndex(range);
    if (index === undefined) return { code: 'STORE_SCHEMA' };
    const asked = JSON.stringify([index, range.clock, range.where]);
    if (!isBegin && known.has(asked)) return index;
    try {
      const table = await describeTable(at, abortSignal);
      if (findClockIndex(table ?? {}, index, range).state !== 'found') return { code: 'STORE_SCHEMA' };
      known.add(asked);
      return index;
    } catch (error) {
      return { code: dynamoFailure(error) };
    }
  };
}

/** The keys of one page of a partition, in the order of the clock. */
export async function queryIndex(
  at: DynamoTable,
  index: ClockIndex,
  range: Range,
  { limit, at: begin, last, signal }: RangePaging<DynamoPosition>,
): Promise<Found<DynamoPosition>> {
  const { column } = range.clock;
  // Everything before it was read. DynamoDB takes no position outside of the range.
  if (begin !== undefined && isAfter(begin[column], last)) return { keys: [] };
  const request = requestOf(at, index, range, last);
  const keys: Item[] = [];
  let next = begin;
  // A page that is almost full would be filled up in ever smaller requests.
  for (let queries = 0; queries < MOST_QUERIES && keys.length * 2 <= limit; queries += 1) {
    try {
      const answer = await at.client.send(
        new at.sdk.QueryCommand({
          ...request,
          Limit: limit - keys.length,
          ...(next ? { ExclusiveStartKey: startKey(next) } : {}),
        }),
        { abortSignal: signal },
      );
      for (const item of answer.Items ?? [])
        if (placeInRange(plainValue(item[column]), range) !== undefined) keys.push(keyOf(at, item));
      if (!answer.LastEvaluatedKey) return { keys };
      next = positionOf(answer.LastEvaluatedKey);
    } catch (error) {
      if (queries === 0 || next === undefined) return { code: dynamoFailure(error) };
      return { keys, next };
    }
  }
  return next === undefined ? { keys } : { keys, next };
}

function requestOf(at: DynamoTable, index: ClockIndex, { clock, where = {} }: Range, last: AttributeValue) {
  const { [index.attribute]: _partition, ...others } = where;
  const read = [...new Set([...at.keys.map(({ name }) => name), clock.column])];
  const { projection, conditions, names, values } = selection(read, others);
  return {
    TableName: at.table,
    IndexName: index.index,
    KeyConditionExpression: '#by = :by AND #clock <= :last',
    ProjectionExpression: projection,
    ExpressionAttributeNames: { '#by': index.attribute, '#clock': clock.column, ...names },
    ExpressionAttributeValues: { ':by': attributeOf(index.partition), ':last': last, ...values },
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
  };
}

function isAfter(position: DynamoPosition[string] | undefined, last: AttributeValue): boolean {
  if (position === undefined || 'B' in position) return false;
  if ('N' in position) return Number(position.N) > Number(last.N);
  return Buffer.compare(Buffer.from(position.S), Buffer.from(last.S ?? '')) > 0;
}
