import type { StageAction } from './ast.ts';
import type { Unit } from '../calendar/units.ts';

/** The words that an action is written with; the first of each is the one that is printed. */
export const ACTION_WORDS: ReadonlyMap<string, StageAction> = new Map(
  Object.entries<StageAction>({
    delete: 'delete',
    erase: 'delete',
    destroy: 'delete',
    anonymise: 'anonymise',
    anonymize: 'anonymise',
    restrict: 'restrict',
    block: 'restrict',
    archive: 'archive',
    transfer: 'archive',
    review: 'review',
    notify: 'notify',
    warn: 'notify',
  }),
);

/** In the plural, as a period is printed. */
export const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  years: 'years',
  months: 'months',
  weeks: 'weeks',
  days: 'days',
  workingDays: 'working days',
  hours: 'hours',
  minutes: 'minutes',
  seconds: 'seconds',
};

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
    minute: 'minutes',
    minutes: 'minutes',
    second: 'seconds',
    seconds: 'seconds',
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

/** What comes after a date or an event. */
export const FROM_WORDS = ['after', 'from', 'following', 'since'] as const;
/** What links a period to its start: `2 years without activity`, too. */
export const AFTER_WORDS = [...FROM_WORDS, 'without'] as const;

export const MONTHS: readonly string[] =
  'January February March April May June July August September October November December'.split(' ');
export const MONTH_WORDS: ReadonlyMap<string, number> = new Map(
  MONTHS.map((month, index) => [month.toLowerCase(), index + 1]),
);

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;
export const WEEKDAY_WORDS: ReadonlyMap<string, number> = new Map(
  WEEKDAYS.map((day, index) => [day.toLowerCase(), index + 1]),
);

/** `Friday` or `fri` in any case: from 1, Monday. */
export function weekdayOf(name: string): number | undefined {
  const at = WEEKDAYS.findIndex((day) =>
    [day, day.slice(0, 3)].some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  return at === -1 ? undefined : at + 1;
}

/** Nouns that stand for the stage with this action, where the rule has one. */
export const STAGE_NOUNS: ReadonlyMap<string, StageAction> = new Map(
  Object.entries<StageAction>({
    deletion: 'delete',
    destruction: 'delete',
    disposal: 'delete',
    anonymisation: 'anonymise',
    anonymization: 'anonymise',
    restriction: 'restrict',
    archiving: 'archive',
    transfer: 'archive',
    review: 'review',
    notice: 'notify',
  }),
);

/** Verbs after the name of an event in a condition. */
export const HAPPENED = ['occurred', 'happened'] as const;
export const HAPPEN = ['occur', 'happen'] as const;

/** Words of the language: a noun cannot contain them. Nouns may contain unit and number words (`pay day`). */
const KEYWORDS: readonly string[] = [
  ...AFTER_WORDS,
  ...'delete erase destroy anonymise anonymize restrict block'.split(' '),
  ...COMPARISON_WORDS.keys(),
  ...'the a an of and or plus within by until upon then first last end whichever is at least most not'.split(
    ' ',
  ),
  ...'before because if any keep for never permanently computable'.split(' '),
  ...'unless otherwise else when where has have had was did no occurred happened occurs happens falls fell ends on between held paused suspended restarted resumed'.split(
    ' ',
  ),
  ...'as to requires in than fallback does but thereafter'.split(' '),
];

const RESERVED: ReadonlySet<string> = new Set(KEYWORDS);

export function isKeyword(lower: string): boolean {
  return RESERVED.has(lower);
}

/** What an unknown word may be meant as. */
export const ALL_WORDS: readonly string[] = [...KEYWORDS, ...UNIT_WORDS.keys()];
