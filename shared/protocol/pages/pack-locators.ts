import { deflateRawSync } from 'node:zlib';
import type { Locator } from '../../ports/store.ts';

type Value = Locator[number];

/**
 * Locators as JSON that compresses well: sorted, column by column, whole numbers as the differences of the ones that follow
 * each other. A column is an array of its values, or text: `i5,1,1` for numbers, `t5,1,1` for text that consists of digits.
 */
type PackedLocators =
  | { readonly columns: readonly (string | readonly Value[])[] }
  /** Without a row, or not all of the same length. */
  | { readonly plain: readonly Locator[] };

/** The same locators, in another order. Numbers are those that JSON has: finite, and not -0. */
export function packLocators(locators: readonly Locator[]): PackedLocators {
  const width = locators[0]?.length ?? 0;
  if (width === 0 || locators.some(({ length }) => length !== width)) return { plain: locators };
  const kinds = Array.from({ length: width }, (_, index) => kindOf(locators, index));
  const rows = locators.map((locator) => ({
    locator,
    keys: locator.map((value, index) => (kinds[index] === undefined ? value : BigInt(value))),
  }));
  rows.sort((one, other) => compare(one.keys, other.keys));
  const columns = kinds.map((kind, index) => {
    if (kind === undefined) return rows.map(({ locator }) => locator[index] ?? '');
    let last = 0n;
    const differences = rows.map(({ keys }) => {
      const key = BigInt(keys[index] ?? 0);
      const difference = key - last;
      last = key;
      return difference;
    });
    return kind + differences.join(',');
  });
  return { columns };
}

/** How long their sealed text is, but for a few characters. */
export function sealedBytes(locators: readonly Locator[]): number {
  return Math.ceil((deflateRawSync(JSON.stringify(packLocators(locators))).length * 4) / 3);
}

/** `undefined`: it is not what `packLocators` writes. */
export function unpackLocators(packed: unknown): readonly Locator[] | undefined {
  if (typeof packed !== 'object' || packed === null) return undefined;
  if ('plain' in packed) {
    const { plain } = packed;
    return Array.isArray(plain) && plain.every((one) => isColumn(one)) ? plain : undefined;
  }
  if (!('columns' in packed) || !Array.isArray(packed.columns)) return undefined;
  const columns = packed.columns.map(columnOf).filter((column) => column !== undefined);
  const [first] = columns;
  if (first === undefined || columns.length !== packed.columns.length) return undefined;
  if (columns.some(({ length }) => length !== first.length)) return undefined;
  return first.map((_, row) => columns.map((column) => column[row] ?? ''));
}

/** `i`: numbers, or digits of numbers that JavaScript cannot hold exactly, as in a canonical locator. `t`: always digits. */
type Kind = 'i' | 't';

const DIGITS = /^(?:0|-?[1-9]\d{0,39})$/;
const DIFFERENCES = /^[it](?:-?\d{1,41})(?:,-?\d{1,41})*$/;

function kindOf(locators: readonly Locator[], index: number): Kind | undefined {
  const is = (isOne: (value: Value) => boolean): boolean =>
    locators.every((locator) => isOne(locator[index] ?? ''));
  if (is((value) => (typeof value === 'number' ? isExact(value) : isDigits(value) && !isSafe(value))))
    return 'i';
  return is((value) => typeof value === 'string' && isDigits(value)) ? 't' : undefined;
}

function isExact(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function isDigits(value: string): boolean {
  return DIGITS.test(value);
}

function isSafe(digits: string): boolean {
  return Number.isSafeInteger(Number(digits));
}

type Keys = readonly (Value | bigint)[];

function compare(one: Keys, other: Keys): number {
  for (const [index, a] of one.entries()) {
    const b = other[index] ?? '';
    if (a === b) continue;
    // A column may have numbers and texts: which order it is does not matter.
    return typeof a === 'string' || typeof b === 'string' ? (String(a) < String(b) ? -1 : 1) : a < b ? -1 : 1;
  }
  return 0;
}

function columnOf(packed: unknown): readonly Value[] | undefined {
  if (isColumn(packed)) return packed;
  if (typeof packed !== 'string' || !DIFFERENCES.test(packed)) return undefined;
  const isText = packed.startsWith('t');
  let last = 0n;
  return packed
    .slice(1)
    .split(',')
    .map((difference) => {
      last += BigInt(difference);
      const digits = last.toString();
      return isText || !isSafe(digits) ? digits : Number(digits);
    });
}

function isColumn(value: unknown): value is readonly Value[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number');
}
