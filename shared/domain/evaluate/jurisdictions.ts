import { startOf } from '../calendar/calendar.ts';
import type { CategoryPolicy, JurisdictionFrom, Policy } from '../configuration/policy.ts';
import { chooseRules, dependsOnJurisdiction, isNamed, registeredAt } from '../configuration/precedence.ts';
import type { Chosen, Located } from '../configuration/precedence.ts';
import type { EntityState } from '../facts/facts.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';
import { unreadable } from './across-entities.ts';
import type { Subjects } from './across-entities.ts';
import { countOccurrences } from './counting.ts';
import type { Placed } from './counting.ts';

/** The rules that count for people in the same place, or in places for which the same rules count. */
export interface Choice {
  readonly chosen: Chosen;
  readonly located: readonly Located[];
}

export interface Choices {
  /** At least one. The rules of each count: what one of them keeps is kept. */
  readonly choices: readonly Choice[];
  /** The next instant at which a fact that is known already changes where somebody is. */
  readonly changesAt?: Instant;
}

/**
 * Which rules of a category count, by where the people are at `now`: what the latest fact says that has happened by then,
 * else what was registered, else the policy's default. Several people in different places have the rules of each.
 */
export function choicesOf(
  category: CategoryPolicy,
  policy: Policy,
  subjects: Subjects,
  now: Instant,
): Choices {
  if (!dependsOnJurisdiction(category))
    return { choices: [{ chosen: chooseRules(category, NOWHERE), located: [] }] };
  const { located, changesAt } = locatedAt(policy, subjects, now);
  const byRules = Map.groupBy(
    located.map((one) => ({ chosen: chooseRules(category, one), located: one })),
    ({ chosen: { rules, undetermined } }) => JSON.stringify([rules.map(({ id }) => id), undetermined]),
  );
  const choices = [...byRules.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ chosen: first.chosen, located: same.map((one) => one.located) }];
  });
  return { choices, ...present({ changesAt }) };
}

const NOWHERE: Located = { kind: 'unknown', reason: '' };

/** Every place at which somebody is whom the holding is about, once. */
function locatedAt(
  policy: Policy,
  subjects: Subjects,
  now: Instant,
): { readonly located: readonly Located[]; readonly changesAt?: Instant | undefined } {
  const registered = registeredAt(policy, subjects.attributes);
  const from = policy.jurisdictionFrom;
  const type = from && own(policy.events, from.event)?.entity;
  const people = subjects.entities.filter((entity) => entity.type === type);
  if (from === undefined || people.length === 0) return { located: [registered] };
  const found = new Map<string, Located>();
  const turns: Instant[] = [];
  const given = { policy, from, registered, zone: subjects.zone, now };
  for (const person of people) {
    const state = subjects.states.get(person.ref);
    const reason = unreadable(person, subjects);
    if (state === undefined || reason !== undefined) {
      found.set(reason ?? '', { kind: 'unknown', reason: reason ?? '' });
      continue;
    }
    const { places, changes } = placesOf(state, given);
    turns.push(...changes);
    for (const place of places) {
      const name = place.kind === 'known' ? JSON.stringify([place.jurisdiction]) : place.reason;
      if (!found.has(name)) found.set(name, place);
    }
  }
  return {
    located: [...found.values()],
    ...(turns.length > 0 && { changesAt: Math.min(...turns) }),
  };
}

/**
 * Where one person may be: one place, unless facts of one day have no time. A fact with only a date began somewhere in
 * its day, so on that day both places count, the former and the new one.
 */
function placesOf(
  state: EntityState,
  {
    policy,
    from: { event, attribute },
    registered,
    zone,
    now,
  }: {
    readonly policy: Policy;
    readonly from: JurisdictionFrom;
    readonly registered: Located;
    readonly zone: string;
    readonly now: Instant;
  },
): { readonly places: readonly Located[]; readonly changes: readonly Instant[] } {
  const spans = countOccurrences(state, event, 'last', { policy, zone }).counting.map((placed) => ({
    placed,
    from: startOf(placed.point, zone),
    by: placed.at,
  }));
  const begun = spans.filter(({ from }) => from <= now);
  const surely = begun.filter(({ by }) => by <= now);
  const current = begun.filter(
    (one) => !surely.some((later) => later.from > one.from && later.from >= one.by),
  );
  const personal = own(policy.events, event)?.personal ?? false;
  const told = current.map(({ placed }) => toldBy(placed, { event, attribute }, personal));
  return {
    places: surely.length > 0 ? told : [registered, ...told],
    changes: spans.flatMap(({ from, by }) => [from, by]).filter((instant) => instant > now),
  };
}

function toldBy({ occurrence }: Placed, { event, attribute }: JurisdictionFrom, personal: boolean): Located {
  const jurisdiction = own(occurrence.attributes, attribute);
  if (!isNamed(jurisdiction))
    return {
      kind: 'unknown',
      reason: `the latest ${event} has no attribute ${attribute}, which decides between the rules`,
    };
  return { kind: 'known', jurisdiction, fact: { type: event, occurred: occurrence.occurred, personal } };
}
