import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { own } from '../../domain/own.ts';
import type { Document, Read } from '../../ports/store.ts';
import { exactNumber } from '../exact-json.ts';
import type { Item } from './dynamodb-values.ts';

/** An item has at most 400 kB, so it is never too large. The SDK loses the value of an attribute that is named `__proto__`. */
export function itemRead(item: Item): Read {
  const isWhole = !Object.values<AttributeValue | undefined>(item).includes(undefined);
  return isWhole
    ? { state: 'document', document: itemDocument(item) }
    : { state: 'unknown', code: 'STORE_SCHEMA' };
}

/** Bytes as base64, sets as lists. */
function itemDocument(item: Item): Document {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, jsonOf(value)]));
}

/** Some attributes of an item; those that it does not have are left out. */
export function attributesOf(item: Item, names: readonly string[]): Document {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = own(item, name);
      return value === undefined ? [] : [[name, jsonOf(value)]];
    }),
  );
}

function jsonOf(value: AttributeValue): JsonValue {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return exactNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.B !== undefined) return base64(value.B);
  if (value.M !== undefined) return itemDocument(value.M);
  if (value.L !== undefined) return value.L.map(jsonOf);
  if (value.SS !== undefined) return value.SS;
  if (value.NS !== undefined) return value.NS.map(exactNumber);
  if (value.BS !== undefined) return value.BS.map(base64);
  return null;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
