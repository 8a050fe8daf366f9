import type { Position, RuleError } from './ast.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly lower: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  /** An ISO date as written, checked by the parser. */
  | { readonly kind: 'date'; readonly text: string; readonly at: number }
  /** `MM-DD`. */
  | { readonly kind: 'day'; readonly text: string; readonly at: number }
  /** `10:00`, and `21st` without its letters. */
  | { readonly kind: 'time' | 'ordinal'; readonly text: string; readonly at: number }
  /** `Europe/Berlin`. */
  | { readonly kind: 'zone'; readonly text: string; readonly at: number }
  | { readonly kind: 'string' | 'setting'; readonly text: string; readonly at: number }
  | { readonly kind: 'mark'; readonly text: Mark; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

type Mark = ',' | ';' | ':' | '(' | ')';

/** In characters. No sentence that a person writes is longer. */
export const LONGEST_RULE = 10_240;

/** Sticky, and each match is bounded or reads the text once: the time is linear in the text. */
const PATTERNS = [
  ['space', /\s+/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\w-])/y],
  ['day', /\d{2}-\d{2}(?![\w-])/y],
  ['time', /\d{1,2}:\d{2}(?![\w:])/y],
  ['ordinal', /(\d{1,4})(?:st|nd|rd|th)(?![\w-])/iy],
  // A full stop may follow at the end of the rule.
  ['number', /\d+(?![\w-]|\.(?!\s*$))/y],
  ['zone', /[A-Z][A-Za-z_-]*(?:\/[A-Z][A-Za-z0-9_+-]*){1,2}(?![\p{L}\p{N}_/-])/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_][\p{L}\p{N}_-]*)*/uy],
  ['string', /"((?:[^"\\\n]|\\["\\])*)"/y],
  ['setting', /\{([^{}\n]*)\}/y],
  ['mark', /[,;:()]/y],
] as const;

export function tokenize(text: string): { readonly tokens: Token[] } | { readonly error: RuleError } {
  if (text.length > LONGEST_RULE) {
    const message = `the rule has ${text.length} characters; the limit is ${LONGEST_RULE}`;
    return { error: { code: 'RULE_TOO_LONG', message, ...positionAt(lineStarts(text), LONGEST_RULE) } };
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token === undefined) {
      // A full stop may end the sentence.
      if (text[at] === '.' && text.slice(at + 1).trim() === '') break;
      return {
        error: { code: 'RULE_SYNTAX', message: complaint(text, at), ...positionAt(lineStarts(text), at) },
      };
    }
    if (token.token !== undefined) tokens.push(token.token);
    at = token.next;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return { tokens };
}

function tokenAt(text: string, at: number): { token?: Token; next: number } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) continue;
    const next = at + match[0].length;
    const inner = match[1] ?? '';
    switch (kind) {
      case 'space':
        return { next };
      case 'word':
        return { token: { kind, text: match[0], lower: match[0].toLowerCase(), at }, next };
      case 'string':
        return { token: { kind, text: inner.replaceAll(/\\(["\\])/g, '$1'), at }, next };
      case 'setting':
        return { token: { kind, text: inner.trim().split(/\s+/).join(' '), at }, next };
      case 'mark':
        return { token: { kind, text: match[0] as Mark, at }, next };
      case 'ordinal':
        return { token: { kind, text: inner, at }, next };
      case 'zone':
      case 'time':
      case 'date':
      case 'day':
      case 'number':
        return { token: { kind, text: match[0], at }, next };
    }
  }
  return undefined;
}

function complaint(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"')
    return 'this quotation is not closed; write it between straight quotation marks on one line';
  if (character === '{') return 'write a setting as a name in braces, such as {reasonable period}';
  if ('“”„«»‘'.includes(character)) return 'write straight quotation marks (") around a text';
  if ('<>=≤≥'.includes(character))
    return 'write the comparison in words, such as "is at least 5", "is more than 5" or "is 5"';
  if (character === '/') return 'a rule has no slash; write a date as 2030-12-31, and only whole numbers';
  if ("'’".includes(character))
    return 'a rule has no apostrophe; write "years" for "years’", and the name of an event for what belongs to it';
  if (/\d/.test(character)) return 'expected a whole number such as 30, or a date such as 2030-12-31';
  return `the character ${JSON.stringify(character)} is not allowed in a rule`;
}

/** Offsets at which lines begin, for `positionAt`. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

export function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { offset, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
