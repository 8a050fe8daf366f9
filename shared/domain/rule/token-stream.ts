import type { Position, RuleError, RuleErrorCode } from './ast.ts';
import { lineStarts, positionAt } from './lexer.ts';
import type { Token } from './lexer.ts';
import { didYouMean } from '../suggest.ts';
import { UNIT_WORDS } from './words.ts';

/** Ends the reading at an error. Only `parse.ts` catches it, and returns it as a value. */
export class RuleProblem extends Error {
  readonly problem: RuleError;
  constructor(problem: RuleError) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The tokens of one rule with a reading position, and the only place that makes positioned errors. */
export interface TokenStream {
  peek(ahead?: number): Token;
  next(): Token;
  skip(count: number): void;
  /** The lower-cased word ahead, `''` for anything else. */
  word(ahead?: number): string;
  /** Reads the words if they all come next. */
  take(...words: string[]): boolean;
  /** Reads the first of the phrases that comes next. */
  takeAny(phrases: readonly string[]): boolean;
  /** 1 if one of the marks comes next, else 0: the distance to what follows an optional mark. */
  mark(...marks: string[]): 0 | 1;
  takeMark(...marks: string[]): boolean;
  expect(word: string, where: string): void;
  /** Phrases that could come there: messages list and suggest what was tried. */
  possible(ahead: number, ...phrases: string[]): void;
  /** Notes that the tokens that were just read are a name, so that a message can say it. */
  named(name: string): void;
  /** What `read` says; it is read again afterwards. */
  lookAhead<Result>(read: () => Result): Result;
  position(token: Token): Position;
  fail(code: RuleErrorCode, message: string, token?: Token): never;
  /**
   * `expected …, found …; did you mean …?` at the next token, or at the last one up to which a phrase was there. Without
   * `expected` the message lists what was tried.
   */
  unexpected(expected?: string, candidates?: Iterable<string>): never;
}

export function tokenStream(text: string, tokens: readonly Token[]): TokenStream {
  const starts = lineStarts(text);
  const end: Token = { kind: 'end', text: '', at: text.length };
  let at = 0;
  let looksAhead = false;
  let lastName: { readonly text: string; readonly end: number } | undefined;
  /** By the index of the token: what was tried there and did not come. */
  const tried = new Map<number, Set<string>>();

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end;
  const word = (ahead = 0): string => {
    const token = peek(ahead);
    return token.kind === 'word' ? token.lower : '';
  };
  const position = (token: Token): Position => positionAt(starts, token.at);
  const fail = (code: RuleErrorCode, message: string, token: Token = peek()): never => {
    throw new RuleProblem({ code, message, ...position(token) });
  };
  const unexpected = (expected?: string, candidates: Iterable<string> = []): never => {
    const ahead = Math.max(at, ...tried.keys()) - at;
    const token = peek(ahead);
    const phrases = [...(tried.get(at + ahead) ?? [])];
    const found = token.kind === 'end' ? 'the end of the rule' : JSON.stringify(shortened(token.text));
    const hint =
      token.kind === 'word'
        ? didYouMean(token.text, [...candidates, ...phrases.map((phrase) => phrase.split(' ', 1)[0] ?? '')])
        : '';
    const before = Array.from({ length: ahead }, (_, index) => peek(index).text).join(' ');
    const wanted =
      ahead > 0
        ? `${listed(phrases)} after ${JSON.stringify(before)}`
        : (expected ?? `${listed([...phrases, ''])}`);
    const name = lastName?.end === at ? readAsName(lastName.text) : '';
    return fail('RULE_SYNTAX', `expected ${wanted}, found ${found}${hint}${hint === '' ? name : ''}`, token);
  };
  const matches = (ahead: number, words: readonly string[]): boolean => {
    const missing = words.findIndex((wanted, index) => word(ahead + index) !== wanted);
    if (missing === -1) return true;
    const index = at + ahead + missing;
    const there = tried.get(index) ?? new Set();
    if (!looksAhead) tried.set(index, there.add(words.slice(missing).join(' ')));
    return false;
  };
  const take = (...words: string[]): boolean => {
    if (!matches(0, words)) return false;
    at += words.length;
    return true;
  };
  const mark = (...marks: string[]): 0 | 1 => {
    const token = peek();
    return token.kind === 'mark' && marks.includes(token.text) ? 1 : 0;
  };
  return {
    peek,
    word,
    mark,
    position,
    fail,
    unexpected,
    next() {
      const token = peek();
      at += 1;
      return token;
    },
    skip(count) {
      at += count;
    },
    take,
    takeAny(phrases) {
      return phrases.some((phrase) => take(...phrase.split(' ')));
    },
    takeMark(...marks) {
      const found = mark(...marks);
      at += found;
      return found === 1;
    },
    expect(wanted, where) {
      if (word() !== wanted) unexpected(`"${wanted}" ${where}`, [wanted]);
      at += 1;
    },
    possible(ahead, ...phrases) {
      for (const phrase of phrases) matches(ahead, phrase.split(' '));
    },
    named(name) {
      lastName = { text: name, end: at };
    },
    lookAhead(read) {
      const [here, outer] = [at, looksAhead];
      looksAhead = true;
      const result = read();
      [at, looksAhead] = [here, outer];
      return result;
    },
  };
}

/** `"a", "b" or "c"`; an empty phrase is the end of the rule. */
function listed(phrases: readonly string[]): string {
  const quoted = phrases.map((phrase) => (phrase === '' ? 'the end of the rule' : `"${phrase}"`));
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

/** Words of numbers and amounts that the language does not have: they end up in names. */
const AMOUNTS = /\b(hundreds?|thousands?|dozens?|half|couple|few|several|decades?|fortnights?|quarters)\b/i;

function readAsName(name: string): string {
  if (UNIT_WORDS.has(name.toLowerCase())) return `; write a number before "${name}"`;
  if (!name.includes(' ') && !AMOUNTS.test(name)) return '';
  const digits = AMOUNTS.test(name)
    ? ', because it is not a number that a rule can have; write it in digits'
    : '';
  return `; ${JSON.stringify(shortened(name))} before it was read as a name${digits}`;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
