import { own } from '../own.ts';
import { BUILT_IN_ALIASES } from './aliases.ts';
import { isSetting } from './ast.ts';
import type { Duration, Moment, NameUse, ParsedRule, Period, Rule, RuleError } from './ast.ts';
import { didYouMean } from './suggest.ts';

/** What a policy gives names to. */
export interface Vocabulary {
  /** Nouns bound to events; they go before the built-in aliases. */
  readonly nouns: Readonly<Record<string, string>>;
  /** Declared events; absent: every event is taken as written. */
  readonly events?: ReadonlySet<string>;
  readonly settings: Readonly<Record<string, Duration>>;
  readonly fiscalYearEnd?: string;
}

export type Resolved =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly errors: readonly RuleError[] };

/** Replaces nouns by events and settings by their periods, or names everything that the policy does not know. */
export function resolveRule(parsed: ParsedRule, vocabulary: Vocabulary): Resolved {
  const errors = parsed.uses.flatMap((use) => problem(use, vocabulary) ?? []);
  if (errors.length > 0) return { ok: false, errors };
  const stages = parsed.rule.stages.map(({ action, notBefore, notAfter }) => ({
    action,
    ...(notBefore && { notBefore: bind(notBefore, vocabulary) }),
    ...(notAfter && { notAfter: bind(notAfter, vocabulary) }),
  }));
  return { ok: true, rule: { stages } };
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
      const message = `the setting "${use.name}" has no value${hint}; the operator has to set its period, such as 90 days, before the policy can be used`;
      return { code: 'RULE_SETTING_MISSING', message, ...at };
    }
    case 'fiscal-year': {
      if (vocabulary.fiscalYearEnd !== undefined) return undefined;
      const message =
        'the policy states no fiscal year end; give it one (MM-DD), or write "the end of the year ending MM-DD of …"';
      return { code: 'RULE_YEAR_END_MISSING', message, ...at };
    }
  }
}

/** The event behind a name; `undefined` when the policy does not declare it. */
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
  return vocabulary.events === undefined ? name : undefined;
}

function unknownEvent(name: string, vocabulary: Vocabulary): string {
  const events = vocabulary.events ?? new Set<string>();
  if (name.includes('.')) return `the policy declares no event "${name}"${didYouMean(name, events)}`;
  const noun = name.toLowerCase();
  const bound = own(vocabulary.nouns, noun) ?? own(BUILT_IN_ALIASES, noun);
  if (bound !== undefined) {
    return `"${name}" stands for the event "${bound}", which the policy does not declare${didYouMean(bound, events)}`;
  }
  const known = [...Object.keys(vocabulary.nouns), ...Object.keys(BUILT_IN_ALIASES), ...events];
  return `the policy binds no event to "${name}"${didYouMean(noun, known)}`;
}

function bind(moment: Moment, vocabulary: Vocabulary): Moment {
  switch (moment.kind) {
    case 'event':
      return { ...moment, name: eventOf(moment.name, vocabulary) ?? moment.name };
    case 'after':
      return {
        kind: 'after',
        period: settled(moment.period, vocabulary),
        start: bind(moment.start, vocabulary),
      };
    case 'end-of':
      return { ...moment, of: bind(moment.of, vocabulary) };
    case 'later':
    case 'earlier':
      return {
        kind: moment.kind,
        of: moment.of.map((operand) => ({ ...operand, moment: bind(operand.moment, vocabulary) })),
      };
    case 'date':
    case 'never':
    case 'not-computable':
      return moment;
  }
}

function settled(period: Period, vocabulary: Vocabulary): Period {
  return isSetting(period) ? (own(vocabulary.settings, period.setting) ?? period) : period;
}

/** Every event that the rule names, resolved or not. */
export function eventsOf(rule: Rule): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { notBefore, notAfter } of rule.stages) {
    if (notBefore) collect(notBefore, names);
    if (notAfter) collect(notAfter, names);
  }
  return names;
}

function collect(moment: Moment, names: Set<string>): void {
  switch (moment.kind) {
    case 'event':
      names.add(moment.name);
      return;
    case 'after':
      return collect(moment.start, names);
    case 'end-of':
      return collect(moment.of, names);
    case 'later':
    case 'earlier':
      for (const operand of moment.of) collect(operand.moment, names);
      return;
    case 'date':
    case 'never':
    case 'not-computable':
      return;
  }
}
