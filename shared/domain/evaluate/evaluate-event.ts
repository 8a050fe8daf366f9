import { startOf } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { countOccurrences } from './counting.ts';
import type { Counted, Placed } from './counting.ts';
import { determined, undetermined } from './evaluated.ts';
import type { Evaluated, Facts } from './evaluated.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import { sidesOf } from './relation.ts';
import type { MomentOf, Pick } from '../rule/ast.ts';
import type { Step } from './step.ts';
import type { WinningFact } from '../record/window.ts';

/** The occurrences of one event that count for the holding, or why that is not known. */
export type EventLookup =
  | (Counted & { readonly kind: 'known'; readonly personal: boolean })
  | { readonly kind: 'undeclared' | 'about-none'; readonly reason: string };

export function lookUpEvent(name: string, pick: Pick, facts: Facts): EventLookup {
  const declaration = own(facts.policy.events, name);
  if (declaration === undefined)
    return { kind: 'undeclared', reason: `policy ${facts.policy.name} declares no event ${name}` };
  const state = facts.stateFor(declaration.entity);
  if (state === undefined) {
    const reason = `the holding names no ${declaration.entity}, so ${name} cannot be known`;
    return { kind: 'about-none', reason };
  }
  const counted = countOccurrences(state, name, pick, facts);
  return { kind: 'known', personal: declaration.personal, ...counted };
}

export function evaluateEvent({ name, pick }: MomentOf<'event'>, facts: Facts): Evaluated {
  const lookup = lookUpEvent(name, pick, facts);
  if (lookup.kind !== 'known') return undetermined(lookup.reason);
  const { picked, undone, passedOver, personal, lastUndo } = lookup;
  const steps: Step[] = undoneSteps(name, undone);
  for (const placed of passedOver)
    steps.push({ kind: 'passed-over', type: name, occurred: placed.occurrence.occurred, pick });
  if (picked === undefined) {
    const since = lastUndo === undefined ? {} : { since: { by: lastUndo.by, on: lastUndo.undo.occurred } };
    steps.push({ kind: 'missing', type: name, ...since });
    return undetermined(`${name} has not happened${lastUndo ? ' since it was undone' : ''}`, steps);
  }
  const { occurred } = picked.occurrence;
  steps.push({ kind: 'fact', type: name, occurred, pick, of: passedOver.length + 1 });
  const winning: WinningFact[] = [{ type: name, occurred, personal }];
  const day = dayOf(picked, pick === 'first' ? passedOver : [], facts.zone);
  return determined(picked.point, facts, {
    facts: winning,
    steps,
    event: { type: name, occurred },
    ...present({ day }),
  });
}

/** The day of an event with only a date; also of another one that may have come before it on its day. */
function dayOf({ point, at }: Placed, others: readonly Placed[], zone: string): Point | undefined {
  if (point.kind === 'date') return point;
  return others.find((other) => other.point.kind === 'date' && startOf(other.point, zone) < at)?.point;
}

/** All that count, where none or too few of them are those that are asked for. */
export function occurrencesOf(type: string, counting: readonly Placed[]): Step[] {
  if (counting.length === 0) return [{ kind: 'missing', type }];
  return counting.map(({ occurrence: { occurred } }) => ({
    kind: 'fact',
    type,
    occurred,
    pick: 'last',
    of: 1,
  }));
}

export function undoneSteps(name: string, undone: Counted['undone']): Step[] {
  return undone.map(({ placed, by, undo }) => {
    return { kind: 'undone', type: name, occurred: placed.occurrence.occurred, by, on: undo.occurred };
  });
}

/** The n-th occurrence strictly after a moment, or the last one before it. */
export function evaluateNth(of: Evaluated, moment: MomentOf<'nth'>, facts: Facts): Evaluated {
  if (of.kind !== 'determined') return of;
  const { name, count, side } = moment;
  const lookup = lookUpEvent(name, 'first', facts);
  if (lookup.kind !== 'known') return undetermined(lookup.reason, of.steps);
  const sides = sidesOf(name, lookup.counting, of, facts);
  const beyond = lookup.counting.filter((placed) => {
    const known = sides.get(placed);
    if (known === 'before' || known === 'after') return known === side;
    return side === 'after' ? placed.at > of.at : placed.at < of.at;
  });
  const found = side === 'after' ? beyond[count - 1] : beyond.at(-1);
  const steps = [...of.steps, ...undoneSteps(name, lookup.undone)];
  if (found === undefined) {
    const reason =
      count === 1
        ? `no ${name} has happened ${side} that`
        : `${name} has happened ${beyond.length} of ${count} times after that`;
    return undetermined(reason, [...steps, ...occurrencesOf(name, lookup.counting)]);
  }
  const { occurred } = found.occurrence;
  steps.push({ kind: 'fact', type: name, occurred, pick: 'first', of: 1 });
  steps.push({ kind: 'found', moment, from: of.point, to: found.point });
  const winning = [...of.facts, { type: name, occurred, personal: lookup.personal }];
  return determined(found.point, facts, {
    facts: winning,
    steps,
    floor: Math.max(of.floor, found.at),
    event: { type: name, occurred },
    ...present({ day: dayOf(found, side === 'after' ? beyond : [], facts.zone) }),
  });
}
