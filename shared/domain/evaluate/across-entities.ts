import type { Action } from '../record/actions.ts';
import { isStoreAction } from '../record/actions.ts';
import { evaluateLongest, openHoldsInAnyOrder } from './either-order.ts';
import { mostFinal } from './evaluated.ts';
import type { Determined, Evaluated, Facts, Unknown } from './evaluated.ts';
import type { EntityState } from '../facts/facts.ts';
import type { AboutEntity, Attributes } from '../record/about.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import type { Moment } from '../rule/ast.ts';
import { namesHold } from './open-holds.ts';
import { interned } from './intern.ts';
import { eventsIn } from '../rule/walk.ts';

/** The entities of a holding and what is known about them, in the zone of one registration. */
export interface Subjects {
  readonly entities: readonly AboutEntity[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  /** Digest of the fold profile that the policies need now. */
  readonly profile: string;
  readonly zone: string;
  readonly attributes: Attributes;
  /** As in `Facts`. */
  readonly assumeAbsent?: false;
}

/** Both bounds of one stage of one rule. */
export interface StageBounds {
  readonly action: Action;
  readonly notBefore?: Evaluated;
  readonly notAfter?: Evaluated;
  /** Holds of the two bounds that are open now, or why that is not known: while there are any, nothing is done. */
  readonly openHolds: readonly string[];
}

/** More combinations than any record needs. Beyond that the result is undetermined, not slow. */
const MOST_COMBINATIONS = 2000;

/** Evaluates a rule for each entity of its events' types; the policy says whether the latest or earliest result counts. */
export function evaluateRule(
  rule: PolicyRule,
  policy: Policy,
  subjects: Subjects,
  now: Instant,
): readonly StageBounds[] {
  const bound = { rule, policy, subjects, memo: new Map<Moment, Evaluated>() };
  return interned(rule.rule).stages.flatMap((stage) => {
    const { action, notBefore, notAfter } = stage;
    // Steps for people have dates, which `due.ts` computes; no store carries them out.
    if (!isStoreAction(action)) return [];
    return {
      action,
      ...(notBefore && { notBefore: evaluateBound(notBefore, bound) }),
      ...(notAfter && { notAfter: evaluateBound(notAfter, bound) }),
      openHolds: [notBefore, notAfter].flatMap((moment) => (moment ? openHoldsOf(moment, bound, now) : [])),
    };
  });
}

interface BoundOf {
  readonly rule: PolicyRule;
  readonly policy: Policy;
  readonly subjects: Subjects;
  /** Of the moments of this rule. */
  readonly memo?: Map<Moment, Evaluated>;
}

export function evaluateBound(moment: Moment, bound: BoundOf): Evaluated {
  const each = factsOf(moment, bound);
  if ('kind' in each) return each;
  return across(
    each.map((facts) => evaluateLongest(moment, facts)),
    bound.rule.across,
  );
}

/** Of any of the entities: one that is held keeps the holding, whichever date counts. */
function openHoldsOf(moment: Moment, bound: BoundOf, now: Instant): readonly string[] {
  if (!namesHold(moment)) return [];
  const each = factsOf(moment, bound);
  if ('kind' in each) return each.reasons;
  return [...new Set(each.flatMap((facts) => openHoldsInAnyOrder(moment, facts, now)))];
}

/** The facts of each combination of the entities that the moment's events happen to. */
function factsOf(moment: Moment, { policy, subjects, memo }: BoundOf): readonly Facts[] | Unknown {
  const needed = typesOf(moment, policy);
  const concerned = subjects.entities.filter((entity) => needed.has(entity.type));
  const unread = concerned
    .map((entity) => unreadable(entity, subjects))
    .find((reason) => reason !== undefined);
  if (unread !== undefined) return { kind: 'undetermined', reasons: [unread], steps: [], why: 'waits' };

  const combinations = combine([...needed], concerned, subjects);
  if (combinations === undefined) {
    const reason = `the holding is about more than ${MOST_COMBINATIONS} combinations of entities`;
    return { kind: 'undetermined', reasons: [reason], steps: [], why: 'waits', tooMany: true };
  }
  const { zone, attributes, assumeAbsent } = subjects;
  const given = { policy, zone, attributes, ...(assumeAbsent === false && { assumeAbsent }) };
  // With one entity of each type, all bounds of the rule see the same facts.
  const shared = combinations.length === 1 && memo !== undefined ? { memo } : {};
  return combinations.map((states) => ({ ...given, ...shared, stateFor: (type) => states.get(type) }));
}

const types = new WeakMap<Policy, WeakMap<Moment, ReadonlySet<string>>>();

/** Types of the entities that the moment's events happen to: looked up once for each policy. */
function typesOf(moment: Moment, policy: Policy): ReadonlySet<string> {
  const ofPolicy = types.get(policy) ?? new WeakMap<Moment, ReadonlySet<string>>();
  types.set(policy, ofPolicy);
  const known = ofPolicy.get(moment);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const event of eventsIn(moment)) {
    const type = own(policy.events, event)?.entity;
    if (type !== undefined) found.add(type);
  }
  ofPolicy.set(moment, found);
  return found;
}

/** Why nothing can be said about an entity. A sentence without a full stop. */
export function unreadable(entity: AboutEntity, subjects: Subjects): string | undefined {
  const state = subjects.states.get(entity.ref);
  if (state === undefined) return `the facts of the ${entity.type} were not read`;
  if (state.version === 0 || state.profile === subjects.profile) return undefined;
  return `the facts of the ${entity.type} were folded for other policies and have to be rebuilt from their history`;
}

/** One state of each type in every combination. A type without an entity has none: its events are undetermined. */
function combine(
  types: readonly string[],
  concerned: readonly AboutEntity[],
  subjects: Subjects,
): Map<string, EntityState>[] | undefined {
  let combinations: Map<string, EntityState>[] = [new Map()];
  for (const type of types) {
    const states = concerned.flatMap((entity) =>
      entity.type === type ? (subjects.states.get(entity.ref) ?? []) : [],
    );
    if (states.length === 0) continue;
    if (combinations.length * states.length > MOST_COMBINATIONS) return undefined;
    combinations = combinations.flatMap((known) => states.map((state) => new Map(known).set(type, state)));
  }
  return combinations;
}

/** If one is undetermined, so is the whole, also for the earliest: the missing one might never allow it. */
function across(results: readonly Evaluated[], which: 'latest' | 'earliest'): Evaluated {
  const [only] = results;
  if (only !== undefined && results.length === 1) return only;
  const known = results.filter((result): result is Determined => result.kind === 'determined');
  const relevant =
    which === 'earliest' && known.length > 0 ? results.filter(({ kind }) => kind !== 'never') : results;
  const unknown = mostFinal(relevant.map((result) => ({ result })));
  if (unknown !== undefined) return { ...unknown, steps: results.flatMap(({ steps }) => steps) };
  const winner = known.reduce((best, next) =>
    (which === 'latest' ? next.at > best.at : next.at < best.at) ? next : best,
  );
  const floor = which === 'latest' ? Math.max(...known.map((result) => result.floor)) : winner.floor;
  return {
    ...winner,
    floor,
    steps: [...winner.steps, { kind: 'entity', across: which, of: results.length }],
  };
}
