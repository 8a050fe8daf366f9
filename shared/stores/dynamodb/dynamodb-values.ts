import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import { canonicalDecimal } from '../../domain/configuration/locator.ts';
import type { FieldValue, Mask } from '../../domain/record/masks.ts';
import { isDocumentFieldMasked, maskDocumentField } from '../document-dates.ts';
import type { Locator } from '../../ports/store.ts';
import type { KeyResult } from '../answer-each.ts';

export type Item = Record<string, AttributeValue>;

const LONGEST_PARTITION_KEY = 2048;
const LONGEST_SORT_KEY = 1024;

/** The DynamoDB attribute type for each type of key. */
export const KEY_ATTRIBUTES = {
  text: 'S',
  uuid: 'S',
  date: 'S',
  timestamp: 'S',
  integer: 'N',
  decimal: 'N',
  binary: 'B',
} as const;

/** `text`, `uuid` and `date` are strings (a uuid in lower case), `integer` and `decimal` numbers, `binary` bytes. */
export function dynamoKey(keys: readonly KeyColumn[], locator: Locator): KeyResult<Item> {
  const key: Item = {};
  for (const [index, { name, type }] of keys.entries()) {
    const text = String(locator[index]);
    const attribute = KEY_ATTRIBUTES[type];
    const bytes = attribute === 'B' ? Buffer.from(text, 'base64url') : Buffer.from(text);
    if (attribute === 'N' ? !isNumber(text) : !isKeyLength(bytes.length, index))
      return { state: 'impossible' };
    key[name] = attribute === 'N' ? { N: text } : attribute === 'B' ? { B: bytes } : { S: text };
  }
  return { state: 'key', key };
}

/**
 * Whether a table can contain this number, written without an exponent: DynamoDB stores 38 significant digits, up to
 * 9.99E+125, and down to 1E-130.
 */
function isNumber(decimal: string): boolean {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.');
  const significant = (whole + fraction).replace(/^0+/, '').replace(/0+$/, '');
  return significant.length <= 38 && whole.length <= 126 && /^0*/.exec(fraction)![0].length < 130;
}

function isKeyLength(bytes: number, index: number): boolean {
  return bytes > 0 && bytes <= (index === 0 ? LONGEST_PARTITION_KEY : LONGEST_SORT_KEY);
}

/** Equal for equal keys, however DynamoDB wrote a number. */
export function keyText(keys: readonly KeyColumn[], item: Item): string {
  return JSON.stringify(
    keys.map(({ name }) => {
      const value = item[name];
      if (value?.N !== undefined) return canonicalDecimal(value.N) ?? value.N;
      return value?.S ?? (value?.B ? Buffer.from(value.B).toString('base64url') : '');
    }),
  );
}

/** A version as text, `none` when the item has no such attribute, `undefined` when its type cannot be compared. */
export function versionText(item: Item, attribute: string): string | undefined {
  const value = item[attribute];
  if (value === undefined) return 'none';
  if (value.N !== undefined) return `N:${value.N}`;
  if (value.S !== undefined) return `S:${value.S}`;
  return value.B === undefined ? undefined : `B:${Buffer.from(value.B).toString('base64url')}`;
}

/** The attribute that `versionText` read; `undefined` for `none`. */
export function versionValue(text: string): AttributeValue | undefined {
  const value = text.slice(2);
  if (text.startsWith('N:')) return { N: value };
  if (text.startsWith('S:')) return { S: value };
  return text.startsWith('B:') ? { B: Buffer.from(value, 'base64url') } : undefined;
}

/** `set` without a value removes the attribute. */
export type AttributeChange =
  | { readonly change: 'none' }
  | { readonly change: 'set'; readonly value: AttributeValue | undefined }
  | { readonly change: 'unfit' };

/**
 * Lists, maps and sets take `null` and constants; a pseudonym or a date needs a single value. `null` leaves NULL as the
 * evidence that the attribute was there. It removes an attribute that may be absent in any case.
 */
export function maskAttribute(
  value: AttributeValue | undefined,
  mask: Mask,
  key: Uint8Array,
): AttributeChange {
  if (isAttributeMasked(value, mask, key)) return { change: 'none' };
  if (value === undefined) return { change: 'unfit' };
  if (mask.kind === 'null') return { change: 'set', value: mask.ifPresent ? undefined : { NULL: true } };
  const field = mask.kind === 'pseudonym' ? textOf(value) : scalarOf(value)?.field;
  if (field === undefined && mask.kind !== 'constant') return { change: 'unfit' };
  const masked = maskDocumentField(field ?? null, mask, key);
  return masked.fits ? { change: 'set', value: attributeOf(masked.value) } : { change: 'unfit' };
}

function isAttributeMasked(value: AttributeValue | undefined, mask: Mask, key: Uint8Array): boolean {
  if (value === undefined) return isDocumentFieldMasked(value, mask, key);
  const scalar = scalarOf(value);
  return scalar !== undefined && isDocumentFieldMasked(scalar.field, mask, key);
}

/** Numbers that JavaScript cannot represent exactly are not scalars here: no mask ever writes one. */
function scalarOf(value: AttributeValue): { readonly field: FieldValue } | undefined {
  if (value.S !== undefined) return { field: value.S };
  if (value.BOOL !== undefined) return { field: value.BOOL };
  if (value.NULL === true) return { field: null };
  if (value.N === undefined) return undefined;
  // DynamoDB returns 1e21 and 1e-7 with all their zeros.
  const field = Number(value.N);
  return canonicalDecimal(String(field)) === canonicalDecimal(value.N) ? { field } : undefined;
}

/** The text that a pseudonym is computed from: the same as PostgreSQL's text of an equal value. */
function textOf(value: AttributeValue): string | undefined {
  if (value.B) return Buffer.from(value.B).toString('base64url');
  return value.S ?? value.N ?? value.BOOL?.toString();
}

function attributeOf(value: FieldValue): AttributeValue | undefined {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : undefined;
}
