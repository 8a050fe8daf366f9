import type { AttributeMap, AttributeValue } from '../../../shared/adapters/dynamodb/attribute-values.ts';

/**
 * Bytes of an item as DynamoDB counts them: attribute names and values in UTF-8; a number one byte for two digits and
 * one more; a list or map three bytes and one for each element; true and false one.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: AttributeMap): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** Write units of an item of this size. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

function valueSize(value: AttributeValue): number {
  if ('S' in value) return utf8(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64').length;
  if ('L' in value) return value.L.reduce((sum, each) => sum + 1 + valueSize(each), 3);
  if ('M' in value)
    return Object.entries(value.M).reduce((sum, [name, each]) => sum + 1 + utf8(name) + valueSize(each), 3);
  return 1;
}

/** One byte for each base-100 digit, zeros at either end apart, one more, and one for a minus. */
function numberSize(text: string): number {
  const [integer = '', fraction = ''] = text.replace('-', '').split('.');
  const aligned =
    (integer.length % 2 ? `0${integer}` : integer) + (fraction.length % 2 ? `${fraction}0` : fraction);
  const pairs = aligned.replace(/^(00)+/, '').replace(/(00)+$/, '').length / 2;
  return pairs + 1 + (text.startsWith('-') ? 1 : 0);
}

function utf8(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
