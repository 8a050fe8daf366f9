import { formatInstant } from '../calendar/calendar.ts';
import type { Instant } from '../record/ids.ts';
import type { Moment, Stage } from '../rule/ast.ts';
import { printMoment } from '../rule/print.ts';

/** The dates of a stage, as far as its bounds are known. */
interface StageDates {
  readonly from?: Instant;
  readonly until?: Instant;
  readonly floor?: Instant;
}

/**
 * Bounds of one stage that contradict each other for these facts: a minimum after the maximum, or a maximum before the
 * event that the rule counts from. Sentences without a full stop, with both dates and the part of the rule that gives each.
 */
export function conflictsOf(
  { action, notBefore, notAfter }: Stage,
  { from, until, floor }: StageDates,
  zone: string,
): readonly string[] {
  if (notAfter === undefined || until === undefined) return [];
  const quoted = (moment: Moment): string => `“${printMoment(moment)}”`;
  const required = `${quoted(notAfter)} requires it by ${formatInstant(until, zone)}`;
  if (notBefore !== undefined && from !== undefined && from > until)
    return [
      `${quoted(notBefore)} allows “${action}” only from ${formatInstant(from, zone)} on, but ${required}; the record is kept until the rule or the events are corrected`,
    ];
  if (floor === undefined || floor <= until) return [];
  return [
    `${required}, but “${action}” is not allowed before ${formatInstant(floor, zone)}, when the last event that the rule counts from has happened; it can only be late`,
  ];
}
