import { addPeriod, endOf, pointOf } from '../calendar/calendar.ts';
import type { Policy } from '../configuration/policy.ts';
import type { EntityState } from '../facts/facts.ts';
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
 * of the birthday. What is registered after the birthday on which a child is no longer one is not a child's.
 */
export function childrenFound(
  entityType: string,
  state: EntityState,
  { children, events, leapBirthday: _leapBirthday }: Policy,
  zone: string,
): readonly ChildFound[] {
  if (children === undefined) return [];
  const { under, born, found } = children;
  const isAbout = (event: string | undefined): event is string =>
    event !== undefined && own(events, event)?.entity === entityType;
  const births = isAbout(born) ? (own(state.occurrences, born) ?? []) : [];
  const grownUp = births.flatMap(({ occurred, sent }) => {
    const moved = addPeriod(pointOf(occurred), under, zone);
    return moved.kind === 'reached' ? [{ sent, until: endOf(moved.point, zone) }] : [];
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
