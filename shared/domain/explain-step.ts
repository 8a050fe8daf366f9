import { formatDistance, formatInstant, startOf } from './calendar.ts';
import type { Point } from './calendar.ts';
import { printMoment, printPeriod } from './rule/print.ts';
import type { CalendarUnit } from './rule/ast.ts';
import type { Step } from './step.ts';

/** One step of a calculation as one sentence. */
export function explainStep(step: Step, zone: string): string {
  switch (step.kind) {
    case 'fact':
      return step.of === 1
        ? `${step.type} happened on ${step.occurred}.`
        : `${step.type} happened on ${step.occurred}, the ${step.pick} of ${step.of} that count.`;
    case 'passed-over':
      return `${step.type} of ${step.occurred} is left aside: it is not the ${step.pick} one.`;
    case 'undone':
      return `${step.type} of ${step.occurred} does not count: ${step.by} of ${step.on} undid it.`;
    case 'missing':
      return step.since === undefined
        ? `No ${step.type} counts; an event that has not come means "not yet".`
        : `No ${step.type} counts: ${step.since.by} of ${step.since.on} undid what came before it.`;
    case 'date':
      return `The rule names the date ${step.date}.`;
    case 'added':
      return `${printPeriod(step.period)} after ${place(step.from, zone)} is ${place(step.to, zone)}.`;
    case 'rounded':
      return `${capital(unitOf(step.unit))} of ${place(step.from, zone)} ends at ${place(step.to, zone)}.`;
    case 'won':
      return `“${printMoment(step.winner)}” is ${step.how} than “${printMoment(step.over)}” by ${formatDistance(step.at, step.other)}.`;
    case 'left-out':
      return `“${printMoment(step.operand)}” is left out: it is not known.`;
    case 'entity':
      return `The ${step.across} result of ${step.of} counts: the holding is about several entities.`;
  }
}

function place(point: Point, zone: string): string {
  if (point.kind === 'date') return `${point.date} (to the end of that day)`;
  return formatInstant(startOf(point, zone), zone);
}

function unitOf(unit: CalendarUnit): string {
  return typeof unit === 'object' ? `the year ending ${unit.yearEnding}` : `the ${unit.replace('-', ' ')}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
