import { evaluateDateIn, readPeriod } from './attribute-value.ts';
import { addPeriod, endOf, subtractPeriod } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { earlierOf, laterOf } from './evaluate-compare.ts';
import type { Candidate } from './evaluate-compare.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { suspend } from './evaluate-suspension.ts';
import { evaluateEvent, evaluateNth } from './evaluate-event.ts';
import { determined, undetermined, unreached, withSteps } from './evaluated.ts';
import type { Determined, Evaluated, Facts } from './evaluated.ts';
import { isPolicyYear, POLICY_YEARS } from '../calendar/units.ts';
import type { CalendarUnit, PolicyYear } from '../calendar/units.ts';
import type { Instant } from '../record/ids.ts';
import { NO_FLOOR } from '../record/window.ts';
import type { Moment, MomentOf, Operand, Period } from '../rule/ast.ts';
import { printCondition } from '../rule/print-condition.ts';
import { printMoment } from '../rule/print.ts';
import { printUnit } from '../rule/print-period.ts';
import {
  birthday,
  endOfUnit,
  lastDayOfUnit,
  nextDay,
  nextRun,
  weekdayOfMonth,
} from '../calendar/rounding.ts';
import type { Step } from './step.ts';

/** The one evaluator of rules. It has an answer for every rule and all facts, and never reads a missing fact as permission. */
export function evaluate(moment: Moment, facts: Facts): Evaluated {
  const known = facts.memo?.get(moment);
  if (known !== undefined) return known;
  const asked = facts.orders?.asked;
  const result = evaluateKind(moment, facts);
  // What depends on an order of events is not known for another one.
  if (facts.orders?.asked === asked) facts.memo?.set(moment, result);
  return result;
}

function evaluateKind(moment: Moment, facts: Facts): Evaluated {
  switch (moment.kind) {
    case 'event':
      return evaluateEvent(moment, facts);
    case 'date':
      return determined({ kind: 'date', date: moment.date }, facts, {
        facts: [],
        steps: [{ kind: 'date', date: moment.date }],
        floor: NO_FLOOR,
      });
    case 'date-in':
      return evaluateDateIn(moment, facts);
    case 'after':
      return shifted(evaluate(moment.start, facts), moment.period, 'added', facts);
    case 'before':
      return shifted(evaluate(moment.end, facts), moment.period, 'subtracted', facts);
    case 'end-of':
    case 'last-day-of':
      return evaluateUnit(evaluate(moment.of, facts), moment, facts);
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'birthday':
      return found(evaluate(moment.of, facts), moment, facts);
    case 'nth':
      return evaluateNth(evaluate(moment.of, facts), moment, facts);
    case 'later':
      return laterOf(moment.of.map((operand) => candidate(operand, facts)));
    case 'earlier':
      return earlierOf(
        moment.of.map((operand) => candidate(operand, facts)),
        facts.zone,
      );
    case 'if':
      return evaluateIf(moment, facts);
    case 'suspended':
      return suspend(evaluate(moment.of, facts), moment, facts);
    case 'override':
      return evaluateOverride(moment, facts);
    case 'not-applicable':
      return undetermined('this part of the rule does not apply in this state', [], 'not-applicable');
    case 'never':
      return { kind: 'never', reasons: ['the rule keeps the data permanently'], steps: [] };
    case 'not-computable': {
      const { reason, fallback } = moment;
      if (fallback === undefined) return { kind: 'not-computable', reasons: [reason], steps: [] };
      return withSteps([{ kind: 'fallback', reason }], evaluate(fallback, facts));
    }
  }
}

function candidate(operand: Operand, facts: Facts): Candidate {
  return { ...operand, result: evaluate(operand.moment, facts) };
}

function shifted(start: Evaluated, period: Period, kind: 'added' | 'subtracted', facts: Facts): Evaluated {
  const read = readPeriod(period, facts);
  if (read.kind === 'not-read') return undetermined(read.reason, start.steps, 'waits');
  if (start.kind !== 'determined') return start;
  const move = kind === 'added' ? addPeriod : subtractPeriod;
  const moved = move(start.point, read.period, facts.zone, facts.policy);
  if (moved.kind !== 'reached') return unreached(moved, start.steps);
  const { point: to, skipped } = moved;
  const step = { kind, period: read.period, from: start.point, to, ...(skipped.length > 0 && { skipped }) };
  const steps: Step[] = [...start.steps, ...read.steps, step];
  // What is to be done before something else needs no start.
  const floor = kind === 'added' ? start.at : NO_FLOOR;
  return determined(to, facts, { facts: [...start.facts, ...read.facts], steps, floor });
}

function evaluateUnit(
  of: Evaluated,
  { kind, unit }: MomentOf<'end-of' | 'last-day-of'>,
  facts: Facts,
): Evaluated {
  if (of.kind !== 'determined') return of;
  const named = inPolicy(unit, facts);
  if (named === undefined) {
    const reason = `policy ${facts.policy.name} does not say when the ${printUnit(unit)} ends`;
    return undetermined(reason, of.steps, 'waits');
  }
  const round = kind === 'end-of' ? endOfUnit : lastDayOfUnit;
  const to = round(of.point, named, facts.zone);
  const steps: Step[] = [...of.steps, { kind: 'rounded', unit, from: of.point, to }];
  return determined(to, facts, { facts: of.facts, steps, floor: of.at });
}

function inPolicy(unit: CalendarUnit, { policy }: Facts): Exclude<CalendarUnit, PolicyYear> | undefined {
  if (!isPolicyYear(unit)) return unit;
  const yearEnding = policy[POLICY_YEARS[unit]];
  return yearEnding === undefined ? undefined : { yearEnding };
}

/** The next day, run or birthday. What waits for a run keeps its own floor. */
function found(
  of: Evaluated,
  moment: MomentOf<'next-day' | 'weekday-of' | 'run' | 'birthday'>,
  facts: Facts,
): Evaluated {
  if (of.kind !== 'determined') return of;
  const { zone, policy } = facts;
  const reach = (to: Point, floor: Instant): Determined =>
    determined(to, facts, {
      facts: of.facts,
      steps: [...of.steps, { kind: 'found', moment, from: of.point, to }],
      floor,
    });
  switch (moment.kind) {
    case 'next-day':
      return reach(nextDay(of.point, moment, zone), of.at);
    // It may be before the start, and nothing is done before that.
    case 'weekday-of':
      return reach(weekdayOfMonth(of.point, moment.day, zone), of.at);
    case 'run':
      return reach(runAfter(of.point, moment, zone), of.floor);
    case 'birthday':
      return reach(birthday(of.point, moment.age, policy.leapBirthday ?? '03-01', zone), of.at);
  }
}

/** A run in another zone is an instant: what ends there is not a date in the record's own zone. */
function runAfter(point: Point, { every, time, zone }: MomentOf<'run'>, own: string): Point {
  if (zone === undefined || zone === own) return nextRun(point, every, time, own);
  const run = nextRun({ kind: 'instant', at: endOf(point, own) }, every, time, zone);
  return { kind: 'instant', at: endOf(run, zone) };
}

function evaluateIf(moment: MomentOf<'if'>, facts: Facts): Evaluated {
  const { holds, steps, facts: deciding } = evaluateCondition(moment.condition, facts, evaluate);
  const text = printCondition(moment.condition, printMoment);
  const step: Step = {
    kind: 'condition',
    text,
    holds: holds === true || holds === false ? holds : 'unknown',
  };
  if (holds !== true && holds !== false)
    return undetermined(`it is not known whether ${text}: ${holds.join('; ')}`, [...steps, step], 'waits');
  const result = withSteps([...steps, step], evaluate(holds ? moment.met : moment.otherwise, facts));
  if (result.kind === 'determined') return { ...result, facts: [...result.facts, ...deciding] };
  if (result.why !== 'not-applicable') return result;
  return {
    ...result,
    reasons: [`this part of the rule does not apply, because “${text}” is ${String(holds)}`],
  };
}

/** The date that a law requires takes precedence as soon as it is known, or while it waits; else the rule's own counts. */
function evaluateOverride({ of, by, source, lifts }: MomentOf<'override'>, facts: Facts): Evaluated {
  const law = evaluate(by, facts);
  const applies = law.kind !== 'undetermined' || law.why === 'waits';
  const step: Step = { kind: 'override', source, applies };
  if (applies && lifts === true)
    return undetermined(`“${source}” requires another bound instead`, [...law.steps, step], 'not-applicable');
  return withSteps([...law.steps, step], applies ? { ...law, steps: [] } : evaluate(of, facts));
}
