import type { Policy, PolicyRule } from '../configuration/policy.ts';
import { rulesOf } from '../configuration/policy.ts';
import type { Moment, Stage } from '../rule/ast.ts';
import { askedBy, childrenOf, eventsIn, eventsOf } from '../rule/walk.ts';

/**
 * Why an event cannot come from a column in this version of a policy; nothing if it can. A column may be read late, and its
 * value may be one that cannot be taken. So the event may only start clocks: wherever it is missing, records stay longer,
 * and never go earlier.
 */
export function columnProblem(policy: Policy, event: string): string | undefined {
  const { events, jurisdictionFrom, children } = policy;
  const undone = Object.entries(events).find(([, { undoneBy }]) => undoneBy.includes(event));
  if (undone !== undefined) return `it undoes "${undone[0]}"`;
  if (events[event]?.byPurpose === true) return 'it is about a purpose, and a column names none';
  if (jurisdictionFrom?.event === event) return 'it says where somebody is, and a column says only when';
  if (children?.born === event || children?.found === event) return 'it says that somebody is a child';
  for (const [name, { cap, rules }] of Object.entries(policy.categories))
    if (cap !== undefined && [...rules, cap].some(({ rule }) => eventsOf(rule).has(event)))
      return `"${name}" has a cap, which counts as long as the event has not arrived`;
  const wrong = rulesOf(policy).find((rule) => !startsOnly(rule, event));
  return wrong && `the rule "${wrong.text}" could be due earlier without it`;
}

function startsOnly({ rule }: PolicyRule, event: string): boolean {
  return rule.stages.every((stage) => stageStartsOnly(stage, event));
}

function stageStartsOnly({ notBefore, notAfter }: Stage, event: string): boolean {
  const isNamed = (moment: Moment | undefined): boolean =>
    moment !== undefined && eventsIn(moment).has(event);
  // Without its latest date, a conflict that keeps the record would be none.
  if (notBefore !== undefined && isNamed(notAfter) && !isNamed(notBefore)) return false;
  return [notBefore, notAfter].every((moment) => moment === undefined || onlyDelays(moment, event));
}

/** Whether the moment is not earlier where the event has not happened. */
function onlyDelays(moment: Moment, event: string): boolean {
  if (!eventsIn(moment).has(event)) return true;
  const isAsked = askedBy(moment).some((asked) => asked.event === event);
  switch (moment.kind) {
    case 'event':
      return true;
    case 'later':
      return moment.of.every(
        (operand) =>
          onlyDelays(operand.moment, event) && !(operand.optional && eventsIn(operand.moment).has(event)),
      );
    case 'if': {
      const branches: readonly Moment[] = [moment.met, moment.otherwise];
      const inCondition = childrenOf(moment).filter((child) => !branches.includes(child));
      const isTested = isAsked || inCondition.some((child) => eventsIn(child).has(event));
      return !isTested && branches.every((branch) => onlyDelays(branch, event));
    }
    case 'override':
      return !eventsIn(moment.by).has(event) && onlyDelays(moment.of, event);
    case 'suspended':
    case 'nth':
    case 'date-in':
    case 'after':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'birthday':
    case 'earlier':
    case 'not-computable':
    case 'date':
    case 'never':
    case 'not-applicable':
      return !isAsked && childrenOf(moment).every((child) => onlyDelays(child, event));
  }
}
