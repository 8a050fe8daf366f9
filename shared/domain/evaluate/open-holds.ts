import { evaluate } from './evaluate.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import type { Facts } from './evaluated.ts';
import { spansOf } from './evaluate-suspension.ts';
import type { Instant } from '../record/ids.ts';
import type { Moment, MomentOf, Suspension } from '../rule/ast.ts';
import { childrenOf, containing } from '../rule/walk.ts';

/** Whether the moment names a hold at all: most do not, and are not looked at again. */
export const namesHold = containing((inner) => inner.kind === 'suspended' && keeps(inner.how));

/** Both begin with `held from`. A pause only stops the clock. */
function keeps(how: Suspension): boolean {
  switch (how) {
    case 'held':
    case 'restarted':
      return true;
    case 'paused':
      return false;
  }
}

/**
 * The holds of a rule that are open at `now`, whenever they began, as sentences without a full stop. They stop an act;
 * the date is not theirs to change. Of a condition only the branch counts that gives the date, of an override only the
 * part that takes precedence; as long as that is not known, both.
 */
export function openHolds(moment: Moment, facts: Facts, now: Instant): readonly string[] {
  if (!namesHold(moment)) return [];
  switch (moment.kind) {
    case 'suspended':
      return [...openAt(moment, facts, now), ...openHolds(moment.of, facts, now)];
    case 'if': {
      const { holds } = evaluateCondition(moment.condition, facts, evaluate);
      const { met, otherwise } = moment;
      const branches = holds === true ? [met] : holds === false ? [otherwise] : [met, otherwise];
      return branches.flatMap((branch) => openHolds(branch, facts, now));
    }
    case 'override': {
      const law = evaluate(moment.by, facts);
      const applies = law.kind !== 'undetermined' || law.why === 'waits';
      const parts = applies ? [moment.by] : [moment.by, moment.of];
      return parts.flatMap((part) => openHolds(part, facts, now));
    }
    case 'event':
    case 'date':
    case 'date-in':
    case 'after':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'later':
    case 'earlier':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return childrenOf(moment).flatMap((child) => openHolds(child, facts, now));
  }
}

function openAt({ how, intervals }: MomentOf<'suspended'>, facts: Facts, now: Instant): string[] {
  if (!keeps(how)) return [];
  return intervals.flatMap((interval) => {
    const spans = spansOf(interval, facts);
    if (typeof spans === 'string') return [spans];
    return spans
      .filter(({ starts, until }) => starts <= now && (until === undefined || now < until.at))
      .map(({ event, from }) => `${event} of ${from.occurrence.occurred} has not ended`);
  });
}
