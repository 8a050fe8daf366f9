import { formatInstant } from '../calendar/calendar.ts';
import { mostFinal } from './evaluated.ts';
import type { Determined, Evaluated, Facts, Unknown } from './evaluated.ts';
import { inEveryOrder } from './in-every-order.ts';
import type { Possible } from './in-every-order.ts';
import { whenKnown } from './known-from.ts';
import { openHolds } from './open-holds.ts';
import type { Instant } from '../record/ids.ts';
import type { Moment } from '../rule/ast.ts';
import type { OrderResult, Step } from './step.ts';

/*
 * An event with only a date happened at some time of its day. Where a rule asks which of two events of one day came
 * first, and one of them has no time, every order is evaluated, and the one that keeps longer counts.
 */

const TOO_MANY = 'too many events of one day have no time: which of them came first is not known';

/** The latest date that any order gives. If one order gives none, there is none: it might be the one that happened. */
export function evaluateLongest(moment: Moment, facts: Facts): Evaluated {
  const possible = inEveryOrder((orders) => whenKnown(moment, { ...facts, orders }));
  if (possible === 'too many') return { kind: 'undetermined', reasons: [TOO_MANY], steps: [], why: 'waits' };
  const [first] = possible;
  if (first !== undefined && possible.length === 1) return first.result;
  return longest(possible, facts.zone);
}

/** Any order in which a hold is open keeps the record. */
export function openHoldsInAnyOrder(moment: Moment, facts: Facts, now: Instant): readonly string[] {
  const possible = inEveryOrder((orders) => openHolds(moment, { ...facts, orders }, now));
  return possible === 'too many' ? [TOO_MANY] : possible.flatMap(({ result }) => result);
}

function longest(possible: readonly Possible<Evaluated>[], zone: string): Evaluated {
  const known = possible.filter((one): one is Possible<Determined> => one.result.kind === 'determined');
  const unknown = possible.filter((one): one is Possible<Unknown> => one.result.kind !== 'determined');
  const [kept] = unknown;
  if (kept === undefined) {
    const winner = known.reduce((best, next) => (next.result.at > best.result.at ? next : best));
    const floor = Math.max(...known.map(({ result }) => result.floor));
    return { ...winner.result, floor, steps: [...winner.result.steps, ...stepOf(winner, possible)] };
  }
  const steps = [...kept.result.steps, ...stepOf(kept, possible)];
  const alike = unknown.every(({ result }) => result.kind === kept.result.kind);
  const final = mostFinal(unknown);
  if (known.length === 0 && alike && final !== undefined) return { ...final, steps };
  const reasons = distinct([kept, ...possible]).map(
    ({ result, assumed }) => `${ifSo(assumed)}, ${told(result, zone)}`,
  );
  return {
    kind: 'undetermined',
    reasons: [`which of these events of one day came first is not known: ${reasons.join('; ')}`],
    steps,
    why: 'waits',
  };
}

/** One order for each result that differs. An order that changes nothing is not mentioned. */
function stepOf(counting: Possible<Evaluated>, possible: readonly Possible<Evaluated>[]): Step[] {
  const orders = distinct([counting, ...possible]);
  return orders.length < 2 ? [] : [{ kind: 'either-order', orders: orders.map(orderResult) }];
}

function distinct(possible: readonly Possible<Evaluated>[]): readonly Possible<Evaluated>[] {
  const found = new Map<string, Possible<Evaluated>>();
  for (const one of possible) {
    const { result } = one;
    const key = result.kind === 'determined' ? String(result.at) : `${result.kind} ${result.reasons.join()}`;
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

function orderResult({ result, assumed }: Possible<Evaluated>): OrderResult {
  return result.kind === 'determined'
    ? { assumed, point: result.point, reasons: [] }
    : { assumed, reasons: result.reasons };
}

function ifSo(assumed: readonly string[]): string {
  return `if ${assumed.join(' and ')}`;
}

function told(result: Evaluated, zone: string): string {
  return result.kind === 'determined'
    ? `the date is ${formatInstant(result.at, zone)}`
    : `there is no date, because ${result.reasons.join(' and ')}`;
}
