import { endOf, pointOf, startOf } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import type { EntityState, Occurrence } from '../facts/facts.ts';
import type { Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import type { Facts } from './evaluated.ts';
import { present } from '../present.ts';
import type { Pick as Picked } from '../rule/ast.ts';

/** An occurrence on the calendar of one zone. */
export interface Placed {
  readonly occurrence: Occurrence;
  readonly point: Point;
  /** The instant that counts as its time: a date at its end. */
  readonly at: Instant;
}

/** Which occurrences of one event type of one entity count. */
export interface Counted {
  /** The one that the rule means, if any counts. */
  readonly picked?: Placed;
  readonly undone: readonly { readonly placed: Placed; readonly by: string; readonly undo: Occurrence }[];
  /** All that count, in order of time. */
  readonly counting: readonly Placed[];
  /** Those that count but are not the first or last. */
  readonly passedOver: readonly Placed[];
  /** The latest event that undoes the type. A state forgets what is surely undone, and keeps this. */
  readonly lastUndo?: { readonly by: string; readonly undo: Occurrence };
}

/**
 * An occurrence counts unless an event that undoes its type occurred at or after the earlier of its `occurred` (a date
 * from its start) and the time it was sent: an end announced for December is undone by a renewal in November. A
 * date-only undo holds to the end of its date. Occurrences in the future count: they are announced. The order in which
 * facts are listed is irrelevant.
 */
export function countOccurrences(
  state: EntityState,
  type: string,
  pick: Picked,
  facts: Pick<Facts, 'policy' | 'zone' | 'orders'>,
): Counted {
  const { policy, zone } = facts;
  const placed = (own(state.occurrences, type) ?? [])
    .map((occurrence) => place(occurrence, zone))
    .toSorted(byTime);
  const undoing = own(policy.events, type)?.undoneBy ?? [];
  const last = latestUndo(state, undoing, zone);
  const undone: Counted['undone'][number][] = [];
  const counting: Placed[] = [];
  for (const candidate of placed) {
    // No undo, no calendar: most events have none.
    if (last !== undefined && isUndone(candidate, last, type, facts))
      undone.push({ placed: candidate, by: last.by, undo: last.undo });
    else counting.push(candidate);
  }
  const picked = pick === 'first' ? counting[0] : counting.at(-1);
  const passedOver = counting.filter((candidate) => candidate !== picked);
  if (picked !== undefined) return { picked, undone, counting, passedOver };
  const lastUndo = last && { by: last.by, undo: last.undo };
  return { undone, counting, passedOver, ...present({ lastUndo }) };
}

/**
 * An end with only a date counts from the start of its day, and an undo with only a date to the end of it. So an undo of
 * the same day undoes, unless `orders` says that it came before: where one of the two has no time, it may have.
 */
function isUndone(
  { point, at, occurrence: { occurred, sent } }: Placed,
  { by, undo, from, until }: Undo,
  type: string,
  { zone, orders }: Pick<Facts, 'zone' | 'orders'>,
): boolean {
  if (until < Math.min(startOf(point, zone), sent)) return false;
  const announced = Math.min(point.kind === 'date' ? at - 1 : at, sent);
  if (orders === undefined || from >= announced) return true;
  const [end, other] = [`${type} of ${occurred}`, `${by} of ${undo.occurred}`];
  const options = [`${other} came after ${end} and undid it`, `${other} came before ${end}`];
  return orders.choose(`undone ${occurred} ${sent} ${type} ${by} ${undo.occurred}`, options) === 0;
}

function place(occurrence: Occurrence, zone: string): Placed {
  const point = pointOf(occurrence.occurred);
  return { occurrence, point, at: endOf(point, zone) };
}

/** At one instant a date sorts before a time, so that the choice never depends on the order of the facts. */
function byTime(a: Placed, b: Placed): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.point.kind !== b.point.kind) return a.point.kind === 'date' ? -1 : 1;
  return a.occurrence.ref < b.occurrence.ref ? -1 : a.occurrence.ref > b.occurrence.ref ? 1 : 0;
}

interface Undo {
  readonly by: string;
  readonly undo: Occurrence;
  readonly until: Instant;
  /** The latest instant at which any undo surely had begun. */
  readonly from: Instant;
}

/** An occurrence that the latest undo leaves is left by every other. Of two at once, the one with the smaller reference. */
function latestUndo(state: EntityState, undoing: readonly string[], zone: string): Undo | undefined {
  let latest: Omit<Undo, 'from'> | undefined;
  let from = -Infinity;
  for (const by of undoing) {
    for (const undo of own(state.occurrences, by) ?? []) {
      const point = pointOf(undo.occurred);
      const until = lastInstant(point, zone);
      from = Math.max(from, startOf(point, zone));
      const isLater =
        latest === undefined ||
        until > latest.until ||
        (until === latest.until && undo.ref < latest.undo.ref);
      if (isLater) latest = { by, undo, until };
    }
  }
  return latest && { ...latest, from };
}

function lastInstant(point: Point, zone: string): Instant {
  return point.kind === 'date' ? endOf(point, zone) - 1 : startOf(point, zone);
}
