import { addPeriod, endOf, endOfUnit } from './calendar.ts';
import type { Point } from './calendar.ts';
import { countOccurrences } from './counting.ts';
import type { EntityState } from './facts.ts';
import type { Instant } from './ids.ts';
import { own } from './own.ts';
import type { WinningFact } from './window.ts';
import type { Policy } from './policy.ts';
import { isSetting } from './rule/ast.ts';
import type { CalendarUnit, Moment, Operand, Period } from './rule/ast.ts';
import type { Step } from './step.ts';

/** One entity a type: `window.ts` takes care of several. */
export interface Facts {
  readonly policy: Policy;
  readonly zone: string;
  /** The state of the entity that the event type happens to; `undefined` when the holding is about none. */
  stateFor(entityType: string): EntityState | undefined;
}

export type Evaluated = Determined | Unknown;

export interface Determined {
  readonly kind: 'determined';
  readonly point: Point;
  /** The bound itself, unrounded. */
  readonly at: Instant;
  /** Nothing is done before: the instant of the start that the outermost period is added to. */
  readonly floor: Instant;
  readonly facts: readonly WinningFact[];
  readonly steps: readonly Step[];
}

export interface Unknown {
  readonly kind: 'undetermined' | 'never' | 'not-computable';
  /** `undetermined`: what would determine it. `not-computable`: why. Sentences without a full stop. */
  readonly reasons: readonly string[];
  readonly steps: readonly Step[];
}

/** The one evaluator of rules. Total: answers for every rule and every set of facts, and never reads an absence as permission. */
export function evaluate(moment: Moment, facts: Facts): Evaluated {
  switch (moment.kind) {
    case 'event':
      return evaluateEvent(moment, facts);
    case 'date':
      return determined(
        { kind: 'date', date: moment.date },
        facts,
        [],
        [{ kind: 'date', date: moment.date }],
      );
    case 'after':
      return evaluateAfter(evaluate(moment.start, facts), moment.period, facts);
    case 'end-of':
      return evaluateEndOf(evaluate(moment.of, facts), moment.unit, facts);
    case 'later':
      return laterOf(moment.of.map((operand) => evaluated(operand, facts)));
    case 'earlier':
      return earlierOf(moment.of.map((operand) => evaluated(operand, facts)));
    case 'never':
      return { kind: 'never', reasons: ['the rule keeps it permanently'], steps: [] };
    case 'not-computable':
      return { kind: 'not-computable', reasons: [moment.reason], steps: [] };
  }
}

function determined(
  point: Point,
  facts: Facts,
  winning: readonly WinningFact[],
  steps: readonly Step[],
  floor?: Instant,
): Determined {
  const at = endOf(point, facts.zone);
  return { kind: 'determined', point, at, floor: floor ?? at, facts: winning, steps };
}

function undetermined(reason: string, steps: readonly Step[] = []): Unknown {
  return { kind: 'undetermined', reasons: [reason], steps };
}

function evaluateEvent(event: Extract<Moment, { kind: 'event' }>, facts: Facts): Evaluated {
  const { name, pick } = event;
  const declaration = own(facts.policy.events, name);
  if (declaration === undefined) return undetermined(`policy ${facts.policy.name} declares no event ${name}`);
  const state = facts.stateFor(declaration.entity);
  if (state === undefined)
    return undetermined(`the holding is about no ${declaration.entity}, to which ${name} happens`);

  const { picked, undone, passedOver, lastUndo } = countOccurrences(
    state,
    name,
    pick,
    facts.policy,
    facts.zone,
  );
  const steps: Step[] = undone.map(({ placed, by, undo }) => {
    return { kind: 'undone', type: name, occurred: placed.occurrence.occurred, by, on: undo.occurred };
  });
  for (const placed of passedOver)
    steps.push({ kind: 'passed-over', type: name, occurred: placed.occurrence.occurred, pick });
  if (picked === undefined) {
    const since = lastUndo === undefined ? {} : { since: { by: lastUndo.by, on: lastUndo.undo.occurred } };
    steps.push({ kind: 'missing', type: name, ...since });
    return undetermined(`${name} has not happened${lastUndo ? ' since it was undone' : ''}`, steps);
  }
  const { occurred } = picked.occurrence;
  steps.push({ kind: 'fact', type: name, occurred, pick, of: passedOver.length + 1 });
  const winning = [{ type: name, occurred, personal: declaration.personal }];
  return { kind: 'determined', point: picked.point, at: picked.at, floor: picked.at, facts: winning, steps };
}

function evaluateAfter(start: Evaluated, period: Period, facts: Facts): Evaluated {
  if (isSetting(period))
    return undetermined(`the required setting "${period.setting}" has no value`, start.steps);
  if (start.kind !== 'determined') return start;
  const to = addPeriod(start.point, period, facts.zone);
  if (to === undefined) return beyond(start);
  const steps: Step[] = [...start.steps, { kind: 'added', period, from: start.point, to }];
  return determined(to, facts, start.facts, steps, start.at);
}

function evaluateEndOf(of: Evaluated, unit: CalendarUnit, facts: Facts): Evaluated {
  if (of.kind !== 'determined') return of;
  const yearEnding = facts.policy.fiscalYearEnd;
  if (unit === 'fiscal-year' && yearEnding === undefined) {
    return undetermined(`policy ${facts.policy.name} states no fiscal year end`, of.steps);
  }
  const named = unit === 'fiscal-year' ? { yearEnding: yearEnding ?? '12-31' } : unit;
  const to = endOfUnit(of.point, named, facts.zone);
  return determined(to, facts, of.facts, [...of.steps, { kind: 'rounded', unit, from: of.point, to }]);
}

function beyond(start: Determined): Unknown {
  return {
    kind: 'not-computable',
    reasons: ['the date lies beyond the end of the calendar'],
    steps: start.steps,
  };
}

interface Candidate extends Operand {
  readonly result: Evaluated;
}

function evaluated(operand: Operand, facts: Facts): Candidate {
  return { ...operand, result: evaluate(operand.moment, facts) };
}

/** Needs every operand that is not optional. Its floor is the latest of all: each start must have come. */
function laterOf(candidates: readonly Candidate[]): Evaluated {
  const needed = candidates.filter(({ optional, result }) => !(optional && result.kind === 'undetermined'));
  const considered = needed.length > 0 ? needed : candidates;
  const leftOut = candidates.filter((candidate) => !considered.includes(candidate));
  const unknown = mostFinal(considered);
  const steps: Step[] = leftOut.map(({ moment }) => ({ kind: 'left-out', operand: moment }));
  if (unknown !== undefined) return { ...unknown, steps: [...stepsOf(candidates), ...steps] };
  const winner = won(considered, 'later');
  return {
    ...winner,
    floor: Math.max(...floors(considered)),
    steps: [...stepsOf(candidates), ...steps, ...comparisons(considered, winner, 'later')],
  };
}

/** Leaves out what is unknown: were it known, the result could only be earlier. */
function earlierOf(candidates: readonly Candidate[]): Evaluated {
  const known = candidates.filter(({ result }) => result.kind === 'determined');
  if (known.length === 0) {
    const undeterminedOnes = candidates.filter(({ result }) => result.kind === 'undetermined');
    const unknown = mostFinal(undeterminedOnes.length > 0 ? undeterminedOnes : candidates);
    return { kind: 'undetermined', reasons: [], ...unknown, steps: stepsOf(candidates) };
  }
  const leftOut = candidates.filter((candidate) => !known.includes(candidate));
  const winner = won(known, 'earlier');
  const steps: Step[] = leftOut.map(({ moment }) => ({ kind: 'left-out', operand: moment }));
  return { ...winner, steps: [...stepsOf(candidates), ...steps, ...comparisons(known, winner, 'earlier')] };
}

/** Never beats everything; else what no fact can mend; else all that is missing. */
export function mostFinal(candidates: readonly { readonly result: Evaluated }[]): Unknown | undefined {
  const results = candidates.map(({ result }) => result);
  for (const kind of ['never', 'not-computable', 'undetermined'] as const) {
    const found = results.filter((result): result is Unknown => result.kind === kind);
    if (found.length > 0)
      return { kind, reasons: [...new Set(found.flatMap(({ reasons }) => reasons))], steps: [] };
  }
  return undefined;
}

function won(candidates: readonly Candidate[], how: 'later' | 'earlier'): Determined {
  const results = candidates.map(({ result }) => result).filter((result) => result.kind === 'determined');
  return results.reduce((best, next) =>
    (how === 'later' ? next.at > best.at : next.at < best.at) ? next : best,
  );
}

function floors(candidates: readonly Candidate[]): Instant[] {
  return candidates.flatMap(({ result }) => (result.kind === 'determined' ? [result.floor] : []));
}

function stepsOf(candidates: readonly Candidate[]): Step[] {
  return candidates.flatMap(({ result }) => result.steps);
}

function comparisons(candidates: readonly Candidate[], won: Determined, how: 'later' | 'earlier'): Step[] {
  const winner = candidates.find(({ result }) => result === won)?.moment;
  return candidates.flatMap(({ moment: over, result }): Step[] => {
    if (winner === undefined || result === won || result.kind !== 'determined') return [];
    return [{ kind: 'won', how, winner, over, at: won.at, other: result.at }];
  });
}
