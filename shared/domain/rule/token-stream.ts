import type { Position, RuleError, RuleErrorCode } from './ast.ts';
import { lineStarts, positionAt } from './lexer.ts';
import type { Token } from './lexer.ts';
import { didYouMean } from '../suggest.ts';
import { ALL_WORDS } from './words.ts';

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
  /** What `read` says; it is read again afterwards. */
  lookAhead<Result>(read: () => Result): Result;
  position(token: Token): Position;
  fail(code: RuleErrorCode, message: string, token?: Token): never;
  /** `expected …, found …; did you mean …?` at the next token. */
  unexpected(expected: string, candidates?: Iterable<string>): never;
}

export function tokenStream(text: string, tokens: readonly Token[]): TokenStream {
  const starts = lineStarts(text);
  const end: Token = { kind: 'end', text: '', at: text.length };
  let at = 0;

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end;
  const word = (ahead = 0): string => {
    const token = peek(ahead);
    return token.kind === 'word' ? token.lower : '';
  };
  const position = (token: Token): Position => positionAt(starts, token.at);
  const fail = (code: RuleErrorCode, message: string, token: Token = peek()): never => {
    throw new RuleProblem({ code, message, ...position(token) });
  };
  const unexpected = (expected: string, candidates: Iterable<string> = ALL_WORDS): never => {
    const token = peek();
    const found = token.kind === 'end' ? 'the end of the rule' : JSON.stringify(shortened(token.text));
    const hint = token.kind === 'word' ? didYouMean(token.text, candidates) : '';
    return fail('RULE_SYNTAX', `expected ${expected}, found ${found}${hint}`, token);
  };
  const take = (...words: string[]): boolean => {
    if (!words.every((wanted, index) => word(index) === wanted)) return false;
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
    lookAhead(read) {
      const here = at;
      const result = read();
      at = here;
      return result;
    },
  };
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
