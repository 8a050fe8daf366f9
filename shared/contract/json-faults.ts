import type { ErrorCode } from './error-codes.ts';

/** Levels of objects and arrays in one text. What the contract describes has eight at most. */
export const DEEPEST_JSON = 100;

/** What is valid JSON, and refused all the same, because two readers could understand it differently. */
export interface JsonFault {
  readonly code: Extract<ErrorCode, `JSON_${string}`>;
  /** The names and indexes that lead to it. */
  readonly path: readonly (string | number)[];
}

/** An object or array that is open where the scan is. `at`: the name or index of the member that is read. */
interface Open {
  at: string | number;
  readonly names: Set<string>;
}

/**
 * Scans a text that `JSON.parse` has accepted, for what `JSON.parse` does not tell: of a name that is given twice it
 * takes the last value; it makes a number out of range infinite; it nests without limit. Linear, without recursion.
 * Reports the first fault at each pair of first two path segments: so the first of every item of a batch.
 */
export function jsonFaults(text: string): readonly JsonFault[] {
  const faults = new Map<string | number | undefined, Map<string | number | undefined, JsonFault>>();
  const open: Open[] = [];
  const found = (code: JsonFault['code']): void => {
    // A name may be as long as the text, so it is never copied here: each fault would take the time of the whole text.
    const [first, second] = [open[0]?.at, open[1]?.at];
    const inFirst = faults.get(first) ?? new Map<string | number | undefined, JsonFault>();
    if (inFirst.has(second)) return;
    faults.set(first, inFirst.set(second, { code, path: open.slice(0, DEEPEST_JSON).map(({ at }) => at) }));
  };
  const tokens = /[{}[\],"]|-?\d[\d.eE+-]*/g;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [char] = token;
    const top = open.at(-1);
    if (char === '{' || char === '[') {
      open.push({ at: char === '{' ? '' : 0, names: new Set() });
      if (open.length === DEEPEST_JSON + 1) found('JSON_TOO_DEEP');
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === ',') {
      if (typeof top?.at === 'number') top.at += 1;
    } else if (char === '"') {
      const end = endOfString(text, token.index);
      tokens.lastIndex = end;
      if (top === undefined || open.length > DEEPEST_JSON || !isName(text, end)) continue;
      const name = nameIn(text.slice(token.index, end));
      top.at = name;
      if (name === '__proto__') found('JSON_NAME_FORBIDDEN');
      if (top.names.has(name)) found('JSON_NAME_TWICE');
      top.names.add(name);
    } else if (!Number.isFinite(Number(char))) {
      found('JSON_NUMBER_TOO_LARGE');
    }
  }
  return [...faults.values()].flatMap((inFirst) => [...inFirst.values()]);
}

/** The index after the quote that ends the string. */
function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position + 1;
}

/** Only a name has a colon after it. */
function isName(text: string, end: number): boolean {
  const next = /\S/g;
  next.lastIndex = end;
  return next.exec(text)?.[0] === ':';
}

/** `"\u0061"` and `"a"` are one name. */
function nameIn(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}
