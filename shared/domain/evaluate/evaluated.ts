import { endOf } from '../calendar/calendar.ts';
import type { Moved, Point } from '../calendar/calendar.ts';
import type { EntityState } from '../facts/facts.ts';
import type { Attributes } from '../record/about.ts';
import type { Instant } from '../record/ids.ts';
import type { Orders } from './in-every-order.ts';
import type { Policy } from '../configuration/policy.ts';
import { present } from '../present.ts';
import type { Moment } from '../rule/ast.ts';
import type { Step } from './step.ts';
import type { WinningFact } from '../record/window.ts';

/** What a rule is evaluated on, with one entity of each type; `across-entities.ts` handles several. */
export interface Facts {
  readonly policy: Policy;
  readonly zone: string;
  /** Of the registration. Where one is missing, the policy's default counts. */
  readonly attributes: Attributes;
  /** Reads a missing attribute as false, for texts that mean it that way. If absent: undetermined. */
  readonly assumeAbsent?: false;
  /** Decides between two events of one day of which one has no time. Without it, as the calendar has them: a date at its end. */
  readonly orders?: Orders;
  /** Results so far: moments that both bounds of a rule share are evaluated once. */
  readonly memo?: Map<Moment, Evaluated>;
  /** The state of the entity that the event happens to; `undefined` if the holding names none. */
  stateFor(entityType: string): EntityState | undefined;
}

export type Evaluated = Determined | Unknown;

export interface Determined {
  readonly kind: 'determined';
  readonly point: Point;
  /** The bound itself, unrounded. */
  readonly at: Instant;
  /** Of an event with only a date: it happened at an unknown time from the start of this day on, before `at`. */
  readonly day?: Point;
  /** The event that this moment is, if it is not computed from one. */
  readonly event?: Pick<WinningFact, 'type' | 'occurred'>;
  /** Nothing is done before this instant: the start that the outermost period is added to, or whose year, run or birthday it is. */
  readonly floor: Instant;
  readonly facts: readonly WinningFact[];
  readonly steps: readonly Step[];
}

export interface Unknown {
  readonly kind: 'undetermined' | 'never' | 'not-computable';
  /** `undetermined`: what would determine it. `not-computable`: why. Sentences without a full stop. */
  readonly reasons: readonly string[];
  readonly steps: readonly Step[];
  /**
   * Of `undetermined`. `waits`: an attribute is missing or a hold is open, so that it must not be left out as an event
   * that has not happened. `not-applicable`: the rule says that it does not apply.
   */
  readonly why?: 'waits' | 'not-applicable';
  /** The holding is about more combinations of entities than are evaluated: a person has to split its registration. */
  readonly tooMany?: true;
}

/** Without a `floor`, the date is its own. */
export function determined(
  point: Point,
  { zone }: Facts,
  by: Pick<Determined, 'facts' | 'steps' | 'day' | 'event'> & { readonly floor?: Instant | undefined },
): Determined {
  const at = endOf(point, zone);
  const { floor = at, facts, steps, day, event } = by;
  return { kind: 'determined', point, at, floor, facts, steps, ...present({ day, event }) };
}

export function undetermined(reason: string, steps: readonly Step[] = [], why?: Unknown['why']): Unknown {
  return { kind: 'undetermined', reasons: [reason], steps, ...present({ why }) };
}

export type Unreached = Exclude<Moved, { readonly kind: 'reached' }>;

/** Why counting ended: a sentence without a full stop. */
export function whyUnreached(moved: Unreached): string {
  switch (moved.kind) {
    case 'beyond':
      return 'the date is beyond the end of the calendar';
    case 'not-covered': {
      const { year, covered } = moved;
      const listed = covered.from === covered.to ? covered.from : `${covered.from} to ${covered.to}`;
      return `the holidays of ${year} are not known: the policy lists those of ${listed}`;
    }
  }
}

/** No date. A list of holidays can still be continued; the end of the calendar is final. */
export function unreached(moved: Unreached, steps: readonly Step[]): Unknown {
  const reason = whyUnreached(moved);
  switch (moved.kind) {
    case 'beyond':
      return { kind: 'not-computable', reasons: [reason], steps };
    case 'not-covered':
      return undetermined(reason, steps, 'waits');
  }
}

/** Which of a stage's bounds opens it: a minimum, unless it does not apply where a maximum is. */
export function openingOf(bounds: {
  readonly notBefore?: Evaluated | undefined;
  readonly notAfter?: Evaluated | undefined;
}): { readonly side: 'notBefore' | 'notAfter'; readonly bound: Evaluated } | undefined {
  const { notBefore, notAfter } = bounds;
  if (notBefore !== undefined && (notAfter === undefined || !isNotApplicable(notBefore)))
    return { side: 'notBefore', bound: notBefore };
  return notAfter && { side: 'notAfter', bound: notAfter };
}

function isNotApplicable(bound: Evaluated): boolean {
  return bound.kind === 'undetermined' && bound.why === 'not-applicable';
}

/** The same result, with more steps before its own. */
export function withSteps<Result extends Evaluated>(steps: readonly Step[], result: Result): Result {
  return steps.length === 0 ? result : { ...result, steps: [...steps, ...result.steps] };
}

/** `never` decides; else `not-computable`, which no fact can change; else all that is missing. */
export function mostFinal(candidates: readonly { readonly result: Evaluated }[]): Unknown | undefined {
  const results = candidates.map(({ result }) => result);
  for (const kind of ['never', 'not-computable', 'undetermined'] as const) {
    const found = results.filter((result): result is Unknown => result.kind === kind);
    const [first] = found;
    if (first === undefined) continue;
    // What applies in part is not known as long as another part does not apply.
    const isMixed = first.why === 'not-applicable' && found.length < results.length;
    const why = found.every((result) => result.why === first.why)
      ? isMixed
        ? undefined
        : first.why
      : found.some((result) => result.why === 'waits')
        ? 'waits'
        : undefined;
    const reasons = [...new Set(found.flatMap((result) => result.reasons))];
    const tooMany = found.some((result) => result.tooMany) ? true : undefined;
    return { kind, reasons, steps: [], ...present({ why, tooMany }) };
  }
  return undefined;
}
