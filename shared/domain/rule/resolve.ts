import { own } from '../own.ts';
import { isSetting } from './ast.ts';
import type {
  AttributeType,
  NameUse,
  ParsedRule,
  Position,
  Rule,
  RuleError,
  SettingReference,
} from './ast.ts';
import { isPolicyYear, POLICY_YEARS } from '../calendar/units.ts';
import type { CalendarUnit, Duration, PolicyYear, YearEnds } from '../calendar/units.ts';
import { isInUnitedKingdom } from '../calendar/united-kingdom.ts';
import { mapStage, UNCHANGED } from './map.ts';
import { didYouMean } from '../suggest.ts';
import { MONTH_WORDS, UNIT_WORDS, WEEKDAY_WORDS } from './words.ts';

/**
 * Nouns that every policy understands unless it binds them itself. Each stands for the event that ends the thing:
 * `contract term plus 3 years` is three years after `contract.ended`.
 */
export const BUILT_IN_ALIASES: Readonly<Record<string, string>> = {
  contract: 'contract.ended',
  'contract term': 'contract.ended',
  subscription: 'subscription.ended',
  'subscription term': 'subscription.ended',
  account: 'account.closed',
  employment: 'employment.ended',
  disconnect: 'account.disconnected',
};

/** The names that a policy knows. */
export interface Vocabulary extends YearEnds {
  /** Nouns bound to events; they take precedence over the built-in ones. */
  readonly nouns: Readonly<Record<string, string>>;
  /** Declared events; absent: every event is taken as written. */
  readonly events?: ReadonlySet<string>;
  readonly settings: Readonly<Record<string, Duration>>;
  /** Declared attributes of holdings; absent: every attribute is taken as written. */
  readonly attributes?: Readonly<Record<string, AttributeType>>;
  /** Declared attributes of each event; absent: every attribute is taken as written. */
  readonly eventAttributes?: Readonly<Record<string, Readonly<Record<string, AttributeType>>>>;
  /** Of the policy: in the United Kingdom, tax years and school years need no further word. */
  readonly zone?: string;
}

export type Resolved =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly errors: readonly RuleError[] };

/** Replaces nouns by events and settings by their periods, or names everything that the policy does not know. */
export function resolveRule(parsed: ParsedRule, vocabulary: Vocabulary): Resolved {
  const errors = parsed.uses.flatMap((use) => problem(use, vocabulary) ?? []);
  if (errors.length > 0) return { ok: false, errors };
  const binding = {
    ...UNCHANGED,
    event: (name: string) => eventOf(name, vocabulary) ?? name,
    period: (period: Duration | SettingReference) => withSettings(period, vocabulary),
    unit: (unit: CalendarUnit) => yearOf(unit, vocabulary) ?? unit,
  };
  return { ok: true, rule: { stages: parsed.rule.stages.map((stage) => mapStage(stage, binding)) } };
}

function problem(use: NameUse, vocabulary: Vocabulary): RuleError | undefined {
  const { offset, line, column } = use;
  const at = { offset, line, column };
  switch (use.kind) {
    case 'event': {
      const event = eventOf(use.name, vocabulary);
      if (event !== undefined) return undefined;
      return { code: 'RULE_NAME_UNKNOWN', message: unknownEvent(use.name, vocabulary), ...at };
    }
    case 'setting': {
      if (own(vocabulary.settings, use.name) !== undefined) return undefined;
      const hint = didYouMean(use.name, Object.keys(vocabulary.settings));
      const message = `the setting "${use.name}" has no value${hint}; set its period, such as 90 days, before you use the policy`;
      return { code: 'RULE_SETTING_MISSING', message, ...at };
    }
    case 'attribute':
      return attributeProblem(use, vocabulary, at);
    case 'fiscal-year':
    case 'tax-year':
    case 'academic-year': {
      if (yearOf(use.kind, vocabulary) !== undefined) return undefined;
      return { code: 'RULE_YEAR_END_MISSING', message: whichYear(use.kind), ...at };
    }
  }
}

function attributeProblem(use: NameUse, vocabulary: Vocabulary, at: Position): RuleError | undefined {
  const event = use.event === undefined ? undefined : eventOf(use.event, vocabulary);
  // An event that is not declared is reported as an error of its own.
  if (use.event !== undefined && event === undefined) return undefined;
  const declared =
    event === undefined
      ? vocabulary.attributes
      : vocabulary.eventAttributes && (own(vocabulary.eventAttributes, event) ?? {});
  if (declared === undefined) return undefined;
  const type = own(declared, use.name);
  if (type === undefined) {
    const of = event === undefined ? 'the policy declares no attribute' : `${event} has no attribute`;
    const hint =
      didYouMean(use.name, Object.keys(declared)) ||
      (event === undefined && vocabulary.events?.has(use.name) === true
        ? `; it is an event: write "${use.name} has occurred"`
        : '');
    return { code: 'RULE_NAME_UNKNOWN', message: `${of} "${use.name}"${hint}`, ...at };
  }
  if (use.type === undefined || use.type === type) return undefined;
  if (use.holds !== undefined) {
    const example = use.holds === 'period' ? 'P3Y or "3 years"' : '2030-12-31';
    const message = `"${use.name}" is ${ARTICLED[type]}; a ${use.holds} is read from an attribute of type text that holds it, such as ${example}`;
    return { code: 'RULE_TYPE', message, ...at };
  }
  const message = `"${use.name}" is ${ARTICLED[type]} and cannot be compared with ${ARTICLED[use.type]}`;
  return { code: 'RULE_TYPE', message, ...at };
}

const ARTICLED = { text: 'text', number: 'a number', boolean: 'true or false' } as const;

/** The event that a name means; `undefined` when the policy does not declare it. */
function eventOf(name: string, vocabulary: Vocabulary): string | undefined {
  const declared = (event: string | undefined): event is string =>
    event !== undefined && (vocabulary.events === undefined || vocabulary.events.has(event));
  if (name.includes('.')) return declared(name) ? name : undefined;
  const noun = name.toLowerCase();
  const bound = own(vocabulary.nouns, noun);
  if (bound !== undefined) return declared(bound) ? bound : undefined;
  if (vocabulary.events?.has(name)) return name;
  const alias = own(BUILT_IN_ALIASES, noun);
  if (alias !== undefined) return declared(alias) ? alias : undefined;
  return vocabulary.events === undefined && !isOfCalendar(noun) ? name : undefined;
}

/** Where every name is an event, these would be one that never comes. */
const OF_CALENDAR: ReadonlySet<string> = new Set([
  ...UNIT_WORDS.keys(),
  ...MONTH_WORDS.keys(),
  ...WEEKDAY_WORDS.keys(),
  ...'working business calendar fiscal financial accounting tax academic school'.split(' '),
  ...'quarter today now tomorrow'.split(' '),
]);

/** `business day`, `Monday`, `today`. */
function isOfCalendar(noun: string): boolean {
  return noun.split(' ').every((word) => OF_CALENDAR.has(word));
}

function unknownEvent(name: string, vocabulary: Vocabulary): string {
  const events = vocabulary.events ?? new Set<string>();
  if (name.includes('.')) return `the policy declares no event "${name}"${didYouMean(name, events)}`;
  const noun = name.toLowerCase();
  const bound = own(vocabulary.nouns, noun) ?? own(BUILT_IN_ALIASES, noun);
  if (bound !== undefined) {
    return `"${name}" stands for the event "${bound}", which the policy does not declare${didYouMean(bound, events)}`;
  }
  if (isOfCalendar(noun))
    return `"${name}" is a word of the calendar, not an event; write a date, "1 working day after X" or "the end of the month of X"`;
  const known = [...Object.keys(vocabulary.nouns), ...Object.keys(BUILT_IN_ALIASES), ...events];
  return `the policy does not say which event "${name}" means${didYouMean(noun, known)}`;
}

function whichYear(year: PolicyYear): string {
  if (year === 'fiscal-year')
    return 'the policy has no fiscal year end; add one (MM-DD), or write "the end of the year ending MM-DD of …"';
  const isTax = year === 'tax-year';
  const [name, ways] = isTax
    ? ['tax', '"the UK tax year" (to 5 April) or "the tax year ending 12-31"']
    : ['school', '"the academic year ending 08-31"'];
  const option = `--${isTax ? 'tax' : 'academic'}-year-end`;
  return `it is not clear which ${name} year is meant; write ${ways}, or let the policy say it: ${POLICY_YEARS[year]} (on the command line: ${option})`;
}

/** What a year of the policy is; `undefined` if the policy does not say it. The fiscal year keeps its name. */
function yearOf(unit: CalendarUnit, vocabulary: Vocabulary): CalendarUnit | undefined {
  if (!isPolicyYear(unit)) return unit;
  const yearEnding = vocabulary[POLICY_YEARS[unit]];
  if (yearEnding !== undefined) return unit === 'fiscal-year' ? unit : { yearEnding };
  if (unit === 'fiscal-year' || !isInUnitedKingdom(vocabulary.zone ?? '')) return undefined;
  return unit === 'tax-year' ? 'uk-tax-year' : { yearEnding: '08-31' };
}

function withSettings(
  period: Duration | SettingReference,
  vocabulary: Vocabulary,
): Duration | SettingReference {
  return isSetting(period) ? (own(vocabulary.settings, period.setting) ?? period) : period;
}
