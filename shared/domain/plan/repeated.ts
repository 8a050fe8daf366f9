import type { Evaluated } from '../evaluate/evaluated.ts';
import type { Instant } from '../record/ids.ts';
import { isDuration } from '../rule/ast.ts';
import type { MomentOf, Period } from '../rule/ast.ts';
import { UNITS } from '../calendar/units.ts';

/** One of the dates of a step that is repeated. */
export interface Occasion {
  /** From 1. */
  readonly count: number;
  readonly bound: Evaluated;
}

/** No rule comes again so often. */
const MOST = 2 ** 40;

/**
 * The first date at or after `now`, or without it the first of all. Each date is counted from the start: five years after
 * it, ten years after it and so on, so that a step at the end of a month stays there.
 */
export function nextOccasion(
  moment: MomentOf<'after'>,
  evaluate: (moment: MomentOf<'after'>) => Evaluated,
  now: Instant = -Infinity,
): Occasion {
  const at = (count: number): Evaluated => evaluate({ ...moment, period: times(moment.period, count) });
  const isOver = (bound: Evaluated): boolean => bound.kind === 'determined' && bound.at < now;
  let [over, count] = [0, 1];
  for (; count < MOST && isOver(at(count)); count *= 2) over = count;
  while (count - over > 1) {
    const middle = Math.floor((over + count) / 2);
    if (isOver(at(middle))) over = middle;
    else count = middle;
  }
  return { count, bound: at(count) };
}

/** A setting has no value here, and an attribute is read where it is counted: both have one date only. */
function times(period: Period, count: number): Period {
  if (!isDuration(period)) return period;
  const scaled = UNITS.map((unit) => [unit, period[unit] && period[unit] * count]);
  return { ...period, ...Object.fromEntries(scaled) };
}
