import type { Moment, MomentOf, Stage } from './ast.ts';
import { askedBy, childrenOf } from './walk.ts';

/**
 * The events that a stage's date waits for or depends on. A hold only delays a date, and an operand with `if any` is left
 * out as long as its event has not happened: neither is waited for.
 */
export function waitedFor(stage: Stage): readonly string[] {
  const opening = stage.notBefore ?? stage.notAfter;
  return opening === undefined ? [] : eventsWaitedFor(opening);
}

function eventsWaitedFor(moment: Moment): string[] {
  if (moment.kind === 'suspended') return eventsWaitedFor(moment.of);
  const children = moment.kind === 'later' ? needed(moment) : childrenOf(moment);
  return [...askedBy(moment).map(({ event }) => event), ...children.flatMap(eventsWaitedFor)];
}

function needed({ of }: MomentOf<'later' | 'earlier'>): readonly Moment[] {
  const required = of.filter(({ optional }) => !optional);
  return (required.length > 0 ? required : of).map((operand) => operand.moment);
}

/** Whether a stage can have its result without any event: a fixed date, `keep permanently`, `not computable`. */
export function needsNoEvent(stage: Stage): boolean {
  const opening = stage.notBefore ?? stage.notAfter;
  return opening !== undefined && isWithoutEvent(opening);
}

function isWithoutEvent(moment: Moment): boolean {
  switch (moment.kind) {
    case 'event':
    case 'nth':
    case 'not-applicable':
      return false;
    case 'date':
    case 'never':
      return true;
    case 'date-in':
      return moment.event === undefined;
    case 'after':
      return askedBy(moment).length === 0 && isWithoutEvent(moment.start);
    case 'before':
      return askedBy(moment).length === 0 && isWithoutEvent(moment.end);
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'run':
    case 'birthday':
    case 'suspended':
      return isWithoutEvent(moment.of);
    case 'later':
      return needed(moment).every(isWithoutEvent);
    case 'earlier':
      return moment.of.some((operand) => isWithoutEvent(operand.moment));
    // Which branch counts may depend on an attribute, and an event of an entity that is not named has not occurred.
    case 'if':
      return isWithoutEvent(moment.met) || isWithoutEvent(moment.otherwise);
    case 'override':
      return isWithoutEvent(moment.of) || isWithoutEvent(moment.by);
    case 'not-computable':
      return moment.fallback === undefined || isWithoutEvent(moment.fallback);
  }
}
