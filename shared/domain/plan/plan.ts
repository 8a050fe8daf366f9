import { evaluateRule } from '../evaluate/across-entities.ts';
import { actAtOf } from './act-at.ts';
import { formatInstant, isZone } from '../calendar/calendar.ts';
import { effectivePolicies, policiesDigest, policyOf } from '../configuration/effective-policies.ts';
import { type DoneStage, isDone } from './done.ts';
import { cappedRules } from './cap.ts';
import { cited } from './cited.ts';
import { coverageOf, erased, ERASURE_RULE } from './erasure.ts';
import { explainPlan } from './explain.ts';
import type { Considered } from './explain.ts';
import type { EntityState } from '../facts/facts.ts';
import { foldProfile } from '../configuration/fold-profile.ts';
import type { AboutEntity, PlanStatus } from '../record/about.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { joinGroups } from '../evaluate/join.ts';
import type { Deciding, Joined } from '../evaluate/join.ts';
import { own } from '../own.ts';
import { withoutOthers } from '../people/child-events.ts';
import type { Policy, PolicySet, Variant } from '../configuration/policy.ts';
import { present } from '../present.ts';
import { choicesOf } from '../evaluate/jurisdictions.ts';
import { actingByPeriod } from './personal-dates.ts';
import { mayEnd, purposesIn } from './purposes.ts';
import { redactionsOf } from './redactions.ts';
import { type ToStage, withParts, withPurposes } from './reductions.ts';
import { nextStage } from './next-stage.ts';
import { reasonPlan } from './reasoning.ts';
import type { Reasoning } from './reasoning.ts';
import { withRequests } from './with-requests.ts';
import type { PlannedStage, WinningFact, Window } from '../record/window.ts';

export type { PlannedStage } from '../record/window.ts';

export interface PlanInput {
  readonly categories: readonly string[];
  readonly entities: readonly AboutEntity[];
  /** At least one; the plan takes the one that keeps longer. One without its own categories or entities has all. */
  readonly variants: readonly Variant[];
  /** In the order in which they were carried out. */
  readonly done: readonly DoneStage[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly policies: PolicySet;
  /** Whether its store can restrict records. Absent: it cannot. */
  readonly canRestrict?: boolean;
  readonly now: Instant;
}

export interface Plan {
  readonly status: PlanStatus;
  /** The first stage that is not done, when it has a date. */
  readonly next?: PlannedStage;
  /** Weakest first. */
  readonly stages: readonly PlannedStage[];
  /** A fact that is known already changes the jurisdiction then, and with it perhaps the rules: it has to be planned again. */
  readonly changesAt?: Instant;
  /** Digest of the policies in effect at `now`. */
  readonly policies: string;
  /** Sentences: rules considered, the winner and by how much, facts used and ignored, what would change the result. */
  readonly explanation: readonly string[];
  /** The same for programs: per category, rule and bound, with each step and its date. */
  readonly reasoning: readonly Reasoning[];
}

/** Decides when each stage of a holding is due: a pure function, and the only source of dates. */
export function plan(input: PlanInput): Plan {
  const effective = effectivePolicies(input.policies, input.now);
  const considered = considerAll(effective, input, input.states);
  const exact = stagesOf(considered, input, effective);
  const dated = actingByPeriod(exact, { states: input.states, policies: effective }, (states) =>
    stagesOf(considerAll(effective, input, states), { ...input, states }, effective),
  );
  const located = factsOfPlaces(considered);
  const byRules = located.length === 0 ? dated : dated.map((stage) => ({ ...stage, located }));
  const { stages, pressing } = withRequests(byRules, considered, input, () =>
    stagesOf(considered, { ...input, done: [] }, effective),
  );
  const next = pressing ?? nextStage(stages);
  const changes = considered.flatMap(({ changesAt }) => changesAt ?? []);
  return {
    status: next === undefined ? statusWithout(stages) : 'due',
    ...present({ next }),
    stages,
    ...(changes.length > 0 && { changesAt: Math.min(...changes) }),
    policies: policiesDigest(input.policies, input.now),
    // Most plans are never explained: sentences are made when they are read.
    get explanation() {
      const purposes = mayEnd(input, effective) ? purposesIn(input, effective) : [];
      return explainPlan({ considered, stages, next, purposes, now: input.now });
    },
    get reasoning() {
      return reasonPlan(considered);
    },
  };
}

/** `states`: of the rules' events. Which rules count is always chosen by what is known. */
function considerAll(
  effective: readonly Policy[],
  input: PlanInput,
  states: PlanInput['states'],
): readonly Considered[] {
  const given = { effective, input, states };
  return input.categories.flatMap((category) =>
    input.variants
      .filter(({ categories = input.categories }) => categories.includes(category))
      .flatMap((variant) => consider(category, variant, given)),
  );
}

/** Where a fact says that somebody is. */
function factsOfPlaces(considered: readonly Considered[]): NonNullable<PlannedStage['located']> {
  const places = new Map<string, NonNullable<PlannedStage['located']>[number]>();
  for (const one of considered.flatMap(({ located = [] }) => located)) {
    if (one.kind === 'unknown' || one.fact === undefined) continue;
    const { jurisdiction, fact } = one;
    places.set(JSON.stringify([jurisdiction, fact.type, fact.occurred]), { jurisdiction, fact });
  }
  return [...places.values()];
}

function stagesOf(
  considered: readonly Considered[],
  input: PlanInput,
  effective: readonly Policy[],
): readonly PlannedStage[] {
  const { done } = input;
  const groups = considered.map(({ group }) => group);
  const byRules = joinGroups(groups).map((stage) => planStage(stage, done));
  const toStage: ToStage = (joined, part) => {
    const name = present({ part });
    return { ...planStage({ ...joined, ...name }, done), ...name };
  };
  const purposes = mayEnd(input, effective) ? purposesIn(input, effective) : [];
  const byPurposes =
    purposes.length === 0 ? byRules : withPurposes({ byRules, groups, purposes, done }, toStage);
  const registered = considered.flatMap((one) => one.registered ?? []);
  return withParts(byPurposes, redactionsOf(registered, groups, toStage));
}

function consider(
  category: string,
  variant: Variant,
  {
    effective,
    input,
    states,
  }: {
    readonly effective: readonly Policy[];
    readonly input: PlanInput;
    readonly states: PlanInput['states'];
  },
): readonly Considered[] {
  const policy = policyOf(category, effective);
  const categoryPolicy = policy && own(policy.categories, category);
  if (policy === undefined || categoryPolicy === undefined) {
    const undetermined = `no policy in effect covers category ${category}`;
    return [{ zone: 'UTC', group: { category, rules: [], undetermined } }];
  }
  const zone = variant.zone ?? policy.zone;
  if (!isZone(zone)) {
    const undetermined = 'the time zone of the holding is not valid';
    return [{ zone: 'UTC', group: { category, policy, rules: [], undetermined } }];
  }
  const subjects = {
    entities: variant.entities ?? input.entities,
    states: input.states,
    profile: foldProfile(input.policies).digest,
    zone,
    attributes: variant.attributes ?? {},
  };
  // What people asked for is read as it is known, whatever other dates the rules are tried with.
  const { entities } = subjects;
  const registered = {
    category,
    variant,
    policy,
    zone,
    entities,
    states: withoutOthers(entities, input.states),
  };
  const coverage = coverageOf(registered);
  const { choices, changesAt } = choicesOf(categoryPolicy, policy, subjects, input.now);
  return choices.map(({ chosen, located }) => {
    const rules = chosen.rules.map((rule) => {
      return { policy, rule, stages: evaluateRule(rule, policy, { ...subjects, states }, input.now) };
    });
    const unknown = chosen.undetermined === undefined ? {} : { undetermined: chosen.undetermined };
    const group = { category, policy, rules, ...unknown };
    const found = { zone, chosen, located, ...present({ changesAt }), registered, notCovered: coverage.open };
    if (coverage.erasure !== undefined) return { ...found, ...erased(group, coverage.erasure) };
    const { registeredAt } = variant;
    const capped = cappedRules(rules, categoryPolicy, { policy, subjects, registeredAt, now: input.now });
    return {
      ...found,
      ...present({ uncapped: capped?.uncapped }),
      group: { ...group, rules: capped?.rules ?? rules },
    };
  });
}

function planStage(joined: Joined, done: readonly DoneStage[]): PlannedStage {
  const { action } = joined;
  if (isDone(joined, done)) {
    return {
      action,
      status: 'done',
      reasons: [],
      ...origin(joined.kind === 'window' ? joined.permittedBy : joined.by),
    };
  }
  if (joined.kind !== 'window') {
    const tooMany = joined.tooMany === true ? ({ tooManyCombinations: true } as const) : {};
    return { action, status: joined.kind, reasons: joined.reasons, ...tooMany, ...origin(joined.by) };
  }

  const { notBefore, notAfter, floor, permittedBy, requiredBy, openHolds } = asAsked(joined);
  const decides = notBefore === undefined ? (requiredBy ?? permittedBy) : permittedBy;
  const window: Window = {
    ...present({ notBefore, notAfter }),
    floor,
    basis: decides.rule.basis,
  };
  const from = origin(decides, requiredBy);
  if (notBefore !== undefined && notAfter !== undefined && notBefore > notAfter) {
    const reason = conflictBetween({ at: notBefore, by: permittedBy }, { at: notAfter, by: requiredBy });
    return { action, status: 'conflict', window, reasons: [reason], ...from };
  }
  const actAt = actAtOf(window, decides.policy.leadSeconds);
  const deadline = notAfter ?? actAt + decides.policy.graceSeconds * 1000;
  const held = openHolds.length > 0 ? ({ heldByRule: true } as const) : {};
  const capped = decides.rule.isCap === true ? ({ capped: true } as const) : {};
  const personal = joined.floorIsPersonal ? ({ floorIsPersonal: true } as const) : {};
  return {
    action,
    status: 'due',
    window,
    actAt,
    deadline,
    ...held,
    ...capped,
    ...personal,
    reasons: openHolds,
    ...from,
  };
}

/** Where a maximum had passed when people asked for erasure, what they asked for is late by it, and no conflict. */
function asAsked(joined: Extract<Joined, { readonly kind: 'window' }>): typeof joined {
  const { notAfter, requiredBy: _, ...rest } = joined;
  const isPast = notAfter !== undefined && notAfter < (rest.notBefore ?? notAfter);
  return isPast && rest.permittedBy.rule === ERASURE_RULE ? rest : joined;
}

/** Which rule gives which date. Both are in the zone of the policy that permits. */
function conflictBetween(
  minimum: { readonly at: Instant; readonly by: Deciding },
  maximum: { readonly at: Instant; readonly by: Deciding | undefined },
): string {
  const { rule, policy } = minimum.by;
  const [from, until] = [minimum.at, maximum.at].map((at) => formatInstant(at, policy.zone));
  const required = maximum.by?.rule;
  const other = required === undefined || required === rule ? '' : `${cited(required)} `;
  return `${cited(rule)} allows it only from ${from} on, but ${other}requires it by ${until}`;
}

function origin(
  by: Deciding | undefined,
  also?: Deciding,
): Pick<PlannedStage, 'policy' | 'policyVersion' | 'ruleText' | 'facts'> {
  const facts = new Map<string, WinningFact>();
  for (const fact of [...(by?.facts ?? []), ...(also?.facts ?? [])])
    facts.set(`${fact.type} ${fact.occurred}`, fact);
  return {
    policy: by?.policy.name ?? '',
    policyVersion: by?.policy.version ?? '',
    ruleText: by?.rule.text ?? '',
    facts: [...facts.values()],
  };
}

function statusWithout(stages: readonly PlannedStage[]): PlanStatus {
  const order = ['conflict', 'undetermined', 'not-computable', 'never'] as const;
  return order.find((status) => stages.some((stage) => stage.status === status)) ?? 'done';
}
