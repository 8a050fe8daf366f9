import { lookAhead, period } from './reading.ts';
import type { Reading } from './reading.ts';
import { startsDay } from './parse-calendar.ts';
import { startsPeriod, unitAt } from './parse-period.ts';
import { numberAt, ordinalAt } from './number-words.ts';
import type { StageAction } from './ast.ts';
import type { Bounds } from './body-stages.ts';
import type { Token } from './lexer.ts';
import type { TokenStream } from './token-stream.ts';
import { ACTION_WORDS, isKeyword, STAGE_NOUNS } from './words.ts';
import { ordinal } from './print-period.ts';

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

/** `anonymise`, `anonymised`, `restriction` and `redact` all say what is to be done. */
function actionIn(name: string): StageAction | undefined {
  const word = name.trim().toLowerCase();
  const forms = [
    word,
    word.replace(/e?d$/, 'e'),
    word.replace(/(.)\1?ed$/, '$1'),
    word.replace(/ied$/, 'y'),
    word.replace(/ing$/, 'e'),
  ];
  for (const known of [ACTION_WORDS, STAGE_NOUNS, OTHER_VERBS])
    for (const form of forms) if (known.has(form)) return known.get(form);
  return undefined;
}

/** Before a colon, these would be names of parts, and say nothing of the dates. */
const NOT_NAMES = 'otherwise else if unless when where minimum maximum within until by'.split(' ');

/** `restrict: 30 days after X` names a part of the data "restrict", and deletes it. Nothing is unclear where an action follows. */
export function refuseMeantLabel(stream: TokenStream, name: Token, isSaid: boolean): void {
  const text = name.text.trim();
  const meant = actionIn(text);
  if (!isSaid && meant !== undefined && meant !== 'delete') {
    const message = `"${text}:" names a part of the data, which is deleted; write "${meant} 30 days after X", or "${text}: delete 30 days after X"`;
    stream.fail('RULE_AMBIGUOUS', message, name);
  }
  if (!NOT_NAMES.includes(text.toLowerCase())) return;
  const message = `"${text}:" names a part of the data; write "if A, X, otherwise Y", or "at least 1 year and at most 2 years after X"`;
  stream.fail('RULE_AMBIGUOUS', message, name);
}

/** How many words the next tokens are that may belong to a name; dotted names are events. */
function nounLength(stream: TokenStream, from = 0): number {
  let length = 0;
  while (isNounWord(stream, from + length)) length += 1;
  return length;
}

function isNounWord(stream: TokenStream, ahead: number): boolean {
  const word = stream.word(ahead);
  return word !== '' && !word.includes('.') && !isKeyword(word) && !startsPeriod(stream, ahead);
}

const said = (stream: TokenStream, length: number): string =>
  Array.from({ length }, (_, index) => stream.peek(index).text).join(' ');

const PRONOUNS = ['they', 'he', 'she', 'we', 'you', 'i', 'it'];
const MODALS = ['must', 'shall', 'should', 'will', 'may', 'be', 'are', 'is', 'can'];

/** `the data must be deleted within …`, `records shall be kept for …`: a rule begins with what is done, or when. */
export function refuseStatement(stream: TokenStream): void {
  const article = ['the', 'a', 'an', 'all', 'any', 'each'].includes(stream.word()) ? 1 : 0;
  if (BEFORE_BOUND.includes(stream.word())) return;
  if (PRONOUNS.includes(stream.word())) refuseSubject(stream, 1);
  for (let ahead = article; ahead <= 6 && stream.word(ahead) !== ''; ahead += 1) {
    if (ahead > article && MODALS.includes(stream.word(ahead)) && !startsDay(stream, ahead))
      refuseSubject(stream, ahead + 1);
    if (!isNounWord(stream, ahead)) return;
  }
}

function refuseSubject(stream: TokenStream, length: number): never {
  const message = `a rule does not say who deletes what, because its category does; leave out "${said(stream, length)} …", and begin with the action or the period, such as "delete 3 years after X" or "within 30 days after X"`;
  return stream.fail('RULE_SYNTAX', message);
}

/** `as long as necessary`, `for as long as the debt is open`. */
export function refuseAsLongAs(stream: TokenStream): void {
  if (!stream.lookAhead(() => stream.takeAny(['as long as', 'so long as']))) return;
  const message =
    '"as long as" gives no date; if an event ends it, write "until X"; if it only delays another date, write "…, held from A until B"; if nothing says when it ends, write: not computable, because "…"';
  stream.fail('RULE_SYNTAX', message);
}

/** What follows a complete rule and shows what was meant. */
export function refuseJoint(stream: TokenStream): void {
  const comma = stream.mark(',');
  const refuse = (message: string): never => stream.fail('RULE_SYNTAX', message, stream.peek(comma));
  switch (stream.word(comma)) {
    case 'otherwise':
    case 'else':
      return refuse(
        '"otherwise" needs a condition before it, such as "if paid, 1 year after X, otherwise …"',
      );
    case 'whichever':
      return refuse('"whichever" needs two dates joined by "or", such as "A or B, whichever is later"');
  }
}

const BEFORE_BOUND = ['immediately', 'once', 'up'];
const AFTER_OBJECT = ['within', 'after', 'until', 'upon', 'once', 'by', 'no', 'not', 'for', 'between'];

/** `delete the data within 30 days after x.y`: the category says what is deleted. */
export function refuseObject(stream: TokenStream): void {
  if (startsPeriod(stream) || startsDay(stream) || BEFORE_BOUND.includes(stream.word())) return;
  const article = ['the', 'a', 'an', 'all', 'any', 'each'].includes(stream.word()) ? 1 : 0;
  // `delete the second reminder after x.y` counts from there.
  if (ordinalAt(stream, article) !== undefined || stream.word(article) === 'next') return;
  const length = article + nounLength(stream, article);
  if (length === 0) return;
  const goesOn =
    startsPeriod(stream, length) ||
    AFTER_OBJECT.includes(stream.word(length)) ||
    (stream.word(length) === 'at' && ['least', 'most'].includes(stream.word(length + 1)));
  if (!goesOn) return;
  const message = `leave out "${said(stream, length)}": the category says what the rule is about, so write only when`;
  stream.fail('RULE_SYNTAX', message);
}

const REACHES = [
  'is',
  'are',
  'turn',
  'turns',
  'turned',
  'reaches',
  'reached',
  'becomes',
  'attains',
  'attained',
  'was',
];

/** `until the child is 25`, `once the pupil reaches the age of 25`. */
export function refuseAgeReached(stream: TokenStream): void {
  const token = stream.peek();
  let ahead = ['the', 'a', 'an'].includes(stream.word()) ? 1 : 0;
  const first = ahead;
  while (stream.word(ahead) !== '' && !isKeyword(stream.word(ahead)) && !REACHES.includes(stream.word(ahead)))
    ahead += 1;
  if (ahead === first || !REACHES.includes(stream.word(ahead))) return;
  const name = stream.peek(ahead - 1);
  ahead += 1;
  for (const word of ['the', 'age', 'of']) if (stream.word(ahead) === word) ahead += 1;
  const age = numberAt(stream, ahead);
  if (age === undefined) return;
  const person = PRONOUNS.includes(name.text.toLowerCase()) ? 'person' : name.text;
  const birth = person.includes('.') ? person : `${person}.born`;
  const message = `write "the ${ordinal(age.value)} birthday of ${birth}", with the event of the birth, for the day on which somebody is ${age.value}`;
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

/** `keep within 3 years`. */
export function refuseKeepWithin(stream: TokenStream): void {
  if (!['within', 'by'].includes(stream.word())) return;
  const message =
    '"keep" with a latest date could mean that the data is kept for that time, or that it is deleted in it; write "keep for 30 days after X" or "delete within 30 days after X"';
  stream.fail('RULE_AMBIGUOUS', message);
}

/** `within 90 days before X`, `within 12 months without X`: people mean different bounds by them. */
export function refuseBackwards(reading: Reading, word: string): void {
  const { stream } = reading;
  const at = stream.peek();
  const link = lookAhead(reading, () => {
    if (startsPeriod(stream)) period(reading, false);
    return stream.word();
  });
  if (link === 'before') {
    const message = `it is not clear which bound "${word} … before" is; write "by 90 days before X" if it has to be done earlier than that, or "not before 90 days before X" if not earlier`;
    stream.fail('RULE_AMBIGUOUS', message, at);
  }
  if (link === 'without' && word !== 'at least') {
    const message = `it is not clear whether it is done during the time without it or after that time; write "12 months without X" to keep the data so long, or "${word} 12 months after X"`;
    stream.fail('RULE_AMBIGUOUS', message, at);
  }
}

/** `restrict until x.y`, `delete until 2030-12-31`: many people write "until" for "by", and a restriction may end then. */
export function refuseUntil(stream: TokenStream, verb: Token): void {
  if (stream.word() !== 'until') return;
  const message = `it is not clear whether "${verb.text} until" says when this begins or ends; write "${verb.text} upon X" or "${verb.text} by X", and for data that is kept until then only "until X"`;
  stream.fail('RULE_AMBIGUOUS', message);
}

const UPON = ['upon', 'once', 'as soon as', 'immediately', 'without delay', 'without undue delay'];

/** `keep upon x.y`: that could be when the keeping begins. */
export function refuseKeepUpon(stream: TokenStream, verb: Token): void {
  if (!stream.lookAhead(() => stream.takeAny(UPON))) return;
  const message = `it is not clear whether the keeping begins or ends then; write "${verb.text} until X", or a period, such as "${verb.text} for 3 years after X"`;
  stream.fail('RULE_AMBIGUOUS', message);
}

/** `delete the account`: the name after the verb is read as the event of a date, and not as what is deleted. */
export function refuseNamedObject(stream: TokenStream, word: string, bounds: Bounds): Bounds {
  if (bounds.form !== 'bare' || bounds.notBefore?.kind !== 'event') return bounds;
  const { name } = bounds.notBefore;
  const message = `the name after the verb is read as an event; write "${word} ${name}" if that is meant, or the period, such as "3 years after ${name}"`;
  return stream.fail('RULE_AMBIGUOUS', message);
}
