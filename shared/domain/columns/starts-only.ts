import type { Policy, PolicyRule } from '../configuration/policy.ts';
import { own } from '../own.ts';
import type { Moment } from '../rule/ast.ts';
import { askedBy, childrenOf, eventsIn, eventsOf } from '../rule/walk.ts';

/**
 * Why an event cannot come from a column in this version of a policy; nothing if it can. A column may be read late, and its
 * value may be one that cannot be taken. So the event may only start clocks: where it is missing, a date that needs it is not
 * known, which keeps records, and every other date is the same.
 */
export function columnProblem(policy: Policy, event: string): string | undefined {
  const { events, jurisdictionFrom, children } = policy;
  const undone = Object.entries(events).find(([, { undoneBy }]) => undoneBy.includes(event));
  if (undone !== undefined) return `it undoes "${undone[0]}"`;
  if (own(events, event)?.byPurpose === true) return 'it is about a purpose, and a column names none';
  if (jurisdictionFrom?.event === event) return 'it says where somebody is, and a column says only when';
  if (children?.born === event || children?.found === event) return 'it says that somebody is a child';
  for (const [name, { cap, rules }] of Object.entries(policy.categories)) {
    if (cap !== undefined && [...rules, cap].some(({ rule }) => eventsOf(rule).has(event)))
      return `"${name}" has a cap, which counts as long as the event has not arrived`;
    const problem = problemOf(rules, event);
    if (problem !== undefined) return problem;
  }
  const ends = Object.values(policy.purposePolicies ?? {}).flatMap(({ rule }) => rule ?? []);
  return ends.map((rule) => problemOf([rule], event)).find((problem) => problem !== undefined);
}

/** `rules`: that may decide about a record together. */
function problemOf(rules: readonly PolicyRule[], event: string): string | undefined {
  const wrong = rules.find((rule) => !isSameOrUnknown(rule, event));
  if (wrong !== undefined) return `the rule "${wrong.text}" could be due earlier without it`;
  const latest = rules.find(({ rule }) =>
    rule.stages.some(({ notAfter }) => notAfter !== undefined && eventsIn(notAfter).has(event)),
  );
  return latest === undefined || rules.every((rule) => waitsFor(rule, event))
    ? undefined
    : `the rule "${latest.text}" has a latest date by it, and without that date a conflict, which keeps records, would not be seen`;
}

function isSameOrUnknown({ rule }: PolicyRule, event: string): boolean {
  return rule.stages.every(({ notBefore, notAfter }) =>
    [notBefore, notAfter].every((moment) => moment === undefined || isItOrUnknown(moment, event)),
  );
}

/**
 * Whether nothing that the rule says is known without the event, also where people ask for erasure: of a law, they leave only
 * the dates before which nothing may go.
 */
function waitsFor({ rule, basis }: PolicyRule, event: string): boolean {
  return rule.stages.every(({ notBefore, notAfter }) => {
    const opening = notBefore ?? (basis === 'law' ? undefined : notAfter);
    return opening !== undefined && isUnknown(opening, event);
  });
}

/** Whether without the event the moment is the one that it is with it, or is not known. */
function isItOrUnknown(moment: Moment, event: string): boolean {
  if (!eventsIn(moment).has(event)) return true;
  switch (moment.kind) {
    case 'event':
      return true;
    // It leaves out what is not known.
    case 'earlier':
      return isUnknown(moment, event);
    case 'later':
      return moment.of.every(
        (operand) =>
          isItOrUnknown(operand.moment, event) && !(operand.optional && eventsIn(operand.moment).has(event)),
      );
    case 'if':
      return (
        !isAsked(moment, event) &&
        childrenOf(moment).every((child) =>
          child === moment.met || child === moment.otherwise
            ? isItOrUnknown(child, event)
            : !eventsIn(child).has(event),
        )
      );
    // As long as the law's date is not known, the other one counts.
    case 'override':
      return !eventsIn(moment.by).has(event) && isItOrUnknown(moment.of, event);
    case 'after':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'suspended':
    case 'not-computable':
    case 'date-in':
    case 'date':
    case 'never':
    case 'not-applicable':
      return !isAsked(moment, event) && childrenOf(moment).every((child) => isItOrUnknown(child, event));
  }
}

/** Whether without the event the moment is never known. */
function isUnknown(moment: Moment, event: string): boolean {
  switch (moment.kind) {
    case 'event':
      return moment.name === event;
    case 'earlier':
      return moment.of.every((operand) => isUnknown(operand.moment, event));
    case 'later':
      return moment.of.some((operand) => !operand.optional && isUnknown(operand.moment, event));
    case 'if':
      return isUnknown(moment.met, event) && isUnknown(moment.otherwise, event);
    case 'override':
    case 'date-in':
    case 'date':
    case 'never':
    case 'not-applicable':
      return false;
    case 'after':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'suspended':
    case 'not-computable':
      return childrenOf(moment).some((child) => isUnknown(child, event));
  }
}

/** Whether the moment itself asks for the event, beside what is inside it. */
function isAsked(moment: Moment, event: string): boolean {
  return askedBy(moment).some((asked) => asked.event === event);
}
