import type { JsonValue } from '../domain/canonical-json.ts';
import { canonicalDecimal } from '../domain/configuration/locator.ts';

/** Levels of lists and objects inside one value. What reads them afterwards may be recursive. */
const DEEPEST = 100;

/** A number of at most 15 digits, without an exponent, is exact. Looking at each takes ten times as long as reading all. */
const MAYBE_INEXACT = /\d[\d.]{15}|\d\.?e/i;

const FEW_DIGITS = /^(?:0|[1-9]\d{0,14})$/;

/** A number as JSON: its text if JavaScript would change it. */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  const isExact = Number.isFinite(number) && canonicalDecimal(String(number)) === canonicalDecimal(text);
  return isExact ? number : text;
}

/**
 * A number as rules and ids take it, or its text where JavaScript would write it in another way: `42.00` is the number 42,
 * and the id of the account 42. `undefined` if the text is not a decimal.
 */
export function plainNumber(text: string): number | string | undefined {
  // Of few digits, the number is written as it is.
  if (FEW_DIGITS.test(text)) return Number(text);
  const decimal = canonicalDecimal(text);
  return decimal !== undefined && String(Number(decimal)) === decimal ? Number(decimal) : decimal;
}

/**
 * The value of a JSON text, with exact numbers. `undefined` if something of it would get lost: of a name that an object
 * gives twice, JavaScript keeps one value. Or if it is nested deeper than an export may be, or has half of a character.
 */
export function exactJson(text: string): { readonly value: JsonValue } | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text, MAYBE_INEXACT.test(text) ? withSource : undefined) as JsonValue;
  } catch (error) {
    // The text comes from an engine that checked it: only its depth can be too much.
    if (error instanceof RangeError) return undefined;
    throw new TypeError('an engine sent a text that is not JSON');
  }
  return membersIn(value, DEEPEST) === namesIn(text) ? { value } : undefined;
}

function withSource(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined ? exactNumber(source) : value;
}

/** Of all objects in it. Infinite if it is deeper than this, or has half of a character. */
function membersIn(value: JsonValue, levels: number): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : Infinity;
  if (typeof value !== 'object' || value === null) return 0;
  if (levels === 0) return Infinity;
  let members = 0;
  if (Array.isArray(value)) for (const each of value) members += membersIn(each, levels - 1);
  else
    for (const [name, each] of Object.entries(value))
      members += name.isWellFormed() ? 1 + membersIn(each, levels - 1) : Infinity;
  return members;
}

const WHITE = ' \n\r\t';

/** Strings with a colon after them, in a valid JSON text. */
function namesIn(text: string): number {
  let names = 0;
  for (let quote = text.indexOf('"'); quote >= 0;) {
    const end = endOfString(text, quote);
    let next = end + 1;
    while (WHITE.includes(text.charAt(next)) && next < text.length) next += 1;
    if (text.charAt(next) === ':') names += 1;
    quote = text.indexOf('"', end + 1);
  }
  return names;
}

/** The quote that ends the string. */
function endOfString(text: string, quote: number): number {
  let end = text.indexOf('"', quote + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** By an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}
