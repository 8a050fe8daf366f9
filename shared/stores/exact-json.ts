import type { JsonValue } from '../domain/canonical-json.ts';
import { canonicalDecimal } from '../domain/configuration/locator.ts';

/** Levels of lists and objects inside one value. What reads them afterwards may be recursive. */
const DEEPEST = 100;

/** A number as JSON: its text if JavaScript would change it. */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  const isExact = Number.isFinite(number) && canonicalDecimal(String(number)) === canonicalDecimal(text);
  return isExact ? number : text;
}

/** The value of a JSON text, with exact numbers. `undefined` if it is nested deeper than an export may be. */
export function exactJson(text: string): JsonValue | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text, withSource) as JsonValue;
  } catch (error) {
    // The text comes from an engine that checked it: only its depth can be too much.
    if (error instanceof RangeError) return undefined;
    throw new TypeError('an engine sent a text that is not JSON');
  }
  return isDeeper(value, DEEPEST) ? undefined : value;
}

function withSource(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined ? exactNumber(source) : value;
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
