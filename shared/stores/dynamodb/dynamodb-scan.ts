import type { ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Range } from '../../ports/store.ts';
import { dynamoFailure, type DynamoTable } from './dynamodb-calls.ts';
import { type Found, keyOf, type RangePaging } from './dynamodb-clocks.ts';
import { selection } from './dynamodb-expressions.ts';
import { DynamoPosition, positionOf, startKey } from './dynamodb-listing.ts';
import type { Item } from './dynamodb-values.ts';

/** Parts of the table that are read side by side. A position has one of its own for each, so their number never changes. */
const SEGMENTS = 4;
/** Read units of one call, but for its last round: 4 MB, as a scan that is not consistent counts them. */
const MOST_UNITS = 500;
/** The same where nothing says how many units a request took. */
const MOST_ROUNDS = 50;

/** Where each segment goes on: after a key, at its beginning (`null`), or nowhere. */
export const ScanPosition = z.array(z.union([DynamoPosition, z.literal('end')]).nullable()).length(SEGMENTS);
export type ScanPosition = z.infer<typeof ScanPosition>;

/**
 * The keys of one page of the whole table, in no order. It may be short, or empty, and not the last: a call ends when its
 * budget of read units is used up.
 */
export async function scanTable(
  at: DynamoTable,
  range: Range,
  { limit, at: begin, last, signal }: RangePaging<ScanPosition>,
): Promise<Found<ScanPosition>> {
  const filter = filterOf(at, range, last);
  const next: ScanPosition[number][] = [...(begin ?? Array<null>(SEGMENTS).fill(null))];
  const keys: Item[] = [];
  let units = 0;
  const read = async (segment: number, from: ScanPosition[number], Limit: number): Promise<void> => {
    const answer: ScanCommandOutput = await at.client.send(
      new at.sdk.ScanCommand({
        TableName: at.table,
        Segment: segment,
        TotalSegments: SEGMENTS,
        ReturnConsumedCapacity: 'TOTAL',
        Limit,
        ...filter,
        ...(from !== null && from !== 'end' && { ExclusiveStartKey: startKey(from) }),
      }),
      { abortSignal: signal },
    );
    keys.push(...(answer.Items ?? []).map((item) => keyOf(at, item)));
    units += answer.ConsumedCapacity?.CapacityUnits ?? 0;
    next[segment] = answer.LastEvaluatedKey ? positionOf(answer.LastEvaluatedKey) : 'end';
  };
  // A page that is almost full would be filled up in ever smaller requests.
  for (let rounds = 0; rounds < MOST_ROUNDS && units < MOST_UNITS && keys.length * 2 <= limit; rounds += 1) {
    const room = limit - keys.length;
    const open = next.flatMap((from, segment) => (from === 'end' ? [] : [{ from, segment }])).slice(0, room);
    if (open.length === 0) break;
    const most = Math.floor(room / open.length);
    const done = await Promise.allSettled(open.map(({ from, segment }) => read(segment, from, most)));
    const failed = done.find(({ status }) => status === 'rejected');
    if (failed?.status !== 'rejected') continue;
    // What others have read is kept: those that failed go on where they were.
    if (rounds === 0 && done.every(({ status }) => status === 'rejected'))
      return { code: dynamoFailure(failed.reason) };
    break;
  }
  return next.every((from) => from === 'end') ? { keys } : { keys, next };
}

/** A clock of another type than the others is not a date, and is kept and counted: a comparison with it is never true. */
function filterOf(at: DynamoTable, { clock, where = {} }: Range, last: RangePaging<ScanPosition>['last']) {
  const keys = at.keys.map(({ name }) => name);
  const { projection, conditions, names, values } = selection(keys, where);
  return {
    FilterExpression: ['attribute_exists(#clock) AND NOT #clock > :last', ...conditions].join(' AND '),
    ProjectionExpression: projection,
    ExpressionAttributeNames: { '#clock': clock.column, ...names },
    ExpressionAttributeValues: { ':last': last, ...values },
  };
}
