import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type MarshalledItem = Readonly<Record<string, AttributeValue>>;

/**
 * Bytes of an item as DynamoDB counts them: attribute names and values in UTF-8; a number one byte for two digits and
 * one more; a list or map three bytes and one for each element; true, false and null one.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: MarshalledItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** Write units of an item of this size. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return binarySize(value.B);
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + 1 + valueSize(each), 3);
  if (value.M !== undefined) {
    return Object.entries(value.M).reduce((sum, [name, each]) => sum + 1 + utf8(name) + valueSize(each), 3);
  }
  if (value.SS !== undefined) return value.SS.reduce((sum, each) => sum + utf8(each), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, each) => sum + numberSize(each), 0);
  if (value.BS !== undefined) return value.BS.reduce((sum, each) => sum + binarySize(each), 0);
  return 1;
}

/** One byte for each base-100 digit, zeros at either end apart, one more, and one for a minus. */
function numberSize(text: string): number {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const aligned =
    (whole.length % 2 ? `0${whole}` : whole) + (fraction.length % 2 ? `${fraction}0` : fraction);
  const pairs = aligned.replace(/^(00)+/, '').replace(/(00)+$/, '').length / 2;
  return pairs + 1 + (text.startsWith('-') ? 1 : 0);
}

/** In a request's body binary is base64 text. */
function binarySize(value: Uint8Array | string): number {
  return typeof value === 'string' ? Buffer.from(value, 'base64').length : value.length;
}

function utf8(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
