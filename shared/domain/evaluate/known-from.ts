import { evaluate } from './evaluate.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import type { Evaluated, Facts } from './evaluated.ts';
import type { Instant } from '../record/ids.ts';
import type { Moment } from '../rule/ast.ts';
import { childrenOf, containing } from '../rule/walk.ts';

/** Most moments have no condition, and are not looked at again. */
const namesCondition = containing(({ kind }) => kind === 'if');

/**
 * `if a.a has not occurred within 6 weeks after b.b, …`: whatever the date is, it is not certain before the six weeks
 * are over, because `a.a` may still come. So the date is never earlier than that.
 */
export function whenKnown(moment: Moment, facts: Facts): Evaluated {
  const result = evaluate(moment, facts);
  if (result.kind !== 'determined' || !namesCondition(moment)) return result;
  const from = knownFrom(moment, facts);
  if (from === undefined || from <= Math.min(result.at, result.floor)) return result;
  const floor = Math.max(result.floor, from);
  if (from <= result.at) return { ...result, floor };
  const { day: _day, event: _event, ...rest } = result;
  const point = { kind: 'instant', at: from } as const;
  return { ...rest, point, at: from, floor, steps: [...result.steps, { kind: 'known-from', to: point }] };
}

/** The end of the last span in which an event that has not occurred would change a branch that the date depends on. */
function knownFrom(moment: Moment, facts: Facts): Instant | undefined {
  if (moment.kind !== 'if') return latest(childrenOf(moment).map((child) => knownFrom(child, facts)));
  const { holds, finalFrom } = evaluateCondition(moment.condition, facts, evaluate);
  const { met, otherwise } = moment;
  const branches = holds === true ? [met] : holds === false ? [otherwise] : [met, otherwise];
  return latest([finalFrom, ...branches.map((branch) => knownFrom(branch, facts))]);
}

function latest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
