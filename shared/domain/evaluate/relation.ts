import { formatInstant, startOf } from '../calendar/calendar.ts';
import type { Placed } from './counting.ts';
import type { Determined, Facts } from './evaluated.ts';

/** What occurrences are compared with: a moment that may lie anywhere from the start of `day` on, before `at`. */
export type Compared = Pick<Determined, 'point' | 'at' | 'day' | 'event'>;

/** The occurrences of one event, on the two sides of a moment. `plain`: the calendar alone says where it lies. */
export type Side = 'before' | 'after' | 'plain';

/**
 * On which side of a moment each occurrence lies. An event with only a date happened at an unknown time of that day: where
 * the other one is of the same day, too, both sides are possible, and `facts.orders` says which is taken. Of several
 * such occurrences of one day, any number may be on one side.
 */
export function sidesOf(
  name: string,
  occurrences: readonly Placed[],
  of: Compared,
  facts: Facts,
): ReadonlyMap<Placed, Side> {
  const sides = new Map<Placed, Side>();
  const open = new Map<string, Placed[]>();
  for (const placed of occurrences) {
    const side = sideOf(name, placed, of, facts.zone);
    if (side !== 'either') sides.set(placed, side);
    else {
      const day = placed.point.kind === 'date' ? placed.occurrence.occurred : 'with a time';
      open.set(day, [...(open.get(day) ?? []), placed]);
    }
  }
  for (const [day, group] of open) {
    const before = numberBefore({ name, day, group }, of, facts);
    for (const [index, placed] of group.entries()) sides.set(placed, index < before ? 'before' : 'after');
  }
  return sides;
}

function sideOf(name: string, placed: Placed, of: Compared, zone: string): Side | 'either' {
  const isDate = placed.point.kind === 'date';
  if (of.day === undefined && (!isDate || of.point.kind !== 'instant')) return 'plain';
  // Of two occurrences of one event on one date, neither is the later one; and no occurrence is before or after itself.
  const { occurred } = placed.occurrence;
  if (of.event?.type === name && of.event.occurred === occurred) return 'plain';
  const [first, last] = isDate ? [startOf(placed.point, zone), placed.at - 1] : [placed.at, placed.at];
  const [from, until] = of.day === undefined ? [of.at, of.at] : [startOf(of.day, zone), lastOf(of)];
  // At the very end of the span, an instant may also be the same one.
  if (first > until || (isDate && first === until)) return 'after';
  return last > from ? 'either' : 'before';
}

function lastOf({ point, at }: Compared): number {
  return point.kind === 'instant' ? at : at - 1;
}

function numberBefore(
  { name, day, group }: { readonly name: string; readonly day: string; readonly group: readonly Placed[] },
  of: Compared,
  { orders, zone }: Facts,
): number {
  if (orders === undefined) return 0;
  const other = namedAs(of, zone);
  const key = `${name} ${day} ${of.day === undefined ? '' : 'on'} ${of.at} ${other}`;
  const [only] = group;
  const what = `${name} of ${(group.length === 1 ? only?.occurrence.occurred : only?.occurrence.occurred.slice(0, 10)) ?? day}`;
  const options = Array.from({ length: group.length + 1 }, (_, before) =>
    group.length === 1
      ? `${what} came ${before === 1 ? 'before' : 'after'} ${other}`
      : `${before} of ${group.length} ${what} came before ${other}`,
  );
  return orders.choose(key, options);
}

function namedAs({ point, at, event }: Compared, zone: string): string {
  if (event !== undefined) return `${event.type} of ${event.occurred}`;
  return point.kind === 'instant' ? formatInstant(at, zone) : point.date;
}
