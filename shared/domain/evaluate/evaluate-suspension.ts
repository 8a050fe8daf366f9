import { readPeriod } from './attribute-value.ts';
import { addPeriod, endOf, shiftBy, startOf } from '../calendar/calendar.ts';
import type { Moved, Point } from '../calendar/calendar.ts';
import type { Placed } from './counting.ts';
import { lookUpEvent } from './evaluate-event.ts';
import { determined, undetermined, unreached } from './evaluated.ts';
import type { Determined, Evaluated, Facts } from './evaluated.ts';
import type { Instant } from '../record/ids.ts';
import { present } from '../present.ts';
import type { Interval, MomentOf } from '../rule/ast.ts';
import { countedBy } from '../rule/walk.ts';
import type { Step } from './step.ts';
import type { WinningFact } from '../record/window.ts';

/** One hold: from the start of its first day to the end of the day on which it was released. */
export interface Span {
  readonly event: string;
  readonly from: Placed;
  readonly starts: Instant;
  /** Absent while it is open. */
  readonly until?: Placed;
  readonly facts: readonly WinningFact[];
}

/**
 * A hold counts if it begins before the date that was reached so far. `held` waits for its end; `restarted` starts the
 * period again then; `paused` adds the time that it took. While a hold that counts is open, there is no date.
 */
export function suspend(of: Evaluated, moment: MomentOf<'suspended'>, facts: Facts): Evaluated {
  if (of.kind !== 'determined') return of;
  const all = moment.intervals.map((interval) => spansOf(interval, facts));
  const undeclared = all.find((one) => typeof one === 'string');
  if (typeof undeclared === 'string') return undetermined(undeclared, of.steps, 'waits');
  const spans = all
    .flatMap((one) => (typeof one === 'string' ? [] : one))
    .toSorted((a, b) => a.starts - b.starts);
  // Time of the period that an earlier span has taken already.
  let taken = of.floor;
  let result = of;
  for (let span = spans.shift(); span !== undefined; span = spans.shift()) {
    const { event, from, until } = span;
    if (span.starts >= result.at || (until !== undefined && until.at <= taken && moment.how !== 'held')) {
      result = {
        ...result,
        steps: [...result.steps, { kind: 'suspended', how: 'no-effect', event, from: from.point }],
      };
      continue;
    }
    if (until === undefined) {
      const step: Step = { kind: 'suspended', how: moment.how, event, from: from.point };
      const reason = `${event} of ${from.occurrence.occurred} has not ended`;
      return undetermined(reason, [...result.steps, step], 'waits');
    }
    const ended = { span, until, moment, facts };
    const to = reached(result, taken, ended);
    if (to.kind !== 'reached') return unreached(to, result.steps);
    result = extended(result, to, ended);
    taken = Math.max(taken, until.at);
  }
  return result;
}

/** A span that is over, in the rule that it suspends. */
interface EndedSpan {
  readonly span: Span;
  readonly until: Placed;
  readonly moment: MomentOf<'suspended'>;
  readonly facts: Facts;
}

function extended(
  result: Determined,
  { point: to, skipped }: Extract<Moved, { kind: 'reached' }>,
  { span, until, moment, facts }: EndedSpan,
): Determined {
  const moves = endOf(to, facts.zone) !== result.at;
  const step: Step = {
    kind: 'suspended',
    how: moves ? moment.how : 'no-effect',
    event: span.event,
    from: span.from.point,
    until: until.point,
    ...(moves && { to }),
    ...(moves && skipped.length > 0 && { skipped }),
  };
  const steps = [...result.steps, step];
  if (!moves) return { ...result, steps };
  const floor = Math.max(result.floor, until.at);
  const by = { facts: [...result.facts, ...span.facts], steps, floor };
  if (moment.how !== 'held') return determined(to, facts, by);
  // The date is then that of the event that ended it.
  const day = until.point.kind === 'date' ? until.point : undefined;
  return determined(to, facts, { ...by, ...present({ day, event: span.facts.at(-1) }) });
}

/** `taken`: up to when an earlier span has taken time of the period. */
function reached(result: Determined, taken: Instant, { span, until, moment, facts }: EndedSpan): Moved {
  const { zone, policy } = facts;
  const at = (point: Point): Moved => ({ kind: 'reached', point, skipped: [] });
  switch (moment.how) {
    case 'held':
      return at(until.at > result.at ? until.point : result.point);
    case 'restarted': {
      const counted = countedBy(moment.of);
      const read = readPeriod(counted === 'not counted' ? {} : counted.period, facts);
      return read.kind === 'read' ? addPeriod(until.point, read.period, zone, policy) : { kind: 'beyond' };
    }
    case 'paused':
      return at(shiftBy(result.point, Math.max(span.starts, taken), until.at, zone));
  }
}

/** Each start with the first end after it that belongs to no other start. */
export function spansOf({ from, until }: Interval, facts: Facts): Span[] | string {
  const [begins, ends] = [lookUpEvent(from, 'first', facts), lookUpEvent(until, 'first', facts)];
  for (const one of [begins, ends]) if (one.kind === 'undeclared') return one.reason;
  if (begins.kind !== 'known') return [];
  const left = ends.kind === 'known' ? [...ends.counting] : [];
  const personal = ends.kind === 'known' && ends.personal;
  return begins.counting.map((begin): Span => {
    const starts = startOf(begin.point, facts.zone);
    while (left[0] !== undefined && left[0].at < starts) left.shift();
    const end = left.shift();
    const winning = [{ type: from, occurred: begin.occurrence.occurred, personal: begins.personal }];
    if (end === undefined) return { event: from, from: begin, starts, facts: winning };
    const ended = { type: until, occurred: end.occurrence.occurred, personal };
    return { event: from, from: begin, starts, until: end, facts: [...winning, ended] };
  });
}
