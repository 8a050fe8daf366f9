import { isSetting } from './ast.ts';
import type { AttributeReference, Interval, NameUse, Period, Suspension } from './ast.ts';
import type { Token } from './lexer.ts';
import { startsLink } from './links.ts';
import { periodHere, startsPeriodIn } from './parse-period.ts';
import { startsTextTest } from './parse-test.ts';
import type { TokenStream } from './token-stream.ts';
import { suggest } from '../suggest.ts';
import { ACTION_WORDS, ALL_WORDS, isKeyword } from './words.ts';

/** What the productions of the grammar share: the text, the names that were read so far, and how deep the reading is. */
export interface Reading {
  readonly stream: TokenStream;
  readonly uses: NameUse[];
  readonly levels: Levels;
  /** Inside a list or a condition, where one more `and` would have two readings. */
  readonly joined?: boolean;
  /** After `otherwise`, where what follows the branch could be about all branches. */
  readonly last?: boolean;
  /** In a stage after `then`, where what follows a comma could be about all stages. */
  readonly later?: boolean;
  /** Inside a maximum, where what a law requires needs a word of its own. */
  readonly latest?: boolean;
}

export function readingOf(stream: TokenStream): Reading {
  return { stream, uses: [], levels: levelsOf(stream) };
}

/** Levels of nesting: enough for any sentence, and far fewer than a call stack allows. */
export const DEEPEST = 40;

/** Counts levels of nesting, and refuses a rule that has too many. */
interface Levels {
  enter(): void;
  /** Reads one level deeper, and then continues at the level before. */
  within<Result>(read: () => Result): Result;
}

function levelsOf(stream: TokenStream): Levels {
  let depth = 0;
  const enter = (): void => {
    depth += 1;
    if (depth > DEEPEST) {
      const message = `the rule is nested more than ${DEEPEST} levels deep; split it into stages or several rules`;
      stream.fail('RULE_TOO_DEEP', message);
    }
  };
  return {
    enter,
    within(read) {
      const before = depth;
      enter();
      const result = read();
      depth = before;
      return result;
    },
  };
}

/** A period, noting the setting that it may name. */
export function period(reading: Reading, afterPlus: boolean): Period {
  const { stream, uses } = reading;
  const token = stream.peek();
  if (startsPeriodIn(stream)) {
    stream.take('the');
    stream.skip(2);
    return attributeIn(reading, 'period');
  }
  const found = periodHere(stream, afterPlus);
  if (isSetting(found)) uses.push({ kind: 'setting', name: found.setting, ...stream.position(token) });
  return found;
}

/** `contract_term`, `term of contract.signed`: an attribute that holds a period or a date. */
export function attributeIn(reading: Reading, holds: 'period' | 'date'): AttributeReference {
  const { stream, uses } = reading;
  const token = stream.peek();
  if (token.kind !== 'word' || isKeyword(token.lower))
    return stream.unexpected(`the name of an attribute that holds the ${holds}, such as contract_term`);
  stream.next();
  const name = token.text;
  const event = stream.take('of') ? { event: eventName(reading) } : {};
  uses.push({ kind: 'attribute', name, ...event, type: 'text', holds, ...stream.position(token) });
  return { attribute: name, ...event };
}

/** A name that has to be an event, noted for the policy to bind. */
export function eventName(reading: Reading): string {
  const expected = 'an event such as contract.ended, or a noun such as contract term';
  const { name, token } = readName(reading, expected);
  noteEvent(reading, name, token);
  return name;
}

export function noteEvent({ stream, uses }: Reading, name: string, token: Token): void {
  uses.push({ kind: 'event', name, ...stream.position(token) });
}

const LONGEST_NOUN = 4;

/** A short word is similar to too many others. */
const LONGER = [...ALL_WORDS, ...ACTION_WORDS.keys()].filter((word) => word.length > 3);

/** A word of the language that was mistyped, and therefore read as part of a name. */
export function mistypedIn(name: string): { readonly word: string; readonly meant: string } | undefined {
  for (const word of name.split(' ')) {
    const meant = LONGER.includes(word.toLowerCase()) ? undefined : suggest(word, LONGER, 1);
    if (meant !== undefined) return { word, meant };
  }
  return undefined;
}

/** A dotted name, or a noun of up to four words, up to the words between a period and its start or the verb of a test. */
export function readName({ stream }: Reading, expected: string): { name: string; token: Token } {
  const token = stream.peek();
  if (token.kind !== 'word' || isKeyword(token.lower)) return stream.unexpected(expected);
  const words = [stream.next().text];
  while (!token.text.includes('.') && stream.peek().kind === 'word' && !endsName(stream)) {
    const next = stream.peek();
    if (words.length === LONGEST_NOUN || next.text.includes('.')) {
      const read = [...words, next.text].join(' ');
      const mistyped = mistypedIn(read);
      const hint =
        mistyped === undefined ? '' : `; did you mean "${mistyped.meant}" instead of "${mistyped.word}"?`;
      const message = `${JSON.stringify(read.slice(0, 80))} was read as a name, but a name is one event such as contract.ended, or a noun of at most ${LONGEST_NOUN} words${hint}`;
      return stream.fail('RULE_SYNTAX', message, next);
    }
    words.push(stream.next().text);
  }
  const name = words.join(' ');
  stream.named(name);
  return { name, token };
}

function endsName(stream: TokenStream): boolean {
  return isKeyword(stream.word()) || startsLink(stream, 0) || startsTextTest(stream);
}

/** What `read` says of what comes next, which is read again afterwards. */
export function lookAhead<Result>({ stream, uses }: Reading, read: () => Result): Result {
  const noted = uses.length;
  const result = stream.lookAhead(read);
  uses.length = noted;
  return result;
}

/** `held from A until B or from C until D`, and what happens then. */
export function suspension(reading: Reading): { how: Suspension; intervals: Interval[] } {
  const { stream } = reading;
  const word = stream.next().text.toLowerCase();
  const intervals: Interval[] = [];
  do {
    const isBetween = stream.take('between');
    if (!isBetween) stream.expect('from', `after "${word}", and the event that starts it`);
    const from = eventName(reading);
    if (isBetween) stream.expect('and', 'and the event that ends it');
    else if (!stream.take('to')) stream.expect('until', 'and the event that ends it');
    intervals.push({ from, until: eventName(reading) });
  } while (['from', 'between'].includes(stream.word(1)) && stream.take('or'));
  const how = word === 'paused' ? 'paused' : 'held';
  let ahead: number = stream.mark(',');
  for (const skipped of ['and', 'then']) if (stream.word(ahead) === skipped) ahead += 1;
  const wanted = how === 'held' ? 'restarted' : 'resumed';
  if (stream.word(ahead) !== wanted) return { how, intervals };
  stream.skip(ahead + 1);
  return { how: how === 'held' ? 'restarted' : 'paused', intervals };
}
