import { strength } from '../actions.ts';
import type { Action } from '../actions.ts';
import type { Moment, NameUse, ParsedRule, RuleError, Stage } from './ast.ts';
import { tokenize } from './lexer.ts';
import { parseMoment, parsePeriodIn, startsOperand } from './parse-moment.ts';
import type { MomentContext } from './parse-moment.ts';
import { startsPeriod } from './parse-period.ts';
import { RuleProblem, tokenStream } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { ACTION_WORDS, ALL_WORDS } from './words.ts';
import { suggest } from './suggest.ts';

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
  const context: MomentContext = { stream: tokenStream(text, lexed.tokens), uses, depth: 0 };
  try {
    return { ok: true, rule: { stages: stages(context) }, uses };
  } catch (problem) {
    if (problem instanceof RuleProblem) return { ok: false, error: problem.problem };
    throw problem;
  }
}

/** Stages go from weaker to stronger: what is deleted cannot be anonymised any more. */
function stages(context: MomentContext): Stage[] {
  const { stream } = context;
  const result: Stage[] = [];
  do {
    const start = stream.peek();
    const next = stage(context);
    const last = result.at(-1);
    if (last !== undefined && strength(next.action) <= strength(last.action)) {
      const message = `"${next.action}" cannot follow "${last.action}"; stages go from restrict over anonymise to delete, each once`;
      stream.fail('RULE_STAGE_ORDER', message, start);
    }
    result.push(next);
  } while (separator(stream));
  if (stream.peek().kind !== 'end') trailing(stream, lastWord(context));
  return result;
}

function separator(stream: TokenStream): boolean {
  if (stream.peek().kind === 'mark' && stream.word(1) === 'then') stream.takeMark(',', ';');
  return stream.take('then');
}

function stage(context: MomentContext): Stage {
  const { stream } = context;
  if (stream.take('keep', 'permanently')) return { action: 'delete', notBefore: { kind: 'never' } };
  if (stream.take('keep')) {
    stream.take('for');
    return { action: 'delete', ...bounds(context) };
  }
  const action = ACTION_WORDS.get(stream.word());
  if (action !== undefined) stream.next();
  return { action: action ?? ('delete' satisfies Action), ...bounds(context) };
}

function bounds(context: MomentContext): { notBefore?: Moment; notAfter?: Moment } {
  const { stream } = context;
  if (stream.take('until') || stream.take('upon')) return { notBefore: parseMoment(context) };
  if (stream.take('by')) return { notAfter: parseMoment(context) };
  if (stream.take('within')) {
    if (!startsPeriod(stream)) stream.unexpected('a period behind "within", such as 30 days');
    return { notAfter: parseMoment(context, { ofMeansAfter: true }) };
  }
  if (stream.take('at', 'most')) return { notAfter: parseMoment(context) };
  if (stream.take('at', 'least')) return atLeast(context);
  if (stream.take('not', 'before')) {
    const notBefore = parseMoment(context);
    return stream.take('and', 'by') ? { notBefore, notAfter: parseMoment(context) } : { notBefore };
  }
  if (!startsOperand(stream))
    stream.unexpected('a period such as 30 days, "within", "until", "the later of" or an event');
  return { notBefore: parseMoment(context) };
}

/** `at least 7 years [and at most 10 years] after X`, or the upper bound with a start of its own. */
function atLeast(context: MomentContext): { notBefore: Moment; notAfter?: Moment } {
  const { stream } = context;
  if (!startsPeriod(stream)) stream.unexpected('a period behind "at least", such as 7 years');
  let probe = 0;
  while (isPeriodToken(stream, probe)) probe += 1;
  if (stream.word(probe) === 'and' && stream.word(probe + 1) === 'at' && stream.word(probe + 2) === 'most') {
    const least = parsePeriodIn(context, false);
    stream.take('and', 'at', 'most');
    const notAfter = parseMoment(context);
    if (notAfter.kind !== 'after') return stream.unexpected('"after" and an event behind the two periods');
    return { notBefore: { kind: 'after', period: least, start: notAfter.start }, notAfter };
  }
  const notBefore = parseMoment(context);
  return stream.take('and', 'at', 'most') ? { notBefore, notAfter: parseMoment(context) } : { notBefore };
}

function isPeriodToken(stream: TokenStream, ahead: number): boolean {
  if (startsPeriod(stream, ahead)) return true;
  if (stream.word(ahead) === 'and') return startsPeriod(stream, ahead + 1);
  return (
    ahead > 0 &&
    startsPeriod(stream, ahead - 1) &&
    stream.peek(ahead).kind === 'word' &&
    stream.peek(ahead - 1).kind !== 'setting'
  );
}

/** The word that the unexpected token follows: often a mistyped keyword that was read as a noun. */
function lastWord(context: MomentContext): string | undefined {
  return context.lastNoun?.find((word) => suggest(word, ALL_WORDS) !== undefined);
}

function trailing(stream: TokenStream, mistyped: string | undefined): never {
  const meant = mistyped === undefined ? undefined : suggest(mistyped, ALL_WORDS);
  const token = stream.peek();
  if (mistyped !== undefined && meant !== undefined) {
    const message = `the words before ${JSON.stringify(token.text.slice(0, 40))} were read as a name; did you mean "${meant}" instead of "${mistyped}"?`;
    stream.fail('RULE_SYNTAX', message, token);
  }
  return stream.unexpected('"plus", "or", ", then" or the end of the rule');
}
