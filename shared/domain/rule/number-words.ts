import type { TokenStream } from './token-stream.ts';

/** A number as it is written, and how many tokens that takes. */
export interface Written {
  readonly value: number;
  readonly tokens: number;
  /** The number in parentheses after it, as in `six (6) years`, if it is another one. */
  readonly contradicts?: number;
}

const ONES = 'one|two|three|four|five|six|seven|eight|nine';
const TEENS = 'ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen';
const TENS = 'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety';
const ORDINAL_ONES = 'first|second|third|fourth|fifth|sixth|seventh|eighth|ninth';
const ORDINAL_TEENS =
  'tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth';
const ORDINAL_TENS = 'twentieth|thirtieth|fortieth|fiftieth|sixtieth|seventieth|eightieth|ninetieth';

const VALUES: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ...values(`${ONES}|${TEENS}`, (index) => index + 1),
  ...values(`${ORDINAL_ONES}|${ORDINAL_TEENS}`, (index) => index + 1),
  ...values(TENS, (index) => 20 + index * 10),
  ...values(ORDINAL_TENS, (index) => 20 + index * 10),
  ['hundredth', 100],
]);

function values(words: string, valueAt: (index: number) => number): [string, number][] {
  return words.split('|').map((word, index) => [word, valueAt(index)]);
}

const HUNDREDS = `(?:a|${ONES})[ -]hundred`;
/** In `between one hundred and two hundred days`, the `two` belongs to the second number. */
const WHOLE = '(?![^ ])(?![ -]hundred)';
const BELOW = `(?:${TENS})(?:[ -](?:${ONES}))?|${ONES}|${TEENS}`;
const NUMBER = new RegExp(`^(?:${HUNDREDS}(?:(?: and)?[ -](?:${BELOW}))?|${BELOW}|an?)${WHOLE}`);
const ORDINAL_BELOW = `(?:${TENS})[ -](?:${ORDINAL_ONES})|${ORDINAL_ONES}|${ORDINAL_TEENS}|${ORDINAL_TENS}`;
const ORDINAL = new RegExp(
  `^(?:(?:${ONES})[ -]hundred(?:th|(?: and)?[ -](?:${ORDINAL_BELOW}))|${ORDINAL_BELOW}|hundredth)${WHOLE}`,
);

/** `one hundred and twenty one` has the most words. */
const MOST_WORDS = 5;

/** A whole number in digits or words (`18`, `eighteen`, `one hundred and twenty`), or in both (`six (6)`). */
export function numberAt(stream: TokenStream, ahead = 0): Written | undefined {
  return withRepetition(stream, ahead, (at) => written(stream, at, 'number', NUMBER));
}

/** `18th`, `eighteenth`, `twenty-first`, or both. */
export function ordinalAt(stream: TokenStream, ahead = 0): Written | undefined {
  return withRepetition(stream, ahead, (at) => written(stream, at, 'ordinal', ORDINAL));
}

/** Reads the number there, and refuses it if it is written twice and differs. */
export function takeWritten(stream: TokenStream, found: Written): number {
  const { value, tokens, contradicts } = found;
  if (contradicts !== undefined) {
    const message = `this number is ${value}, but the one in parentheses is ${contradicts}; write only the right one`;
    stream.fail('RULE_AMBIGUOUS', message);
  }
  stream.skip(tokens);
  return value;
}

function withRepetition(
  stream: TokenStream,
  ahead: number,
  read: (at: number) => Written | undefined,
): Written | undefined {
  const first = read(ahead);
  if (first === undefined || !isMark(stream, ahead + first.tokens, '(')) return first;
  const second = read(ahead + first.tokens + 1);
  if (second === undefined) return first;
  const tokens = first.tokens + second.tokens + 2;
  if (!isMark(stream, ahead + tokens - 1, ')')) return first;
  const { value } = first;
  return second.value === value ? { value, tokens } : { value, tokens, contradicts: second.value };
}

function isMark(stream: TokenStream, ahead: number, mark: string): boolean {
  const token = stream.peek(ahead);
  return token.kind === 'mark' && token.text === mark;
}

function written(
  stream: TokenStream,
  ahead: number,
  kind: 'number' | 'ordinal',
  pattern: RegExp,
): Written | undefined {
  const token = stream.peek(ahead);
  if (token.kind === kind) return { value: Number(token.text), tokens: 1 };
  // Nearly all words are no numbers.
  if (!VALUES.has(stream.word(ahead).split('-', 1)[0] ?? '')) return undefined;
  const words: string[] = [];
  while (words.length <= MOST_WORDS && stream.word(ahead + words.length) !== '')
    words.push(stream.word(ahead + words.length));
  const [text] = pattern.exec(words.join(' ')) ?? [];
  return text === undefined ? undefined : { value: valueOf(text), tokens: text.split(' ').length };
}

function valueOf(text: string): number {
  return text.split(/[ -]/).reduce((sum, word) => {
    const isHundred = word === 'hundred' || word === 'hundredth';
    return isHundred ? Math.max(sum, 1) * 100 : sum + (VALUES.get(word) ?? 0);
  }, 0);
}
