import * as z from 'zod';
import { AdapterError } from '../adapter-error.ts';
import { present } from '../../domain/present.ts';
import type { Attributes, PlanStatus } from '../../domain/record/about.ts';
import { OUTCOMES, STORE_ACTIONS } from '../../domain/record/actions.ts';
import type { EntityRef, EventRef, HoldingRef, Instant, Occurred } from '../../domain/record/ids.ts';
import { HOLDING_STATES } from '../../domain/record/holding.ts';

/**
 * The shape that this code writes. Readers accept the one before and the one after, so that a deployment may run beside
 * the former one, and be taken back: a release that writes a new shape comes one release after the one that reads it.
 * A new shape only adds attributes; what is rewritten by an update keeps those that this code does not know.
 */
export const SCHEMA = 2;
/** 1 was the first design's: such a table is refused. */
const OLDEST = 2;
const NEWEST = SCHEMA + 1;

export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

/** An item as the table gives it: not yet trusted. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** Attribute names are short and lists stand for records, so that a holding fits in 1 KB: one write unit. `v` is the schema's. */
export function stored<Body extends object>(
  key: ItemKey,
  body: Every<Body> & { readonly v?: undefined },
): StoredItem & ItemKey {
  return { ...key, v: SCHEMA, ...present(body) };
}

/** Checks version and shape of an item. What is wrong is told by kind and path: never by value. */
export function trusted<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  item: StoredItem,
): z.output<Schema> {
  checkSchema(kind, item);
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues
    .map(({ path, code }) => `${path.slice(0, 2).join('.')} (${code})`)
    .join(', ');
  throw invalid(kind, where);
}

function checkSchema(kind: string, item: StoredItem): void {
  const version = item['v'];
  const from = Math.max(OLDEST, SCHEMA - 1);
  if (typeof version === 'number' && version >= from && version <= NEWEST) return;
  throw new AdapterError(
    'ITEM_SCHEMA_UNKNOWN',
    `A ${kind} item has schema version ${typeof version === 'number' ? version : 'none'}; this release reads ${from} to ${NEWEST}. Deploy the release that wrote it, or migrate step by step.`,
  );
}

/** Written by a release that is newer than the next one. */
export function isTooNew({ v }: StoredItem): boolean {
  return typeof v === 'number' && v > NEWEST;
}

export function invalid(kind: string, where: string): AdapterError {
  return new AdapterError(
    'ITEM_INVALID',
    `A ${kind} item cannot be read: ${where}. Something else writes to this table, or it was changed by hand; restore the item.`,
  );
}

/** Every field is named, so that a field that is added to the domain does not compile until its codec knows it. */
export type Every<Value> = { readonly [Name in keyof Value]-?: Value[Name] | undefined };

/** The value whose fields these are. What is undefined is left out. */
export function whole<Value extends object>(every: Every<Value>): Value {
  return present(every) as Value;
}

const isString = (value: unknown): boolean => typeof value === 'string';
const isBytes = (value: unknown): boolean => value instanceof Uint8Array;
const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Parts that several items have. */
export const part = {
  text: z.string(),
  instant: z.number().int(),
  count: z.number().int().nonnegative(),
  action: z.enum(STORE_ACTIONS),
  outcome: z.enum(OUTCOMES),
  bytes: z.custom<Uint8Array>(isBytes),
  holdingRef: z.custom<HoldingRef>(isString),
  entityRef: z.custom<EntityRef>(isString),
  eventRef: z.custom<EventRef>(isString),
  occurred: z.custom<Occurred>(isString),
  attributes: z.custom<Attributes>((value) => attributes.safeParse(value).success),
  holdingState: z.enum(HOLDING_STATES),
  planStatus: z.enum([
    'due',
    'undetermined',
    'never',
    'not-computable',
    'conflict',
    'done',
  ] satisfies PlanStatus[]),
};

const DAY = 86_400_000;

/** Seconds, as DynamoDB's time to live wants them. */
export function ttl(instant: Instant, days: number): number {
  return Math.floor((instant + days * DAY) / 1000);
}
