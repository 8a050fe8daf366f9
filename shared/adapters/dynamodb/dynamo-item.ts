import * as z from 'zod';
import type { Attributes, HoldingState, PlanStatus } from '../../domain/record/holding.ts';
import type { EntityRef, EventRef, HoldingRef, Occurred } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import { AdapterError } from '../adapter-error.ts';

/**
 * The shape that this code writes. Readers accept it and the one before, so that a deployment may run beside the
 * former one: raise it only together with an upgrade of the older shape in the codec that changed.
 */
export const SCHEMA = 1;

export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

/** An item as the document client gives it: not yet trusted. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** Attribute names are short and records are written as lists, so that a holding fits in 1 KB: one write unit. */
export function stored<Body extends object>(key: ItemKey, body: Every<Body>): StoredItem & ItemKey {
  return { ...key, v: SCHEMA, ...present(body) };
}

/** Checks version and shape of an item. An error names the kind and the path, never the value. */
export function trusted<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  item: StoredItem,
): z.output<Schema> {
  const version = item['v'];
  if (version !== SCHEMA && version !== SCHEMA - 1) {
    throw new AdapterError(
      'ITEM_SCHEMA_UNKNOWN',
      `A ${kind} item has schema version ${typeof version === 'number' ? version : 'none'}; this release reads ${SCHEMA - 1} and ${SCHEMA}. Deploy the release that wrote it, or migrate step by step.`,
    );
  }
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues
    .map(({ path, code }) => `${path.slice(0, 2).join('.')} (${code})`)
    .join(', ');
  throw new AdapterError(
    'ITEM_INVALID',
    `A ${kind} item cannot be read: ${where}. Something else writes to this table, or it was changed by hand; restore the item.`,
  );
}

/** Every field is named, so that a field that is added to the domain does not compile until its codec knows it. */
export type Every<Value> = { readonly [Name in keyof Value]-?: Value[Name] | undefined };

/** The value whose fields these are. What is undefined is left out: DynamoDB has no such value. */
export function whole<Value extends object>(every: Every<Value>): Value {
  return present(every) as Value;
}

const isString = (value: unknown): boolean => typeof value === 'string';
const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Parts that several items have. */
export const part = {
  text: z.string(),
  instant: z.number().int(),
  count: z.number().int().nonnegative(),
  holdingRef: z.custom<HoldingRef>(isString),
  entityRef: z.custom<EntityRef>(isString),
  eventRef: z.custom<EventRef>(isString),
  occurred: z.custom<Occurred>(isString),
  attributes: z.custom<Attributes>((value) => attributes.safeParse(value).success),
  holdingState: z.enum(['pending', 'active', 'claimed', 'disposed', 'withdrawn'] satisfies HoldingState[]),
  planStatus: z.enum([
    'due',
    'undetermined',
    'never',
    'not-computable',
    'conflict',
    'done',
  ] satisfies PlanStatus[]),
};
