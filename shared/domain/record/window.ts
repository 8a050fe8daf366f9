import type { StageName } from './stage-name.ts';
import type { PlanStatus } from './about.ts';
import type { Instant } from './ids.ts';

/** The floor where no event starts what has to be over, such as `by 2030-12-31`. It is before every event, and is not shown. */
export const NO_FLOOR: Instant = Date.UTC(1900, 0, 1);

/** When a stage may and must be done. Instants are unrounded bounds. */
export interface Window {
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
  readonly floor: Instant;
  readonly basis: 'law' | 'policy';
}

/** A fact that decided a bound. `occurred` as it was sent; the log leaves out the dates of personal events. */
export interface WinningFact {
  readonly type: string;
  readonly occurred: string;
  readonly personal: boolean;
}

export interface PlannedStage extends StageName {
  readonly status: PlanStatus;
  readonly window?: Window;
  /** The window's floor is the instant of a personal event, also where that event does not decide. */
  readonly floorIsPersonal?: true;
  /**
   * An event that is personal by month plays a part, and all dates of its period act at the same time: the window as the deletion log may
   * show it. Its `notBefore` and floor are those of the period's last date, its `notAfter` that of the first one.
   */
  readonly shown?: { readonly window: Window; readonly period: string };
  readonly actAt?: Instant;
  readonly deadline?: Instant;
  /**
   * A `held from … until …` of a rule is open at the plan's `now`: nothing is done until it ends, whatever the date. It
   * ends with a fact, or with the time of an end that was announced.
   */
  readonly heldByRule?: true;
  /** No event gives it a date: the cap of its category does. A person should look why. */
  readonly capped?: true;
  /** Undetermined, because the holding is about more combinations of entities than are evaluated. */
  readonly tooManyCombinations?: true;
  /** Of the rule that decided, or that keeps the holding; empty when no policy in effect knows the category. */
  readonly policy: string;
  readonly policyVersion: string;
  readonly ruleText: string;
  readonly facts: readonly WinningFact[];
  /** Where a fact says that somebody is, so that the rules of that jurisdiction count. They moved no date of their own. */
  readonly located?: readonly { readonly jurisdiction: string; readonly fact: WinningFact }[];
  /** Of a reduction: all purposes that the record is registered for. What it masks depends on them, and its date does not. */
  readonly heldFor?: readonly string[];
  /** Why it has no date: the events and attributes that would determine it, or the conflict. Else the open holds. */
  readonly reasons: readonly string[];
}
