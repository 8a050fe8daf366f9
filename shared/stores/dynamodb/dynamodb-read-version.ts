import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Expected } from './dynamodb-expressions.ts';
import type { Item } from './dynamodb-values.ts';

const Value = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
  z.strictObject({ NULL: z.literal(true) }),
  z.strictObject({ B: z.base64() }),
]);
/** `null`: the item does not have the attribute. */
const ReadVersion = z.array(z.tuple([z.string(), Value.nullable()]));
type Value = z.infer<typeof Value>;

/** No version that `look` gives begins like that. */
const BEGIN = 'read ';

/**
 * These attributes as they were read: an item is deleted only if it still has them. An application need not count every
 * change in its version attribute. `undefined` if one of them is a set, a list or a map, which no rule can use.
 */
export function readVersion(item: Item, names: readonly string[]): string | undefined {
  const read = names.map((name) => [name, simple(item[name])] as const);
  return read.some(([, value]) => value === undefined) ? undefined : BEGIN + JSON.stringify(read);
}

function simple(value: AttributeValue | undefined): Value | null | undefined {
  if (value === undefined) return null;
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString('base64') };
  return value.NULL === true ? { NULL: true } : undefined;
}

/** Whether the version is one of what was read, and not one from `look`. */
export function isOfRead(version: string): boolean {
  return version.startsWith(BEGIN);
}

/** What the item has to be; `undefined` for a version of another kind. */
export function asWasRead(version: string): readonly Expected[] | undefined {
  if (!isOfRead(version)) return undefined;
  return ReadVersion.parse(JSON.parse(version.slice(BEGIN.length))).map(([name, value]) => ({
    path: [name],
    value: value === null ? 'absent' : attributeOf(value),
  }));
}

function attributeOf(value: Value): AttributeValue {
  return 'B' in value ? { B: Buffer.from(value.B, 'base64') } : value;
}
