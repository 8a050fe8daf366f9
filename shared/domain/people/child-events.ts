import type { Policy, PolicySet } from '../configuration/policy.ts';
import type { EntityState, Occurrence } from '../facts/facts.ts';
import { own } from '../own.ts';
import type { AboutEntity, Attributes } from '../record/about.ts';
import type { EntityRef } from '../record/ids.ts';

const NONE: ReadonlySet<string> = new Set();
const known = new WeakMap<PolicySet, ReadonlyMap<string, ReadonlySet<string>>>();

/** The events of entities of this type by which any version of any policy knows children. */
export function childEvents(policySet: PolicySet, entityType: string): ReadonlySet<string> {
  const byType = known.get(policySet) ?? eventsByType(policySet.policies);
  known.set(policySet, byType);
  return byType.get(entityType) ?? NONE;
}

function eventsByType(policies: readonly Policy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byType = new Map<string, Set<string>>();
  for (const { children, events } of policies)
    for (const event of [children?.born, children?.found]) {
      const type = event === undefined ? undefined : own(events, event)?.entity;
      if (event === undefined || type === undefined) continue;
      byType.set(type, (byType.get(type) ?? new Set()).add(event));
    }
  return byType;
}

/** Whose fact it is that an account has. No attribute of a policy can have this name. */
const OF_PERSON = '@person';
const OF_TYPE = '@personType';

/** What an account has of a fact of its person: a request, or what says whether the person is a child. */
export function ofPerson({ type, ref }: AboutEntity, attributes: Attributes = {}): Attributes {
  return { ...attributes, [OF_PERSON]: ref, [OF_TYPE]: type };
}

/** The person whose fact this is, if the entity has it because it is an account of that person. */
export function reachedFrom({ attributes }: Pick<Occurrence, 'attributes'>): EntityRef | undefined {
  const person = attributes?.[OF_PERSON];
  return typeof person === 'string' ? (person as EntityRef) : undefined;
}

/**
 * The states without what has reached an account from a person, where another one is named with the account. It is not there
 * for long, but it must not count until it is taken back.
 */
export function withoutOthers(
  entities: readonly AboutEntity[],
  states: ReadonlyMap<EntityRef, EntityState>,
): ReadonlyMap<EntityRef, EntityState> {
  const isOfOther = ({ attributes }: Occurrence): boolean =>
    attributes?.[OF_PERSON] !== undefined &&
    entities.some(({ type, ref }) => type === attributes[OF_TYPE] && ref !== attributes[OF_PERSON]);
  const changed = entities.flatMap(({ ref }): [EntityRef, EntityState][] => {
    const state = states.get(ref);
    if (state === undefined || !Object.values(state.occurrences).some((all) => all.some(isOfOther)))
      return [];
    const left = Object.entries(state.occurrences).map(([type, all]) => [
      type,
      all.filter((one) => !isOfOther(one)),
    ]);
    return [[ref, { ...state, occurrences: Object.fromEntries(left) }]];
  });
  return changed.length === 0 ? states : new Map([...states, ...changed]);
}
