import type { Action } from '../actions.ts';
import type { Unit } from './ast.ts';

/** The words that an action is written with; the first of each is the one that is printed. */
export const ACTION_WORDS: ReadonlyMap<string, Action> = new Map(
  Object.entries<Action>({
    delete: 'delete',
    erase: 'delete',
    anonymise: 'anonymise',
    anonymize: 'anonymise',
    restrict: 'restrict',
    block: 'restrict',
  }),
);

export const UNIT_WORDS: ReadonlyMap<string, Unit> = new Map(
  Object.entries<Unit>({
    year: 'years',
    years: 'years',
    month: 'months',
    months: 'months',
    week: 'weeks',
    weeks: 'weeks',
    day: 'days',
    days: 'days',
    hour: 'hours',
    hours: 'hours',
  }),
);

export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  Object.entries<number>({
    a: 1,
    an: 1,
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
  }),
);

export const COMPARISON_WORDS: ReadonlyMap<string, 'later' | 'earlier'> = new Map(
  Object.entries<'later' | 'earlier'>({
    later: 'later',
    latest: 'later',
    longer: 'later',
    longest: 'later',
    earlier: 'earlier',
    earliest: 'earlier',
    sooner: 'earlier',
    shorter: 'earlier',
    shortest: 'earlier',
  }),
);

export const AFTER_WORDS = ['after', 'from', 'following'] as const;

/** Words of the language: a noun cannot contain them. Unit and number words may stand in nouns (`pay day`). */
const KEYWORDS: readonly string[] = [
  ...AFTER_WORDS,
  ...ACTION_WORDS.keys(),
  ...COMPARISON_WORDS.keys(),
  ...'the a an of and or plus within by until upon then first last end whichever is at least most not'.split(
    ' ',
  ),
  ...'before because if any keep for never permanently computable'.split(' '),
];

const RESERVED: ReadonlySet<string> = new Set(KEYWORDS);

export function isKeyword(lower: string): boolean {
  return RESERVED.has(lower);
}

/** What an unknown word may have been meant as. */
export const ALL_WORDS: readonly string[] = [...KEYWORDS, ...UNIT_WORDS.keys()];
