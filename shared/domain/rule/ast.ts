import type { CalendarUnit, Duration, RunDay } from '../calendar/units.ts';
import type { Action } from '../record/actions.ts';
import type { AttributeValue } from '../record/holding.ts';

/**
 * A parsed rule: plain data, comparable with `toEqual`, the same after `parse(print(rule))`. Positions are kept beside
 * it (`NameUse`), so that a rule that moves in its file stays the same rule. Growing the language means adding a
 * `kind` to `Moment`: every switch over it then fails to compile until it knows the new one.
 */
export interface Rule {
  /** At least one, each stronger than the one before. */
  readonly stages: readonly Stage[];
}

/** Steps for people, which no store carries out: they have dates, and are not planned. */
export const STEPS_FOR_PEOPLE = ['archive', 'review', 'notify'] as const;
export type StageAction = Action | (typeof STEPS_FOR_PEOPLE)[number];

/** At least one of the two bounds is there. */
export interface Stage {
  readonly action: StageAction;
  /** A name of the step, or of the part of the data that it is about; such stages may repeat an action. */
  readonly label?: string;
  readonly notBefore?: Moment;
  readonly notAfter?: Moment;
}

export type Moment =
  /** The first or last occurrence that counts. Before resolution `name` may be a noun of one to four words. */
  | { readonly kind: 'event'; readonly name: string; readonly pick: Pick }
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'after'; readonly period: Period; readonly start: Moment }
  | { readonly kind: 'before'; readonly period: Period; readonly end: Moment }
  | { readonly kind: 'end-of' | 'last-day-of'; readonly unit: CalendarUnit; readonly of: Moment }
  /** The `count`-th day `MM-DD` behind `of`, to its end. */
  | { readonly kind: 'next-day'; readonly day: string; readonly count: number; readonly of: Moment }
  /** The first run at or behind `of`. */
  | { readonly kind: 'run'; readonly every: RunDay; readonly time?: string; readonly of: Moment }
  /** The `count`-th occurrence of `name` strictly after `of`, or the last one before it. */
  | {
      readonly kind: 'nth';
      readonly name: string;
      readonly count: number;
      readonly side: 'after' | 'before';
      readonly of: Moment;
    }
  | { readonly kind: 'birthday'; readonly age: number; readonly of: Moment }
  /** `optional` operands of a `later` are left out as long as their event has not come. */
  | { readonly kind: 'later' | 'earlier'; readonly of: readonly Operand[] }
  | { readonly kind: 'if'; readonly condition: Condition; readonly met: Moment; readonly otherwise: Moment }
  /** `held`: not before it is released; `restarted`: the period begins again then; `paused`: its time does not count. */
  | {
      readonly kind: 'suspended';
      readonly how: Suspension;
      readonly of: Moment;
      readonly intervals: readonly Interval[];
    }
  /** A law that asks for another moment than `of`, once that can be computed. */
  | { readonly kind: 'override'; readonly of: Moment; readonly by: Moment; readonly source: string }
  | { readonly kind: 'not-applicable' }
  | { readonly kind: 'never' }
  | { readonly kind: 'not-computable'; readonly reason: string; readonly fallback?: Moment };

export type MomentOf<Kind extends Moment['kind']> = Extract<Moment, { kind: Kind }>;

/** Names of the events that begin and end it. */
export interface Interval {
  readonly from: string;
  readonly until: string;
}
export const SUSPENSIONS = ['held', 'restarted', 'paused'] as const;
export type Suspension = (typeof SUSPENSIONS)[number];

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** An attribute of the holding, or of the last occurrence of `event`. */
  | { readonly kind: 'attribute'; readonly name: string; readonly event?: string; readonly test: Test }
  | { readonly kind: 'occurred'; readonly name: string; readonly when?: When }
  | { readonly kind: 'age'; readonly birth: string; readonly at: Moment; readonly test: AgeTest };

export type Test =
  | { readonly kind: 'is'; readonly values: readonly AttributeValue[] }
  | { readonly kind: Comparison; readonly value: number };
export const COMPARISONS = ['less than', 'at most', 'more than', 'at least'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export interface AgeTest {
  readonly kind: 'under' | 'at least';
  readonly years: number;
}

/** `by` and `from` include the moment itself. `within` is strictly after (or before) `of`, for less than the period. */
export type When =
  | { readonly kind: 'before' | 'after' | 'by' | 'from'; readonly of: Moment }
  | {
      readonly kind: 'within';
      readonly period: Period;
      readonly side: 'after' | 'before';
      readonly of: Moment;
    };

export type Pick = 'first' | 'last';

export interface Operand {
  readonly moment: Moment;
  readonly optional: boolean;
}

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
  | 'RULE_YEAR_END_MISSING'
  | 'RULE_TYPE';

export interface RuleError extends Position {
  readonly code: RuleErrorCode;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** Where the text names an event, noun, attribute or setting, or needs the policy's fiscal year: what resolution has to know. */
export interface NameUse extends Position {
  readonly kind: 'event' | 'attribute' | 'setting' | 'fiscal-year';
  readonly name: string;
  /** Of an attribute: the event that carries it, and what it is compared with. */
  readonly event?: string;
  readonly type?: 'text' | 'number' | 'boolean';
}

export interface ParsedRule {
  readonly rule: Rule;
  readonly uses: readonly NameUse[];
}

export function isSetting(period: Period): period is SettingReference {
  return 'setting' in period;
}
