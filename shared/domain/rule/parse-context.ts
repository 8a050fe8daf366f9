import type { Moment, NameUse, StageAction } from './ast.ts';
import type { Token } from './lexer.ts';
import type { TokenStream } from './token-stream.ts';

/** What the functions of the recursive descent share. */
export interface ParseContext {
  readonly stream: TokenStream;
  readonly uses: NameUse[];
  depth: number;
  /** Words of the noun read last, to explain a mistyped keyword. */
  lastNoun?: readonly string[];
  /** Index of the stage that is being read. */
  stage: number;
  /** A fallback was read that says by when. */
  fallbackIsMaximum?: boolean;
  readonly holes: Hole[];
  readonly read: Readers;
}

/** Productions that lie above those that need them. */
interface Readers {
  readonly moment: (context: ParseContext) => Moment;
  readonly operand: (context: ParseContext) => Moment;
}

/** Stands for the moment of another stage until all stages are read. */
export interface Hole {
  readonly moment: Moment;
  readonly stage: number;
  readonly wanted: StageReference;
  readonly token: Token;
  /** What the word means if no stage is meant. */
  readonly instead?: () => Moment;
}
export type StageReference =
  | { readonly kind: 'previous' | 'next' | 'start' }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'action'; readonly action: StageAction };

/** Levels of nesting: deep enough for any sentence, and far below what a call stack holds. */
export const DEEPEST = 40;

export function deeper(context: ParseContext): void {
  context.depth += 1;
  if (context.depth > DEEPEST) {
    const message = `the rule nests more than ${DEEPEST} levels deep; split it into stages or several rules`;
    context.stream.fail('RULE_TOO_DEEP', message);
  }
}

/** The moment of another stage; `token` is where the text names it. */
export function holeFor(
  context: ParseContext,
  wanted: StageReference,
  token: Token,
  instead?: () => Moment,
): Moment {
  const moment = {} as Moment;
  context.holes.push({ moment, stage: context.stage, wanted, token, ...(instead && { instead }) });
  return moment;
}
