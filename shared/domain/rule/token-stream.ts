import type { Position, RuleError, RuleErrorCode } from './ast.ts';
import { lineStarts, positionAt } from './lexer.ts';
import type { Token } from './lexer.ts';
import { didYouMean } from '../suggest.ts';
import { ALL_WORDS } from './words.ts';

/** Leaves the recursive descent; caught in `parseRule` alone and turned into its value. */
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
  /** The lower-cased word ahead, `''` for anything else. */
  word(ahead?: number): string;
  /** Reads the words if they all come next. */
  take(...words: string[]): boolean;
  takeMark(...marks: string[]): boolean;
  expect(word: string, where: string): void;
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
  return {
    peek,
    word,
    position,
    fail,
    unexpected,
    next() {
      const token = peek();
      at += 1;
      return token;
    },
    take(...words) {
      if (!words.every((wanted, index) => word(index) === wanted)) return false;
      at += words.length;
      return true;
    },
    takeMark(...marks) {
      const token = peek();
      if (token.kind !== 'mark' || !marks.includes(token.text)) return false;
      at += 1;
      return true;
    },
    expect(wanted, where) {
      if (word() !== wanted) unexpected(`"${wanted}" ${where}`, [wanted]);
      at += 1;
    },
  };
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
