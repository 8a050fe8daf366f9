import type { Point } from '../calendar/calendar.ts';
import type { Instant, Occurred } from '../record/ids.ts';
import type { Moment, MomentOf, Pick, Suspension } from '../rule/ast.ts';
import type { CalendarUnit, Duration } from '../calendar/units.ts';

export interface OrderResult {
  /** Clauses such as `a.b of 2020-01-01 came before c.d of 2020-01-01`. */
  readonly assumed: readonly string[];
  readonly point?: Point;
  /** Why there is no date in this order. */
  readonly reasons: readonly string[];
}

/** One step of a calculation, as data: turned into sentences only on request. */
export type Step =
  | {
      readonly kind: 'fact';
      readonly type: string;
      readonly occurred: Occurred;
      readonly pick: Pick;
      readonly of: number;
    }
  | { readonly kind: 'passed-over'; readonly type: string; readonly occurred: Occurred; readonly pick: Pick }
  | {
      readonly kind: 'undone';
      readonly type: string;
      readonly occurred: Occurred;
      readonly by: string;
      readonly on: Occurred;
    }
  | {
      readonly kind: 'missing';
      readonly type: string;
      readonly since?: { readonly by: string; readonly on: Occurred };
    }
  | { readonly kind: 'date'; readonly date: string }
  /** A period or a date that an attribute holds. */
  | { readonly kind: 'read'; readonly what: string; readonly value: string }
  | {
      readonly kind: 'added' | 'subtracted';
      readonly period: Duration;
      readonly from: Point;
      readonly to: Point;
      /** Holidays that would have been working days otherwise. */
      readonly skipped?: readonly string[];
    }
  /** Of a condition: when the span ends that is after `from`, or begins that is before it. */
  | {
      readonly kind: 'span';
      readonly side: 'after' | 'before';
      readonly period: Duration;
      readonly from: Point;
      readonly limit: Point;
      /** As in `added`. */
      readonly skipped?: readonly string[];
    }
  | { readonly kind: 'rounded'; readonly unit: CalendarUnit; readonly from: Point; readonly to: Point }
  | {
      readonly kind: 'found';
      readonly moment: MomentOf<'next-day' | 'weekday-of' | 'run' | 'birthday' | 'nth'>;
      readonly from: Point;
      readonly to: Point;
    }
  /** Of a condition on an age: the birthday on which it is reached, and what is compared with it. */
  | {
      readonly kind: 'age';
      readonly years: number;
      readonly birthday: string;
      readonly at: Point;
      readonly reached: boolean;
    }
  /** The date would be earlier than it can be known which branch counts. */
  | { readonly kind: 'known-from'; readonly to: Point }
  | { readonly kind: 'condition'; readonly text: string; readonly holds: boolean | 'unknown' }
  | {
      readonly kind: 'suspended';
      readonly how: Suspension | 'no-effect';
      readonly event: string;
      readonly from: Point;
      readonly until?: Point;
      readonly to?: Point;
      /** Of a period that started again: as in `added`. */
      readonly skipped?: readonly string[];
    }
  | { readonly kind: 'override'; readonly source: string; readonly applies: boolean }
  | { readonly kind: 'fallback'; readonly reason: string }
  | {
      readonly kind: 'won';
      readonly how: 'later' | 'earlier';
      readonly winner: Moment;
      readonly over: Moment;
      readonly at: Instant;
      readonly other: Instant;
    }
  /** Which of several events of one day came first is not known: what each order gives. The first is the one that counts. */
  | { readonly kind: 'either-order'; readonly orders: readonly OrderResult[] }
  | { readonly kind: 'left-out'; readonly operand: Moment }
  | { readonly kind: 'entity'; readonly across: 'latest' | 'earliest'; readonly of: number };
