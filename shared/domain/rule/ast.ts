import type { Action } from '../actions.ts';

/**
 * A parsed rule: plain data, comparable with `toEqual`, the same after `parse(print(rule))`. Positions are kept beside
 * it (`NameUse`), so that a rule that moves in its file stays the same rule. Growing the language means adding a
 * `kind` to `Moment`: every switch over it then fails to compile until it knows the new one.
 */
export interface Rule {
  /** At least one, each stronger than the one before. */
  readonly stages: readonly Stage[];
}

/** At least one of the two bounds is there. */
export interface Stage {
  readonly action: Action;
  readonly notBefore?: Moment;
  readonly notAfter?: Moment;
}

export type Moment =
  /** The first or last occurrence that counts. Before resolution `name` may be a noun of one to four words. */
  | { readonly kind: 'event'; readonly name: string; readonly pick: Pick }
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'after'; readonly period: Period; readonly start: Moment }
  | { readonly kind: 'end-of'; readonly unit: CalendarUnit; readonly of: Moment }
  /** `optional` operands of a `later` are left out when undetermined. */
  | { readonly kind: 'later' | 'earlier'; readonly of: readonly Operand[] }
  | { readonly kind: 'never' }
  | { readonly kind: 'not-computable'; readonly reason: string };

export type Pick = 'first' | 'last';

export interface Operand {
  readonly moment: Moment;
  readonly optional: boolean;
}

/** A year that ends on `MM-DD` (`02-29`: the last day of February), or the policy's own fiscal year. */
export type CalendarUnit = 'month' | 'calendar-year' | 'fiscal-year' | { readonly yearEnding: string };

export const UNITS = ['years', 'months', 'weeks', 'days', 'hours'] as const;
export type Unit = (typeof UNITS)[number];

/** At least one unit. Added in the order years and months, weeks and days, hours. */
export type Duration = Readonly<Partial<Record<Unit, number>>>;

/** A period that the operator has to set, before resolution. */
export interface SettingReference {
  readonly setting: string;
}
export type Period = Duration | SettingReference;

/** A place in the rule's text; line and column count from 1, the offset from 0 in UTF-16 units. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export type RuleErrorCode =
  | 'RULE_TOO_LONG'
  | 'RULE_TOO_DEEP'
  | 'RULE_SYNTAX'
  | 'RULE_AMBIGUOUS'
  | 'RULE_OUT_OF_RANGE'
  | 'RULE_STAGE_ORDER'
  | 'RULE_NAME_UNKNOWN'
  | 'RULE_SETTING_MISSING'
  | 'RULE_YEAR_END_MISSING';

export interface RuleError extends Position {
  readonly code: RuleErrorCode;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** Where the text names an event, noun or setting, or needs the policy's fiscal year: what resolution has to know. */
export interface NameUse extends Position {
  readonly kind: 'event' | 'setting' | 'fiscal-year';
  readonly name: string;
}

export interface ParsedRule {
  readonly rule: Rule;
  readonly uses: readonly NameUse[];
}

export function isSetting(period: Period): period is SettingReference {
  return 'setting' in period;
}
