import { OBJECTION_TEXT } from '../people/request-texts.ts';
import { formatInstant, isZone } from '../calendar/calendar.ts';
import { isoUtc } from '../calendar/utc-time.ts';
import type { MasksInZone } from '../configuration/masks-of.ts';
import type { Policy, PolicyRule, PolicySet, Variant } from '../configuration/policy.ts';
import { policyOf } from '../configuration/effective-policies.ts';
import { foldProfile } from '../configuration/fold-profile.ts';
import { evaluateRule } from '../evaluate/across-entities.ts';
import type { StageBounds, Subjects } from '../evaluate/across-entities.ts';
import { openingOf } from '../evaluate/evaluated.ts';
import type { Determined } from '../evaluate/evaluated.ts';
import type { EntityState } from '../facts/facts.ts';
import { purposeOf } from '../facts/purpose-of.ts';
import { own } from '../own.ts';
import { withoutOthers } from '../people/child-events.ts';
import { ERASE_REQUESTED, OBJECTED } from '../people/effects.ts';
import { present } from '../present.ts';
import type { AboutEntity } from '../record/about.ts';
import type { EntityRef, Instant, Occurred } from '../record/ids.ts';
import { actAtOf } from './act-at.ts';
import { ERASURE_RULE } from './erasure.ts';
import { type Asked, objectionsTo } from './objections.ts';

/** A rule that ends a purpose, evaluated under one registration. */
export interface EvaluatedEnd {
  readonly policy: Policy;
  readonly rule: PolicyRule;
  readonly zone: string;
  readonly stage: StageBounds;
}

/** From when a purpose has ended: what was held for it may be masked, and is due to be. */
export interface PurposeEnd extends EvaluatedEnd {
  /** Never before that. */
  readonly at: Instant;
}

/**
 * What is known of one purpose of a holding. `lives`: no rule ends it. `undetermined`: what ends it has not happened, or
 * is not known. Both keep what the purpose needs. `ended`: at an instant, perhaps in the future.
 */
export type Standing =
  | { readonly kind: 'lives'; readonly reason: string }
  | { readonly kind: 'undetermined'; readonly reasons: readonly string[] }
  | { readonly kind: 'ended'; readonly end: PurposeEnd };

export interface PurposeStanding {
  readonly purpose: string;
  readonly standing: Standing;
  /** The rules that end it, under each registration that names it. */
  readonly evaluated: readonly EvaluatedEnd[];
  /** Its fields, by every policy that it is held under. */
  readonly fields: readonly MasksInZone[];
  /** Where no policy in effect has it: the fields that it has in any version. They are kept as long as it lives. */
  readonly formerFields: readonly string[];
  /** Holds of its rules that are open, also where something else has ended it: it needs its fields until they end. */
  readonly openHolds: readonly string[];
}

/** What of a plan the purposes depend on. */
export interface PurposeInput {
  readonly categories: readonly string[];
  readonly entities: readonly AboutEntity[];
  readonly variants: readonly Variant[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly policies: PolicySet;
  readonly now: Instant;
}

/**
 * The purposes that any registration names, each with its end. It ends when it has ended under every registration that
 * names it, and by every policy in effect that has it.
 */
export function purposesIn(input: PurposeInput, effective: readonly Policy[]): readonly PurposeStanding[] {
  const names = new Set(input.variants.flatMap(({ purposes = [] }) => purposes));
  return [...names].map((purpose) => {
    const found = input.variants
      .filter(({ purposes = [] }) => purposes.includes(purpose))
      .flatMap((variant) => underVariant(purpose, variant, input, effective));
    return {
      purpose,
      standing: together(found.map(({ standing }) => standing)),
      evaluated: found.flatMap(({ evaluated }) => evaluated ?? []),
      fields: fieldsOf(purpose, new Set(found.flatMap(({ policy }) => policy ?? []))),
      formerFields: found.every(({ policy }) => policy !== undefined)
        ? []
        : fieldsOf(purpose, new Set(input.policies.policies)).flatMap(({ masks }) => Object.keys(masks)),
      openHolds: [...new Set(found.flatMap(({ openHolds = [] }) => openHolds))],
    };
  });
}

/** In the order of the policies' names. */
function fieldsOf(purpose: string, policies: ReadonlySet<Policy>): readonly MasksInZone[] {
  const inOrder = [...policies].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return inOrder.flatMap(({ purposePolicies, zone }) => {
    const masks = own(purposePolicies, purpose)?.fields;
    return masks === undefined ? [] : [{ masks, zone }];
  });
}

interface UnderPolicy {
  readonly standing: Standing;
  readonly policy?: Policy;
  readonly evaluated?: EvaluatedEnd;
  readonly openHolds?: readonly string[];
}

function underVariant(
  purpose: string,
  variant: Variant,
  input: PurposeInput,
  effective: readonly Policy[],
): readonly UnderPolicy[] {
  const categories = variant.categories ?? input.categories;
  const policies = new Set(categories.flatMap((category) => policyOf(category, effective) ?? []));
  const having = [...policies].filter(({ purposes = [] }) => purposes.includes(purpose));
  if (having.length === 0)
    return [{ standing: { kind: 'lives', reason: 'no policy in effect has this purpose' } }];
  return having.map((policy) => {
    return { policy, ...standingOf(purpose, policy, variant, input) };
  });
}

/** Lives by one, or unknown by one: it has not ended. Otherwise the last end counts. */
function together(all: readonly Standing[]): Standing {
  const open = all.find(({ kind }) => kind === 'lives') ?? all.find(({ kind }) => kind === 'undetermined');
  if (open !== undefined) return open;
  const ends = all.flatMap((standing) => (standing.kind === 'ended' ? [standing.end] : []));
  const [first] = ends;
  if (first === undefined) return { kind: 'lives', reason: 'nothing is registered for it' };
  return { kind: 'ended', end: ends.reduce((last, end) => (end.at > last.at ? end : last), first) };
}

function standingOf(
  purpose: string,
  policy: Policy,
  variant: Variant,
  input: PurposeInput,
): Omit<UnderPolicy, 'policy'> {
  const zone = variant.zone ?? policy.zone;
  if (!isZone(zone))
    return { standing: { kind: 'undetermined', reasons: ['the time zone of the holding is not valid'] } };
  const rule = own(policy.purposePolicies, purpose)?.rule;
  const entities = variant.entities ?? input.entities;
  const states = statesFor(purpose, policy, withoutOthers(entities, input.states));
  const objections = objectionsTo(purpose, {
    entities,
    states,
    rule,
    policy,
    zone,
    sent: variant.sent,
  });
  const objected =
    objections.end === undefined ? undefined : endOfObjection(objections.end, { policy, zone });
  if (rule === undefined) {
    if (objected !== undefined) return { standing: { kind: 'ended', end: objected }, evaluated: objected };
    return { standing: { kind: 'lives', reason: 'the policy names nothing that ends it' } };
  }
  const subjects: Omit<Subjects, 'entities'> = {
    states,
    profile: foldProfile(input.policies).digest,
    zone,
    attributes: variant.attributes ?? {},
  };
  // For those who have not objected by then, the rule has to have ended it.
  const ways = [{ others: entities, asked: undefined }, ...objections.inOrder].flatMap(
    ({ others, asked }) => {
      const [stage] = evaluateRule(rule, policy, { ...subjects, entities: others }, input.now);
      if (stage === undefined) return [];
      const evaluated = { policy, rule, zone, stage };
      const after = asked && endOfObjection(asked, { policy, zone });
      return [{ standing: later(ending(evaluated), after), evaluated }];
    },
  );
  const [all] = ways;
  const last = ways.at(-1);
  if (all === undefined || last === undefined)
    return { standing: { kind: 'undetermined', reasons: ['the rule gives no date'] } };
  const found = ways.reduce((best, way) => (endOf(way.standing) < endOf(best.standing) ? way : best), last);
  const { openHolds } = all.evaluated.stage;
  return { standing: earlier(found.standing, objected), evaluated: found.evaluated, openHolds };
}

function endOf(standing: Standing): Instant {
  return standing.kind === 'ended' ? standing.end.at : Infinity;
}

function later(byRule: Standing, asked: PurposeEnd | undefined): Standing {
  if (asked === undefined || byRule.kind !== 'ended' || byRule.end.at >= asked.at) return byRule;
  return { kind: 'ended', end: asked };
}

function earlier(byRule: Standing, objected: PurposeEnd | undefined): Standing {
  if (objected === undefined || (byRule.kind === 'ended' && byRule.end.at <= objected.at)) return byRule;
  return { kind: 'ended', end: objected };
}

/** Only the facts of the purpose, where an event is about one purpose. */
function statesFor(
  purpose: string,
  { events }: Policy,
  states: ReadonlyMap<EntityRef, EntityState>,
): ReadonlyMap<EntityRef, EntityState> {
  const types = Object.keys(events).filter((type) => own(events, type)?.byPurpose === true);
  if (types.length === 0) return states;
  return new Map(
    [...states].map(([ref, state]) => {
      const occurrences = { ...state.occurrences };
      for (const type of types)
        if (own(occurrences, type) !== undefined)
          occurrences[type] = (occurrences[type] ?? []).filter((one) => purposeOf(one) === purpose);
      return [ref, { ...state, occurrences }];
    }),
  );
}

function ending(evaluated: EvaluatedEnd): Standing {
  const { notBefore, notAfter } = evaluated.stage;
  const opening = openingOf({ notBefore, notAfter })?.bound;
  if (opening?.kind !== 'determined')
    return { kind: 'undetermined', reasons: opening?.reasons ?? ['the rule has no bound'] };
  const from = notBefore?.kind === 'determined' ? notBefore.at : undefined;
  const until = notAfter?.kind === 'determined' ? notAfter : undefined;
  if (from !== undefined && until !== undefined && from > until.at) {
    const [earliest, latest] = [from, until.at].map((at) => formatInstant(at, evaluated.zone));
    const reason = `the rule ends it not before ${earliest} and not after ${latest}`;
    return { kind: 'undetermined', reasons: [reason] };
  }
  const floor = Math.max(opening.floor, until?.floor ?? opening.floor);
  const window = { floor, ...present({ notBefore: from, notAfter: until?.at }) };
  return { kind: 'ended', end: { ...evaluated, at: actAtOf(window, evaluated.policy.leadSeconds) } };
}

/** As if a rule of the policy ended it then. */
function endOfObjection(
  { kind, at }: Asked,
  { policy, zone }: { readonly policy: Policy; readonly zone: string },
): PurposeEnd {
  const occurred = isoUtc(at) as Occurred;
  const type = kind === 'erase' ? ERASE_REQUESTED : OBJECTED;
  const bound: Determined = {
    kind: 'determined',
    point: { kind: 'instant', at },
    at,
    floor: at,
    facts: [{ type, occurred, personal: false }],
    steps: [{ kind: 'fact', type, occurred, pick: 'first', of: 1 }],
  };
  const rule = kind === 'erase' ? ERASURE_RULE : OBJECTION_RULE;
  const end = { policy, rule, zone, stage: { action: 'delete', notBefore: bound, openHolds: [] } } as const;
  return { ...end, at: actAtOf({ notBefore: at, floor: at }, policy.leadSeconds) };
}

/** As the log and `explain` name it. */
const OBJECTION_RULE: PolicyRule = {
  id: OBJECTED,
  level: 'category',
  text: OBJECTION_TEXT,
  rule: { stages: [{ action: 'delete', notBefore: { kind: 'event', name: OBJECTED, pick: 'first' } }] },
  basis: 'policy',
  across: 'latest',
};

/** Whether any purpose of the holding can end: most policies only list their names. */
export function mayEnd({ variants, entities, states }: PurposeInput, effective: readonly Policy[]): boolean {
  const named = variants.flatMap(({ purposes = [] }) => purposes);
  if (named.length === 0) return false;
  const isRuled = effective.some(({ purposePolicies }) =>
    named.some((purpose) => own(purposePolicies, purpose)?.rule !== undefined),
  );
  return isRuled || [...entities, ...variants.flatMap((one) => one.entities ?? [])].some(hasObjected(states));
}

function hasObjected(states: ReadonlyMap<EntityRef, EntityState>): (entity: AboutEntity) => boolean {
  return ({ ref }) =>
    [OBJECTED, ERASE_REQUESTED].some((type) => (own(states.get(ref)?.occurrences, type) ?? []).length > 0);
}
