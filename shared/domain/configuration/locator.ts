import { canonicalDate, canonicalTimestamp } from '../calendar/canonical-time.ts';
import type { KeyColumn, KeyType } from './configuration.ts';

/** Longest canonical locator, in UTF-8 bytes. */
export const LONGEST_LOCATOR = 2048;

export type LocatorResult =
  | { readonly ok: true; readonly canonical: string; readonly locator: readonly (string | number)[] }
  | {
      readonly ok: false;
      readonly code: 'LOCATOR_TYPE' | 'LOCATOR_TOO_LONG';
      readonly index: number;
      readonly expected: string;
    };

/**
 * A record has exactly one locator, whichever producer registers it: the key values in the store's order, each in the
 * one form of its type, as an RFC 8785 array. Test vectors: `docs/locator-vectors.json`.
 * - `text`: as it is (no normalisation), no lone surrogates.
 * - `integer`: a JSON number when it is a safe integer, else its decimal digits; `42`, `"42"` and `"+042"` are the
 *   same.
 * - `decimal`: all digits as text, without an exponent or zeros that do not count; `1.50` and `15e-1` are `1.5`.
 * - `uuid`: lower case with hyphens (RFC 9562 §4), from any case, with or without hyphens.
 * - `date`: `YYYY-MM-DD`.
 * - `timestamp`: an instant in UTC, as `2026-03-01T09:30:00.25Z`, from any offset.
 * - `binary`: base64url without padding, from base64 or base64url.
 */
export function canonicalLocator(keys: readonly KeyColumn[], values: readonly unknown[]): LocatorResult {
  if (values.length !== keys.length) {
    return { ok: false, code: 'LOCATOR_TYPE', index: values.length, expected: `${keys.length} key values` };
  }
  const locator: (string | number)[] = [];
  for (const [index, key] of keys.entries()) {
    const value = canonicalValue(key.type, values[index]);
    if (value === undefined) return { ok: false, code: 'LOCATOR_TYPE', index, expected: key.type };
    locator.push(value);
  }
  // Of well-formed texts and whole numbers, RFC 8785 is what JSON.stringify writes.
  const [first] = locator;
  const isNumber = locator.length === 1 && typeof first === 'number';
  const canonical = isNumber ? `[${first}]` : JSON.stringify(locator);
  // Of UTF-8, no unit of a text takes more than three bytes.
  if (canonical.length * 3 > LONGEST_LOCATOR && Buffer.byteLength(canonical) > LONGEST_LOCATOR) {
    return { ok: false, code: 'LOCATOR_TOO_LONG', index: 0, expected: `at most ${LONGEST_LOCATOR} bytes` };
  }
  return { ok: true, canonical, locator };
}

function canonicalValue(type: KeyType, value: unknown): string | number | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' && value.isWellFormed() ? value : undefined;
    case 'integer':
      return canonicalInteger(value);
    case 'decimal':
      return canonicalDecimal(value);
    case 'uuid':
      return canonicalUuid(value);
    case 'date':
      return canonicalDate(value);
    case 'timestamp':
      return canonicalTimestamp(value);
    case 'binary':
      return canonicalBinary(value);
  }
}

/** Fewer digits, with or without a sign, are a safe integer. */
const EXACT_DIGITS = 16;

function canonicalInteger(value: unknown): string | number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : undefined;
  if (typeof value !== 'string' || !/^[+-]?\d{1,40}$/.test(value)) return undefined;
  if (value.length < EXACT_DIGITS) return Number(value) + 0;
  const exact = BigInt(value.replace('+', ''));
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
}

const DECIMAL =
  /^(?<sign>[+-]?)(?<whole>\d{0,1000})(?:\.(?<fraction>\d{0,1000}))?(?:[eE](?<exponent>[+-]?\d{1,3}))?$/;

/**
 * All digits, without an exponent, a plus sign or zeros that do not count: `1.50`, `+1.5` and `15e-1` are `1.5`. Always
 * text, because a JSON number is rounded when it is read. So only whole numbers may be sent as JSON numbers.
 */
export function canonicalDecimal(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value + 0) : undefined;
  const parts = typeof value === 'string' ? DECIMAL.exec(value)?.groups : undefined;
  if (!parts) return undefined;
  const { sign, whole = '', fraction = '', exponent = '0' } = parts;
  const digits = whole + fraction;
  if (digits === '') return undefined;
  if (/^0*$/.test(digits)) return '0';
  const point = whole.length + Number(exponent);
  const padded = '0'.repeat(Math.max(0, -point)) + digits.padEnd(point, '0');
  const at = Math.max(0, point);
  const before = padded.slice(0, at).replace(/^0+/, '') || '0';
  const after = padded.slice(at).replace(/0+$/, '');
  return `${sign === '-' ? '-' : ''}${before}${after === '' ? '' : `.${after}`}`;
}

function canonicalUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/.exec(
    value.toLowerCase(),
  );
  return match ? match.slice(1).join('-') : undefined;
}

function canonicalBinary(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return undefined;
  const text = value.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return Buffer.from(text, 'base64url').toString('base64url') === text ? text : undefined;
}
