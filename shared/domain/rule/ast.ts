import type {
  CalendarUnit,
  Duration,
  PolicyYear,
  RunDay,
  WeekdayOfMonth,
  WeekdayOfYear,
} from '../calendar/units.ts';
import type { Action } from '../record/actions.ts';
import type { AttributeValue } from '../record/about.ts';

/**
 * A parsed rule: plain data, comparable with `toEqual`, the same after `parse(print(rule))`. Positions are kept beside
 * it (`NameUse`), so that a rule that moves in its file stays the same rule. Growing the language means adding a
 * `kind` to `Moment`: every switch over it then fails to compile until it knows the new one.
 */
export interface Rule {
  /** At least one, each stronger than the one before. */
  readonly stages: readonly Stage[];
}

/** Steps for people: they have dates, but no store carries them out, so they are not planned. */
export const STEPS_FOR_PEOPLE = ['archive', 'review', 'notify'] as const;
export type StageAction = Action | (typeof STEPS_FOR_PEOPLE)[number];

/**
 * At least one of the two bounds is there. In all these types `Open` is what a tree may still hold that has to be
 * settled: nothing, or a `Placeholder` while the stages are not linked.
 */
export interface Stage<Open = never> {
  readonly action: StageAction;
  /** What the text allows instead: `delete or anonymise`. Only `action` is done. */
  readonly or?: StageAction;
  /** A name of the step, or of the part of the data that it is about; such stages may repeat an action. */
  readonly label?: string;
  readonly notBefore?: Moment<Open>;
  readonly notAfter?: Moment<Open>;
  /** A step for people that comes again after each further period of its `notBefore`, which is an `after`. */
  readonly repeats?: true;
}

export type Moment<Open = never> =
  | Open
  /** The first or last occurrence that counts. Before resolution `name` may be a noun of one to four words. */
  | { readonly kind: 'event'; readonly name: string; readonly pick: Pick }
  | { readonly kind: 'date'; readonly date: string }
  /** The date that an attribute holds. */
  | ({ readonly kind: 'date-in' } & AttributeReference)
  | { readonly kind: 'after'; readonly period: Period; readonly start: Moment<Open> }
  | { readonly kind: 'before'; readonly period: Period; readonly end: Moment<Open> }
  | { readonly kind: 'end-of' | 'last-day-of'; readonly unit: CalendarUnit; readonly of: Moment<Open> }
  | ({ readonly kind: 'next-day'; readonly of: Moment<Open> } & NextDay)
  /** Such a weekday in the month of `of`, to its end. */
  | { readonly kind: 'weekday-of'; readonly day: WeekdayOfMonth; readonly of: Moment<Open> }
  /** The first run at or after `of`, on the clock of `zone` if the rule names one. */
  | {
      readonly kind: 'run';
      readonly every: RunDay;
      readonly time?: string;
      readonly zone?: string;
      readonly of: Moment<Open>;
    }
  /** The `count`-th occurrence of `name` strictly after `of`, or the last one before it. */
  | {
      readonly kind: 'nth';
      readonly name: string;
      readonly count: number;
      readonly side: 'after' | 'before';
      readonly of: Moment<Open>;
    }
  | { readonly kind: 'birthday'; readonly age: number; readonly of: Moment<Open> }
  /** `optional` operands of a `later` are left out as long as their event has not happened. */
  | { readonly kind: 'later' | 'earlier'; readonly of: readonly Operand<Open>[] }
  | {
      readonly kind: 'if';
      readonly condition: Condition<Open>;
      readonly met: Moment<Open>;
      readonly otherwise: Moment<Open>;
    }
  /** `held`: not before it is released; `restarted`: the period begins again then; `paused`: its time does not count. */
  | {
      readonly kind: 'suspended';
      readonly how: Suspension;
      readonly of: Moment<Open>;
      readonly intervals: readonly Interval[];
    }
  /** A law that asks for another moment than `of`, once that can be computed. */
  | {
      readonly kind: 'override';
      readonly of: Moment<Open>;
      readonly by: Moment<Open>;
      readonly source: string;
      /** The law has only the other bound of the stage, `by`: once that can be computed, this bound does not apply. */
      readonly lifts?: true;
    }
  /** A bound of one branch is this in the others. A minimum that does not apply leaves the maximum alone. */
  | { readonly kind: 'not-applicable' }
  | { readonly kind: 'never' }
  | { readonly kind: 'not-computable'; readonly reason: string; readonly fallback?: Moment<Open> };

/** The `count`-th such day after the local date of a moment, or on it if `orOn`, to its end. */
export type NextDay = { readonly orOn?: true } & (
  | { readonly day: string; readonly count: number }
  | { readonly day: WeekdayOfYear; readonly count: 1 }
);

export type MomentOf<Kind extends Moment['kind']> = Extract<Moment, { kind: Kind }>;

/** What the grammar reads and `linkStages` replaces: it means something only in the whole rule. */
export type Placeholder = StageReference | Latest<Placeholder>;
export type UnlinkedMoment = Moment<Placeholder>;
export type UnlinkedCondition = Condition<Placeholder>;
export type UnlinkedStage = Stage<Placeholder>;

/** The moment of another stage. */
export interface StageReference {
  readonly kind: 'stage';
  readonly wanted: WantedStage;
  readonly position: Position;
}
export type WantedStage =
  /** `start`: what the previous stage is counted from. */
  | { readonly kind: 'previous' | 'next' | 'start' }
  | { readonly kind: 'label'; readonly label: string }
  /** If no other stage has the action, the noun is the name of an event. */
  | { readonly kind: 'action'; readonly action: StageAction; readonly noun: string };

/** A fallback by which something has to happen: the bound that contains it is a maximum. */
export interface Latest<Open> {
  readonly kind: 'latest';
  readonly of: Moment<Open>;
}

/** Names of the events that begin and end it. */
export interface Interval {
  readonly from: string;
  readonly until: string;
}
export const SUSPENSIONS = ['held', 'restarted', 'paused'] as const;
export type Suspension = (typeof SUSPENSIONS)[number];

export type Condition<Open = never> =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition<Open>[] }
  | { readonly kind: 'not'; readonly of: Condition<Open> }
  /** An attribute of the holding, or of the last occurrence of `event`. */
  | { readonly kind: 'attribute'; readonly name: string; readonly event?: string; readonly test: Test }
  | { readonly kind: 'occurred'; readonly name: string; readonly when?: When<Open> }
  | { readonly kind: 'age'; readonly birth: string; readonly at: Moment<Open>; readonly test: AgeTest };

export type Test =
  | { readonly kind: 'is'; readonly values: readonly AttributeValue[] }
  | { readonly kind: Comparison; readonly value: number }
  /** One of the texts is enough; none is empty. */
  | { readonly kind: TextTest; readonly texts: readonly string[] };
export const COMPARISONS = ['less than', 'at most', 'more than', 'at least'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const TEXT_TESTS = ['starts with', 'ends with', 'contains'] as const;
export type TextTest = (typeof TEXT_TESTS)[number];
export interface AgeTest {
  readonly kind: 'under' | 'at least';
  readonly years: number;
}

/** `by` and `from` include the moment itself. `within` is strictly after (or before) `of`, for less than the period. */
export type When<Open = never> =
  | { readonly kind: 'before' | 'after' | 'by' | 'from'; readonly of: Moment<Open> }
  | {
      readonly kind: 'within';
      readonly period: Period;
      readonly side: 'after' | 'before';
      readonly of: Moment<Open>;
    };

export type Pick = 'first' | 'last';

export interface Operand<Open = never> {
  readonly moment: Moment<Open>;
  readonly optional: boolean;
}

/** A period that the operator has to set, before resolution. */
export interface SettingReference {
  readonly setting: string;
}
export type Period = Duration | SettingReference | AttributeReference;

/** An attribute of the holding, or of the last occurrence of `event`, that holds a period or a date. */
export interface AttributeReference {
  readonly attribute: string;
  readonly event?: string;
}

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
  /** Each part can be read, but together they say nothing that can be computed. */
  | 'RULE_INCONSISTENT'
  | 'RULE_NAME_UNKNOWN'
  | 'RULE_SETTING_MISSING'
  | 'RULE_YEAR_END_MISSING'
  | 'RULE_TYPE';

export interface RuleError extends Position {
  readonly code: RuleErrorCode;
  /** What is wrong and what would be right. */
  readonly message: string;
}

export type AttributeType = 'text' | 'number' | 'boolean';

/** Where the text names an event, noun, attribute or setting, or a year of the policy: what resolution has to know. */
export interface NameUse extends Position {
  readonly kind: 'event' | 'attribute' | 'setting' | PolicyYear;
  readonly name: string;
  /** Of an attribute: the event that carries it, and what it is compared with. */
  readonly event?: string;
  readonly type?: AttributeType;
  /** What is read from the attribute, where it is not compared. */
  readonly holds?: 'period' | 'date';
}

export interface ParsedRule {
  readonly rule: Rule;
  readonly uses: readonly NameUse[];
}

export function isSetting(period: Period): period is SettingReference {
  return 'setting' in period;
}

export function isDuration(period: Period): period is Duration {
  return !('setting' in period) && !('attribute' in period);
}
