import { ERASURE_TEXT } from '../people/request-texts.ts';
import { formatInstant } from '../calendar/calendar.ts';
import { isoUtc } from '../calendar/utc-time.ts';
import type { Policy, PolicyRule, Variant } from '../configuration/policy.ts';
import type { StageBounds } from '../evaluate/across-entities.ts';
import { type Determined, openingOf } from '../evaluate/evaluated.ts';
import type { EvaluatedRule, Group, Joined } from '../evaluate/join.ts';
import type { EntityState } from '../facts/facts.ts';
import { own } from '../own.ts';
import { childrenFound } from './children.ts';
import { covers, ERASE_REQUESTED, requestsOf } from '../people/effects.ts';
import type { AboutEntity } from '../record/about.ts';
import type { EntityRef, Instant, Occurred } from '../record/ids.ts';
import type { WinningFact } from '../record/window.ts';

/** From when a category under one registration has to be erased, because people asked for it. */
export interface Erasure {
  readonly at: Instant;
  readonly facts: readonly WinningFact[];
  /** Whose rules gave way. */
  readonly gaveWay: readonly PolicyRule[];
}

/** `open`: it was asked for, and does not cover this. */
export interface Coverage {
  readonly erasure?: Omit<Erasure, 'gaveWay'>;
  readonly open: readonly string[];
}

/** What was asked for one entity, by a request or because a child was found. */
interface Asked {
  readonly at: Instant;
  readonly fact: WinningFact;
  /** What was registered until then is covered, too. */
  readonly until: Instant;
  readonly called: string;
  /** Its id, or the person who is a child: the same in each entity that it reaches. */
  readonly request?: string;
}

export interface Registered {
  readonly category: string;
  readonly variant: Variant;
  readonly policy: Policy;
  readonly zone: string;
  /** Those that the registration is about. */
  readonly entities: readonly AboutEntity[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
}

/**
 * Whether people asked for the erasure of what was registered. Of several entities of one type all have to ask, unless the
 * category says that one is enough: it is about the others, too. Of several types those of one are enough: the person's own record of an order goes with the person.
 */
export function coverageOf(registered: Registered): Coverage {
  const open: string[] = [];
  const whole: (readonly Asked[])[] = [];
  const ofSome = new Set<string>();
  const isOneEnough =
    own(registered.policy.categories, registered.category)?.subjects?.onRequest === 'delete';
  for (const [type, entities] of Map.groupBy(registered.entities, (entity) => entity.type)) {
    const asked = entities.map((entity) => askedFor(entity, registered));
    for (const { reasons } of asked) open.push(...reasons);
    const covering = asked.flatMap(({ covered }) => covered ?? []);
    if (covering.length === 0) continue;
    if (covering.length < entities.length && !isOneEnough) {
      open.push(`${covering.length} of ${entities.length} entities of type ${type} have asked for erasure`);
      for (const { request } of entities.flatMap((entity) => allAsked(entity, registered)))
        if (request !== undefined) ofSome.add(request);
      continue;
    }
    whole.push(covering);
  }
  let first: Omit<Erasure, 'gaveWay'> | undefined;
  for (const covering of notOnlyReached(whole, ofSome)) {
    const instants = covering.map((one) => one.at);
    const at = isOneEnough ? Math.min(...instants) : Math.max(...instants);
    if (first === undefined || at < first.at) first = { at, facts: covering.map(({ fact }) => fact) };
  }
  return { open: [...new Set(open)], ...(first && { erasure: first }) };
}

/**
 * Of what all entities of a type have asked: without what is only a person's request that has reached the person's
 * account. It says nothing of the other persons. `ofSome`: requests of types of which others have not asked.
 */
export function notOnlyReached<One extends { readonly request?: string }>(
  whole: readonly (readonly One[])[],
  ofSome: ReadonlySet<string>,
): readonly (readonly One[])[] {
  const requests = whole.map((asked) => new Set(asked.map(({ request }) => request)));
  return whole.filter((asked, index) => {
    if (asked.every(({ request }) => request !== undefined && ofSome.has(request))) return false;
    const own = [...(requests[index] ?? [])];
    return !requests.some((others) => own.length < others.size && own.every((one) => others.has(one)));
  });
}

/** The earliest that covers the registration, or why none does. */
export function askedFor(
  entity: AboutEntity,
  registered: Registered,
): { readonly covered?: Asked; readonly reasons: readonly string[] } {
  const all = allAsked(entity, registered);
  const { sent = -Infinity } = registered.variant;
  const covered = all.find(({ until }) => sent <= until);
  if (covered !== undefined) return { covered, reasons: [] };
  const last = all.at(-1);
  if (last === undefined) return { reasons: [] };
  return { reasons: [`registered after the ${last.called} of ${formatInstant(last.at, registered.zone)}`] };
}

function allAsked(entity: AboutEntity, registered: Registered): readonly Asked[] {
  const { category, variant, policy, zone, states } = registered;
  const state = states.get(entity.ref);
  if (state === undefined) return [];
  const requests = requestsOf(state).flatMap((effect): Asked[] => {
    if (effect.kind !== 'erase' || !covers(effect.scope, { ...variant, category })) return [];
    const until = effect.alsoLater ? Infinity : effect.at;
    const { at, request } = effect;
    return [{ at, request, fact: factOf(ERASE_REQUESTED, at), until, called: 'erasure request' }];
  });
  const found = childrenFound(entity, state, policy, zone).map(({ type, at, until, person }): Asked => {
    const called = 'finding that the person is a child';
    return { at, request: `child ${person}`, fact: factOf(type, at, true), until, called };
  });
  return [...requests, ...found].toSorted((a, b) => a.at - b.at);
}

function factOf(type: string, at: Instant, personal = false): WinningFact {
  return { type, occurred: isoUtc(at) as Occurred, personal };
}

/**
 * The category with the erasure in place of the policy's rules, whether they had a date or not. What the law keeps stays,
 * and so do holds that are open in the rules that give way. Where nothing says which rules count, all stays as it is: one
 * of them may be a law.
 */
export function erased(
  group: Group,
  asked: Omit<Erasure, 'gaveWay'>,
): { readonly group: Group; readonly erasure?: Erasure } {
  const { policy, rules, undetermined } = group;
  if (policy === undefined || undetermined !== undefined) return { group };
  const { at, facts } = asked;
  const gaveWay = rules.filter(({ rule }) => rule.basis === 'policy');
  const law = rules.filter(({ rule }) => rule.basis === 'law');
  const openHolds = gaveWay.flatMap(({ stages }) => stages.flatMap((stage) => stage.openHolds));
  const steps = facts.map(({ type, occurred }) => {
    return { kind: 'fact', type, occurred: occurred as Occurred, pick: 'first', of: 1 } as const;
  });
  const bound: Determined = { ...askedAt(at, facts), steps };
  const erasing: EvaluatedRule = {
    policy,
    rule: ERASURE_RULE,
    stages: [{ action: 'delete', notBefore: bound, openHolds: [...new Set(openHolds)] }],
  };
  const rest = law.map((rule) => ({
    ...rule,
    stages: rule.stages.flatMap((stage) => underErasure(stage, at)),
  }));
  return {
    group: { ...group, rules: [erasing, ...rest] },
    erasure: { at, facts, gaveWay: gaveWay.map(({ rule }) => rule) },
  };
}

/** From when something is to be done because people asked for it. */
export function askedAt(at: Instant, facts: readonly WinningFact[]): Determined {
  return { kind: 'determined', point: { kind: 'instant', at }, at, floor: at, facts, steps: [] };
}

/** As the log and `explain` name it. */
export const ERASURE_RULE: PolicyRule = {
  id: ERASE_REQUESTED,
  level: 'category',
  text: ERASURE_TEXT,
  rule: {
    stages: [{ action: 'delete', notBefore: { kind: 'event', name: ERASE_REQUESTED, pick: 'first' } }],
  },
  basis: 'policy',
  across: 'latest',
};

/**
 * A law's minimum keeps from deletion, whatever else it says is to be done then. A law's maximum only says by when, and
 * does not delay what was asked for.
 */
export function underErasure(stage: StageBounds, at: Instant): readonly StageBounds[] {
  const opening = openingOf(stage);
  if (opening === undefined) return [];
  const { side, bound } = opening;
  if (side === 'notAfter') {
    if (bound.kind !== 'determined') return [];
    return [{ ...stage, notAfter: { ...bound, floor: Math.min(bound.floor, at) } }];
  }
  const keeping: StageBounds = { action: 'delete', notBefore: bound, openHolds: stage.openHolds };
  return stage.action === 'delete' ? [stage] : [stage, keeping];
}

/** What the law keeps although everything was to be erased: from when that counts, and which law. */
export interface KeptByLaw {
  readonly at: Instant;
  /** Until when, if that is known. */
  readonly until?: Instant;
  readonly law: PolicyRule;
  readonly facts: readonly WinningFact[];
}

/**
 * What the law keeps of a holding whose every category has an erasure. What was registered later, or for another category, is
 * still used, so the caller asks only where all is covered.
 */
export function keptByLaw(erasures: readonly Erasure[], joined: readonly Joined[]): KeptByLaw | undefined {
  const [first] = erasures;
  if (first === undefined) return undefined;
  const last = erasures.reduce((latest, next) => (next.at > latest.at ? next : latest), first);
  const deletion = joined.find(({ action }) => action === 'delete');
  if (deletion === undefined) return undefined;
  const by = deletion.kind === 'window' ? deletion.permittedBy : deletion.by;
  if (by?.rule.basis !== 'law') return undefined;
  const kept = { at: last.at, law: by.rule, facts: last.facts };
  if (deletion.kind !== 'window') return kept;
  const until = Math.max(deletion.notBefore ?? deletion.floor, deletion.floor);
  return until > last.at ? { ...kept, until } : undefined;
}
