import { endOf, pointOf } from '../calendar/calendar.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import type { EntityState } from '../facts/facts.ts';
import { own } from '../own.ts';
import { requestsOf } from '../people/effects.ts';
import type { RequestEffect } from '../people/effects.ts';
import { present } from '../present.ts';
import type { AboutEntity } from '../record/about.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { eventsOf } from '../rule/walk.ts';

/** Who of a holding's people has objected to a purpose. */
export interface Objections {
  /** Every entity of one type has: the purpose ended then, whatever its rule says. */
  readonly end?: Asked;
  /** Those that have not. */
  readonly others: readonly AboutEntity[];
  /** The last request. */
  readonly latest?: Asked;
}

/** A request of a person, and when it was made. */
export type Asked = Pick<RequestEffect, 'kind' | 'at'>;

interface About {
  readonly entities: readonly AboutEntity[];
  /** With the facts of this purpose. */
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly rule: PolicyRule | undefined;
  readonly policy: Policy;
  readonly zone: string;
  /** When the registration was sent. Absent: before everything that people asked for. */
  readonly sent: Instant | undefined;
}

/**
 * Who asked that their data is not used for the purpose any more, or is erased as far as it is held for it. An erasure
 * covers what was registered until then. An objection is undone like a withdrawal of consent: by what undoes the events of
 * the purpose's rule.
 */
export function objectionsTo(purpose: string, about: About): Objections {
  const undoing = about.rule === undefined ? [] : undoingOf(about.rule, about.policy);
  const objected = new Map<EntityRef, Asked>();
  for (const { ref } of about.entities) {
    const state = about.states.get(ref);
    const asked = state && askedBy(purpose, state, undoing, about);
    if (asked !== undefined) objected.set(ref, asked);
  }
  const others = about.entities.filter(({ ref }) => !objected.has(ref));
  if (objected.size === 0) return { others };
  const types = Map.groupBy(about.entities, ({ type }) => type);
  const ends = [...types.values()].flatMap((entities) => {
    const asked = entities.flatMap(({ ref }) => objected.get(ref) ?? []);
    return asked.length === entities.length ? inOrder(asked).slice(-1) : [];
  });
  const [end] = inOrder(ends);
  return { others, ...present({ end, latest: inOrder([...objected.values()]).at(-1) }) };
}

function inOrder(asked: readonly Asked[]): readonly Asked[] {
  return asked.toSorted((a, b) => a.at - b.at);
}

function undoingOf(rule: PolicyRule, { events }: Policy): readonly string[] {
  return [...eventsOf(rule.rule)].flatMap((event) => own(events, event)?.undoneBy ?? []);
}

function askedBy(
  purpose: string,
  state: EntityState,
  undoing: readonly string[],
  { zone, sent = -Infinity }: About,
): Asked | undefined {
  const undos = undoing.flatMap((type) => own(state.occurrences, type) ?? []);
  const undoneUntil = Math.max(
    -Infinity,
    ...undos.map(({ occurred }) => {
      const point = pointOf(occurred);
      return endOf(point, zone) - (point.kind === 'date' ? 1 : 0);
    }),
  );
  return requestsOf(state).find((effect) => {
    const { scope, at } = effect;
    if (!('purposes' in scope) || !scope.purposes.includes(purpose)) return false;
    if (effect.kind === 'object') return at > undoneUntil;
    return effect.kind === 'erase' && (effect.alsoLater || sent <= at);
  });
}
