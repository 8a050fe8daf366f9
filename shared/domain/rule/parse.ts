import { isStoreAction, strength } from '../record/actions.ts';
import type { NameUse, ParsedRule, RuleError, Stage } from './ast.ts';
import { tokenize } from './lexer.ts';
import { linkStages } from './link-stages.ts';
import { parseBody } from './parse-bounds.ts';
import type { ParseContext } from './parse-context.ts';
import { parseMoment, primary } from './parse-moment.ts';
import { RuleProblem, tokenStream } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { ACTION_WORDS, ALL_WORDS } from './words.ts';
import { suggest } from '../suggest.ts';

/**
 * Reads a rule by recursive descent; the grammar is in `docs/rules.md`, one function a production. Always answers
 * with a rule or one positioned error, in time linear in the text. Needs no policy: `resolveRule` binds the names.
 */
export function parseRule(
  text: string,
): ({ readonly ok: true } & ParsedRule) | { readonly ok: false; readonly error: RuleError } {
  const lexed = tokenize(text);
  if ('error' in lexed) return { ok: false, error: lexed.error };
  const uses: NameUse[] = [];
  const context: ParseContext = {
    stream: tokenStream(text, lexed.tokens),
    uses,
    depth: 0,
    stage: 0,
    holes: [],
    read: { moment: parseMoment, operand: (inner) => primary(inner).moment },
  };
  try {
    return { ok: true, rule: { stages: stages(context) }, uses };
  } catch (problem) {
    if (problem instanceof RuleProblem) return { ok: false, error: problem.problem };
    throw problem;
  }
}

/** Stages go from weaker to stronger: what is deleted cannot be anonymised any more. Labelled ones are of parts. */
function stages(context: ParseContext): readonly Stage[] {
  const { stream } = context;
  const result: Stage[] = [];
  do {
    context.stage = result.length;
    const start = stream.peek();
    const next = stage(context);
    if (next.label === undefined) checkOrder(stream, result, next, start);
    else if (result.some(({ label }) => label === next.label))
      stream.fail('RULE_STAGE_ORDER', `two stages are called "${next.label}"`, start);
    result.push(next);
  } while (separator(stream));
  if (stream.peek().kind !== 'end') trailing(stream, lastWord(context));
  return linkStages(stream, result, context.holes);
}

function checkOrder(
  stream: TokenStream,
  before: readonly Stage[],
  next: Stage,
  start: ReturnType<TokenStream['peek']>,
): void {
  const unlabelled = before.filter(({ label }) => label === undefined);
  const last = unlabelled.findLast(({ action }) => isStoreAction(action))?.action;
  const gone = last === 'delete' && next.action !== 'delete';
  const weaker =
    last !== undefined &&
    isStoreAction(last) &&
    isStoreAction(next.action) &&
    strength(next.action) <= strength(last);
  if (!gone && !weaker) return;
  const message = `"${next.action}" cannot follow "${last ?? next.action}"; stages go from restrict over anonymise to delete, each once; stages of several parts of the data have names, such as "backups: delete …"`;
  stream.fail('RULE_STAGE_ORDER', message, start);
}

function separator(stream: TokenStream): boolean {
  const mark = stream.peek();
  const comma = mark.kind === 'mark' && mark.text === ',';
  const semicolon = mark.kind === 'mark' && mark.text === ';' && stream.peek(1).kind !== 'end';
  if (semicolon || (comma && ['then', 'and'].includes(stream.word(1)) && isThen(stream, 1))) stream.next();
  if (stream.word() === 'and' && stream.word(1) === 'then') stream.next();
  return stream.take('then') || semicolon;
}

function isThen(stream: TokenStream, ahead: number): boolean {
  return stream.word(ahead) === 'then' || stream.word(ahead + 1) === 'then';
}

function stage(context: ParseContext): Stage {
  const { stream } = context;
  const name = stream.peek();
  const colon = stream.peek(1);
  const labelled =
    (name.kind === 'word' || name.kind === 'string') && colon.kind === 'mark' && colon.text === ':';
  if (labelled) {
    stream.next();
    stream.next();
    if (name.text.trim() === '') stream.fail('RULE_SYNTAX', 'the name of a stage is empty', name);
  }
  const { action = 'delete', notBefore, notAfter } = parseBody(context);
  return {
    action,
    ...(labelled && { label: name.text }),
    ...(notBefore && { notBefore }),
    ...(notAfter && { notAfter }),
  };
}

/** Short words are close to any other. */
const LONGER = [...ALL_WORDS, ...ACTION_WORDS.keys()].filter((word) => word.length > 3);

/** The word that the unexpected token follows: often a mistyped keyword that was read as a noun. */
function lastWord(context: ParseContext): string | undefined {
  return context.lastNoun?.find((word) => suggest(word, LONGER) !== undefined);
}

function trailing(stream: TokenStream, mistyped: string | undefined): never {
  const meant = mistyped === undefined ? undefined : suggest(mistyped, LONGER);
  const token = stream.peek();
  if (mistyped !== undefined && meant !== undefined) {
    const message = `the words before ${JSON.stringify(token.text.slice(0, 40))} were read as a name; did you mean "${meant}" instead of "${mistyped}"?`;
    stream.fail('RULE_SYNTAX', message, token);
  }
  return stream.unexpected('"plus", "or", "if", ", then" or the end of the rule');
}
