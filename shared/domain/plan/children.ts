import { addPeriod, pointOf, startOf } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { birthday } from '../calendar/rounding.ts';
import type { ChildPolicy, Policy } from '../configuration/policy.ts';
import type { EntityState } from '../facts/facts.ts';
import { earliest } from '../facts/occurrence-time.ts';
import { own } from '../own.ts';
import type { Instant } from '../record/ids.ts';

/** From when it is known that the person is a child, and until when what is registered about the person is a child's. */
export interface ChildFound {
  /** The event that says so. */
  readonly type: string;
  readonly at: Instant;
  readonly until: Instant;
}

/**
 * A person is found to be a child by an event that says so, or by a date of birth: as of the time when that was sent, not
 * of the birthday. What is registered from the birthday on, on which a child is no longer one, is not a child's. A birth that
 * was still to come when it was sent is a mistake, and tells nothing.
 */
export function childrenFound(
  entityType: string,
  state: EntityState,
  policy: Policy,
  zone: string,
): readonly ChildFound[] {
  const { children, events } = policy;
  if (children === undefined) return [];
  const { born, found } = children;
  const isAbout = (event: string | undefined): event is string =>
    event !== undefined && own(events, event)?.entity === entityType;
  const births = isAbout(born) ? (own(state.occurrences, born) ?? []) : [];
  const grownUp = births.flatMap(({ occurred, sent }) => {
    const day =
      earliest(occurred) > sent ? undefined : noLongerChild(pointOf(occurred), children, policy, zone);
    return day === undefined ? [] : [{ sent, until: startOf(day, zone) }];
  });
  const byBirth = grownUp.flatMap(({ sent, until }) =>
    isAbout(born) && sent < until ? [{ type: born, at: sent, until }] : [],
  );
  const bySaying = isAbout(found)
    ? (own(state.occurrences, found) ?? []).map(({ sent }) => {
        // Without a date of birth it is not known until when: what is registered later needs to be found again.
        const until = Math.max(sent, ...grownUp.map((one) => one.until));
        return { type: found, at: sent, until };
      })
    : [];
  return [...byBirth, ...bySaying];
}

/** The birthday on which a person is no longer a child, or for an age in months the day. Nothing beyond the calendar. */
function noLongerChild(
  birth: Point,
  { under }: ChildPolicy,
  { leapBirthday = '03-01' }: Policy,
  zone: string,
): Point | undefined {
  const { years, ...others } = under;
  if (years !== undefined && Object.keys(others).length === 0)
    return birthday(birth, years, leapBirthday, zone);
  const moved = addPeriod(birth, under, zone);
  return moved.kind === 'reached' ? moved.point : undefined;
}
