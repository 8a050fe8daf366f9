import type { TokenStream } from './token-stream.ts';
import { AFTER_WORDS } from './words.ts';

/** What links a period to its start, besides the single words. They leave no doubt that the start itself is not counted. */
const FROM_PHRASES = [
  'counted from',
  'counting from',
  'calculated from',
  'starting from',
  'beginning from',
  'commencing from',
  'running from',
  'as of',
  'as from',
];

/** Some laws count the first day with these words, others do not. For a minimum, not to count it keeps the data longer. */
const FIRST_DAY_PHRASES = ['beginning', 'commencing', 'starting'].flatMap((verb) => [
  `${verb} with`,
  `${verb} on`,
  `${verb} upon`,
]);

/** For a period that something has to happen within. */
export const LATEST_LINKS: readonly string[] = [...AFTER_WORDS, ...FROM_PHRASES];
/** For a period that has to be over. */
export const LINKS: readonly string[] = [...LATEST_LINKS, ...FIRST_DAY_PHRASES];

/** Reads the words between a period and its start. */
export function expectLink(stream: TokenStream, links: readonly string[]): void {
  const token = stream.peek();
  if (stream.takeAny(links)) return;
  if (stream.takeAny(FIRST_DAY_PHRASES)) {
    const message = `it is not clear whether the first day counts; if it does not, write "after" instead of "${token.text}", and if it does, write "after" and a period that is a day shorter`;
    stream.fail('RULE_AMBIGUOUS', message, token);
  }
  stream.unexpected('"after" or "from" after the period', links);
}

export function startsLink(stream: TokenStream, ahead: number): boolean {
  return LINKS.some((phrase) =>
    phrase.split(' ').every((word, index) => stream.word(ahead + index) === word),
  );
}
