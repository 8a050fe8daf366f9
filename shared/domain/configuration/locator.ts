import { canonicalJson } from '../canonical-json.ts';
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
 * - `uuid`: lower case with hyphens (RFC 9562 §4), from any case, with or without hyphens.
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
  const canonical = canonicalJson(locator);
  if (Buffer.byteLength(canonical) > LONGEST_LOCATOR) {
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
    case 'uuid':
      return canonicalUuid(value);
    case 'binary':
      return canonicalBinary(value);
  }
}

function canonicalInteger(value: unknown): string | number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : undefined;
  if (typeof value !== 'string' || !/^[+-]?\d{1,40}$/.test(value)) return undefined;
  const exact = BigInt(value.replace('+', ''));
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
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
