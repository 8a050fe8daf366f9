import { endOf, pointOf } from '../calendar/calendar.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import type { EntityState } from '../facts/facts.ts';
import { own } from '../own.ts';
import { requestsOf } from '../people/effects.ts';
import { present } from '../present.ts';
import type { AboutEntity } from '../record/about.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { eventsOf } from '../rule/walk.ts';

/** Who of a holding's people has objected to a purpose. */
export interface Objections {
  /** Every entity of one type has: the purpose ended then, whatever its rule says. */
  readonly end?: Instant;
  /** Those that have not. */
  readonly others: readonly AboutEntity[];
  /** The last objection. */
  readonly latest?: Instant;
}

interface About {
  readonly entities: readonly AboutEntity[];
  /** With the facts of this purpose. */
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly rule: PolicyRule | undefined;
  readonly policy: Policy;
  readonly zone: string;
}

/** An objection is undone like a withdrawal: by what undoes the events of the purpose's rule. */
export function objectionsTo(purpose: string, about: About): Objections {
  const undoing = about.rule === undefined ? [] : undoingOf(about.rule, about.policy);
  const objected = new Map<EntityRef, Instant>();
  for (const { ref } of about.entities) {
    const state = about.states.get(ref);
    const at = state && objectedAt(purpose, state, undoing, about.zone);
    if (at !== undefined) objected.set(ref, at);
  }
  const others = about.entities.filter(({ ref }) => !objected.has(ref));
  if (objected.size === 0) return { others };
  const types = Map.groupBy(about.entities, ({ type }) => type);
  const ends = [...types.values()].flatMap((entities) => {
    const instants = entities.flatMap(({ ref }) => objected.get(ref) ?? []);
    return instants.length === entities.length ? [Math.max(...instants)] : [];
  });
  const end = ends.length === 0 ? undefined : Math.min(...ends);
  return { others, latest: Math.max(...objected.values()), ...present({ end }) };
}

function undoingOf(rule: PolicyRule, { events }: Policy): readonly string[] {
  return [...eventsOf(rule.rule)].flatMap((event) => own(events, event)?.undoneBy ?? []);
}

function objectedAt(
  purpose: string,
  state: EntityState,
  undoing: readonly string[],
  zone: string,
): Instant | undefined {
  const undos = undoing.flatMap((type) => own(state.occurrences, type) ?? []);
  const undoneUntil = Math.max(
    -Infinity,
    ...undos.map(({ occurred }) => {
      const point = pointOf(occurred);
      return endOf(point, zone) - (point.kind === 'date' ? 1 : 0);
    }),
  );
  const standing = requestsOf(state).filter(
    ({ kind, scope, at }) =>
      kind === 'object' && 'purposes' in scope && scope.purposes.includes(purpose) && at > undoneUntil,
  );
  return standing.length === 0 ? undefined : Math.min(...standing.map(({ at }) => at));
}
