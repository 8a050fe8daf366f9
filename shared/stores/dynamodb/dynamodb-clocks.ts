import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { dayId } from '../../domain/calendar/utc-time.ts';
import type { Range, StoreFailure } from '../../ports/store.ts';
import { plainNumber } from '../exact-json.ts';
import type { DynamoTable } from './dynamodb-calls.ts';
import type { Item } from './dynamodb-values.ts';

export interface RangePaging<At> {
  readonly limit: number;
  readonly at: At | undefined;
  /** Of the clock: nothing that is in the range has a greater value. */
  readonly last: AttributeValue;
  readonly signal: AbortSignal;
}

/** Keys of items whose clock may be in the range. */
export type Found<At> =
  | { readonly keys: readonly Item[]; readonly next?: At }
  | { readonly code: StoreFailure };

const DAY = 86_400_000;

/** Of texts, that of the day on which any place can be at the instant: an instant may be written with any offset. */
export function lastValue({ clock: { unit }, until: { at, date } }: Range): AttributeValue {
  if (unit === 'seconds') return { N: (at / 1000).toFixed(3) };
  if (unit === 'milliseconds') return { N: String(at) };
  const day = dayId(at + DAY);
  return { S: `${date > day ? date : day}~` };
}

/** Of the table: an index may give its own key attributes, too. */
export function keyOf({ keys }: DynamoTable, item: Item): Item {
  return Object.fromEntries(
    keys.flatMap(({ name }) => (item[name] === undefined ? [] : [[name, item[name]] as const])),
  );
}

/** A value that neither a rule nor an id can be is an empty list. */
export function plainValue(value: AttributeValue | undefined): JsonValue {
  if (value === undefined || value.NULL === true) return null;
  if (value.S !== undefined) return value.S;
  if (value.BOOL !== undefined) return value.BOOL;
  return (value.N === undefined ? undefined : plainNumber(value.N)) ?? [];
}
