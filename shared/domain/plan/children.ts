import { addPeriod, pointOf, startOf } from '../calendar/calendar.ts';
import type { Point } from '../calendar/calendar.ts';
import { birthday } from '../calendar/rounding.ts';
import type { ChildPolicy, Policy } from '../configuration/policy.ts';
import type { EntityState, Occurrence } from '../facts/facts.ts';
import { earliest } from '../facts/occurrence-time.ts';
import { own } from '../own.ts';
import { reachedFrom } from '../people/child-events.ts';
import type { AboutEntity } from '../record/about.ts';
import type { EntityRef, Instant } from '../record/ids.ts';

/** From when it is known that the person is a child, and until when what is registered about the person is a child's. */
export interface ChildFound {
  /** The event that says so. */
  readonly type: string;
  readonly at: Instant;
  readonly until: Instant;
  /** Who the child is: the person itself, or the person whose account this is. */
  readonly person: EntityRef;
}

/**
 * A person is found to be a child by an event that says so, or by a date of birth: as of the time when that was sent, not
 * of the birthday. What is registered from the birthday on, on which a child is no longer one, is not a child's. A birth that
 * was still to come when it was sent is a mistake, and tells nothing. Of several births none of which corrects another, the
 * earliest counts, whichever was sent last: where they do not agree, it is not known that the person is a child.
 *
 * An account has what was sent about its person, and only that.
 */
export function childrenFound(
  entity: AboutEntity,
  state: EntityState,
  policy: Policy,
  zone: string,
): readonly ChildFound[] {
  const { children } = policy;
  if (children === undefined) return [];
  const { born, found } = children;
  const births = sentAbout(entity, state, policy, born);
  const days = births.flatMap(({ occurred, sent }) =>
    earliest(occurred) > sent ? [] : (noLongerChild(pointOf(occurred), children, policy, zone) ?? []),
  );
  const grownUp = days.length === 0 ? undefined : Math.min(...days.map((day) => startOf(day, zone)));
  const finding = (one: Occurrence, type: string, until: Instant): ChildFound => {
    return { type, at: one.sent, until, person: reachedFrom(one) ?? entity.ref };
  };
  const byBirth = births.flatMap((one) =>
    born !== undefined && grownUp !== undefined && earliest(one.occurred) <= one.sent && one.sent < grownUp
      ? [finding(one, born, grownUp)]
      : [],
  );
  // Without a date of birth it is not known until when: what is registered later needs to be found again.
  const bySaying =
    found === undefined
      ? []
      : sentAbout(entity, state, policy, found).map((one) =>
          finding(one, found, Math.max(one.sent, grownUp ?? one.sent)),
        );
  return [...byBirth, ...bySaying];
}

/** The events of this type that happened to the person, whose account the entity may be. */
function sentAbout(
  { type }: AboutEntity,
  { occurrences }: EntityState,
  { events }: Policy,
  event: string | undefined,
): readonly Occurrence[] {
  const happensTo = event === undefined ? undefined : own(events, event)?.entity;
  if (event === undefined || happensTo === undefined) return [];
  const sent = own(occurrences, event) ?? [];
  return sent.filter((one) => (reachedFrom(one) === undefined) === (happensTo === type));
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
