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
import { notOnlyReached } from './erasure.ts';

/** Who of a holding's people has objected to a purpose. */
export interface Objections {
  /** Every entity of one type has: the purpose ended then, whatever its rule says. */
  readonly end?: Asked;
  /** Each time when somebody has, the earliest first, with those that had not by then. */
  readonly inOrder: readonly { readonly asked: Asked; readonly others: readonly AboutEntity[] }[];
}

/** A request of a person, and when it was made. */
export type Asked = Pick<RequestEffect, 'kind' | 'at' | 'request'>;

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
 * the purpose's rule. What the person undoes does not count for the person's accounts that it had reached either.
 */
export function objectionsTo(purpose: string, about: About): Objections {
  const undoing = undoingOf(about.rule, about.policy);
  const naming = about.entities.map((entity) => ({
    ...entity,
    ...namedBy(purpose, about.states.get(entity.ref), undoing, about),
  }));
  const objected = new Map<EntityRef, Asked>();
  for (const { ref, type, counting } of naming) {
    const others = naming.filter((other) => other.type !== type).flatMap(({ undone }) => undone);
    const asked = counting.find(({ request }) => !others.includes(request));
    if (asked !== undefined) objected.set(ref, asked);
  }
  if (objected.size === 0) return { inOrder: [] };
  const types = [...Map.groupBy(about.entities, ({ type }) => type).values()].map((entities) => ({
    entities,
    asked: entities.flatMap(({ ref }) => objected.get(ref) ?? []),
  }));
  const isWhole = ({ entities, asked }: (typeof types)[number]): boolean => asked.length === entities.length;
  const ofSome = new Set(
    types.filter((one) => !isWhole(one)).flatMap(({ asked }) => asked.map(({ request }) => request)),
  );
  const whole = types.filter(isWhole);
  const counting = notOnlyReached(
    whole.map(({ asked }) => asked),
    ofSome,
  );
  for (const { entities, asked } of whole)
    if (!counting.includes(asked)) for (const { ref } of entities) objected.delete(ref);
  const [end] = inOrder(counting.flatMap((asked) => inOrder(asked).slice(-1)));
  const times = inOrder([...objected.values()]).map((asked) => ({
    asked,
    others: about.entities.filter(({ ref }) => (objected.get(ref)?.at ?? Infinity) > asked.at),
  }));
  return { inOrder: times, ...present({ end }) };
}

function inOrder(asked: readonly Asked[]): readonly Asked[] {
  return asked.toSorted((a, b) => a.at - b.at);
}

/** What undoes the events of the rule, or events that are about one purpose each: consent that is given again. */
function undoingOf(rule: PolicyRule | undefined, { events }: Policy): readonly string[] {
  const ofRule = rule === undefined ? [] : [...eventsOf(rule.rule)];
  const byPurpose = Object.keys(events).filter((event) => own(events, event)?.byPurpose === true);
  return [...new Set([...ofRule, ...byPurpose].flatMap((event) => own(events, event)?.undoneBy ?? []))];
}

/** The requests of one entity that name the purpose: those that count, and the ids of those that were undone. */
function namedBy(
  purpose: string,
  state: EntityState | undefined,
  undoing: readonly string[],
  { zone, sent = -Infinity }: About,
): { readonly counting: readonly Asked[]; readonly undone: readonly string[] } {
  if (state === undefined) return { counting: [], undone: [] };
  const undos = undoing.flatMap((type) => own(state.occurrences, type) ?? []);
  const undoneUntil = Math.max(
    -Infinity,
    ...undos.map(({ occurred }) => {
      const point = pointOf(occurred);
      return endOf(point, zone) - (point.kind === 'date' ? 1 : 0);
    }),
  );
  const naming = requestsOf(state).filter(
    ({ scope }) => 'purposes' in scope && scope.purposes.includes(purpose),
  );
  const isUndone = ({ kind, at }: Asked): boolean => kind === 'object' && at <= undoneUntil;
  const isCounting = (effect: RequestEffect): boolean =>
    effect.kind === 'object' || (effect.kind === 'erase' && (effect.alsoLater || sent <= effect.at));
  return {
    counting: naming.filter((effect) => isCounting(effect) && !isUndone(effect)),
    undone: naming.filter(isUndone).map(({ request }) => request),
  };
}
