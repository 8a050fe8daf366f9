import { startsPeriod, unitAt } from './parse-period.ts';
import { numberAt } from './number-words.ts';
import type { StageAction } from './ast.ts';
import type { TokenStream } from './token-stream.ts';
import { isKeyword } from './words.ts';

/*
 * Wordings that people use for something that the language has no word for. Read as names of events, they would get a
 * message about an event, or mean something else.
 */

/** What people call an action that the language writes with another word. */
const OTHER_VERBS: ReadonlyMap<string, StageAction> = new Map([
  ...meaning('delete', 'purge remove shred wipe dispose discard expunge eliminate drop overwrite'),
  ...meaning('anonymise', 'redact mask pseudonymise pseudonymize depersonalise depersonalize'),
  ...meaning('restrict', 'lock freeze suppress hide'),
]);

function meaning(action: StageAction, verbs: string): [string, StageAction][] {
  return verbs.split(' ').map((verb) => [verb, action]);
}

/** At the place of an action: `purge 30 days after x.y`. `purge request plus 30 days` begins with a noun. */
export function refuseOtherVerb(stream: TokenStream): void {
  const token = stream.peek();
  const meant = OTHER_VERBS.get(stream.word());
  if (meant === undefined) return;
  const after = stream.peek(1);
  const isVerb =
    after.kind === 'word' ? isKeyword(after.lower) || startsPeriod(stream, 1) : after.kind !== 'end';
  if (!isVerb || stream.word(1) === 'plus') return;
  const message = `"${token.text}" is not an action of the language; write "${meant}" if that is meant; the actions are delete, anonymise and restrict, and for people archive, review and notify`;
  stream.fail('RULE_SYNTAX', message, token);
}

const EACH = ['each', 'every', 'per'];
const REGULAR = ['hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'annual'];
const BEFORE_NEWEST = ['all', 'but', 'except', 'only', 'the', 'most'];
const NEWEST = ['last', 'latest', 'newest', 'recent'];

/** `keep the last 5 versions`, `keep the last 7 of each week`, `keep 12 monthly backups`: at the place of a bound. */
export function refuseRotation(stream: TokenStream): void {
  const token = stream.peek();
  let ahead = 0;
  for (const word of BEFORE_NEWEST) if (stream.word(ahead) === word) ahead += 1;
  const newest = NEWEST.includes(stream.word(ahead));
  if (newest) ahead += 1;
  const number = numberAt(stream, ahead);
  const rest = wordsAhead(stream, ahead + (number?.tokens ?? 0));
  const regular = number !== undefined && REGULAR.includes(rest[0] ?? '');
  if (regular || ((newest || number !== undefined) && rest.some((word) => EACH.includes(word)))) {
    const message =
      'a rule cannot keep some copies of each day, week, month or year; make each kind of copy a category of its own with its own period, such as "30 days after daily.made" and "1 year after monthly.made"';
    stream.fail('RULE_SYNTAX', message, token);
  }
  if (!newest || number === undefined) return;
  const message = unitAt(stream, ahead + number.tokens)
    ? `"the last ${number.value} …" does not say from when the period counts; write it with an event, such as "30 days after record.created"`
    : `to keep the last ${number.value}, say how many newer ones there have to be, such as "${number.value} newer version.created than this.created"`;
  stream.fail('RULE_SYNTAX', message, token);
}

/** The words up to what begins something else. */
function wordsAhead(stream: TokenStream, from: number): string[] {
  const words: string[] = [];
  for (let ahead = from; words.length < 8 && stream.word(ahead) !== ''; ahead += 1) {
    const word = stream.word(ahead);
    if (isKeyword(word) && word !== 'of' && word !== 'in' && word !== 'the') break;
    words.push(word);
  }
  return words;
}
