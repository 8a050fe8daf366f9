import { isSetting } from './ast.ts';
import type { Moment, MomentOf, Period, Rule } from './ast.ts';
import type { Duration } from '../calendar/units.ts';
import { printMoment } from './print.ts';
import { momentsOfRule } from './walk.ts';

/** What can be seen to be wrong whatever happens: sentences that say what it is and what to do. */
export function contradictionsOf(rule: Rule): string[] {
  const found: string[] = [];
  for (const moment of momentsOfRule(rule)) {
    if (moment.kind === 'later' || moment.kind === 'earlier') found.push(...idleOperands(moment));
    if (moment.kind === 'if' && printMoment(moment.met) === printMoment(moment.otherwise))
      found.push('both branches of a condition say the same; leave the condition out');
  }
  for (const [index, { action, label, notBefore, notAfter }] of rule.stages.entries()) {
    if (notBefore && notAfter && order(notAfter, notBefore) === 'before') {
      found.push(
        `the maximum “${printMoment(notAfter)}” is shorter than the minimum “${printMoment(notBefore)}”`,
      );
    }
    if (label !== undefined || action === 'delete') continue;
    for (const later of rule.stages.slice(index + 1)) {
      const here = notBefore ?? notAfter;
      const there = later.notAfter ?? later.notBefore;
      if (later.action !== 'delete' || later.label !== undefined || !here || !there) continue;
      const relation = order(there, here);
      if (relation === 'before' || relation === 'same')
        found.push(
          `“${action}” can never happen: “${printMoment(there)}” deletes before “${printMoment(here)}”`,
        );
    }
  }
  return [...new Set(found)];
}

/** Operands that another one always beats. */
function idleOperands({ kind, of }: MomentOf<'later' | 'earlier'>): string[] {
  return of.flatMap(({ moment, optional }, index) => {
    if (moment.kind === 'never')
      return [
        kind === 'later' ? 'a later-of with “never” never comes' : 'an earlier-of does not need “never”',
      ];
    const beaten = of.some((other, at) => {
      if (at === index || (other.optional && !optional)) return false;
      const relation = order(moment, other.moment);
      if (relation === 'same') return at < index;
      return relation === (kind === 'later' ? 'before' : 'after');
    });
    if (!beaten) return [];
    return [`“${printMoment(moment)}” can never be the ${kind} one; leave it out`];
  });
}

/** How two moments always lie to each other, where that can be seen: counted from the same, or both dates. */
function order(a: Moment, b: Moment): 'before' | 'same' | 'after' | undefined {
  if (printMoment(a) === printMoment(b)) return 'same';
  if (a.kind === 'date' && b.kind === 'date') return a.date < b.date ? 'before' : 'after';
  const [left, right] = [counted(a), counted(b)];
  if (left === undefined || right === undefined || printMoment(left.start) !== printMoment(right.start))
    return undefined;
  if (left.most < right.least) return 'before';
  return left.least > right.most ? 'after' : undefined;
}

/** Whole days that a moment lies behind its start, at least and at most. */
function counted(moment: Moment): { start: Moment; least: number; most: number } | undefined {
  if (moment.kind !== 'after') return { start: moment, least: 0, most: 0 };
  const length = lengthOf(moment.period);
  return length && { start: moment.start, ...length };
}

function lengthOf(period: Period): { least: number; most: number } | undefined {
  if (isSetting(period) || period.workingDays !== undefined) return undefined;
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0 }: Duration = period;
  const exact = weeks * 7 + days + hours / 24 + minutes / 1440;
  const total = years * 12 + months;
  // Twelve months are 365 or 366 days; any fewer are bounded by the shortest and longest month.
  const part = total % 12;
  const [whole, least, most] = [Math.floor(total / 12), part * 28, part * 31];
  return { least: whole * 365 + least + exact, most: whole * 366 + most + exact };
}
