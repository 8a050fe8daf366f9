import { digestOf, effectivePolicies, policyOf } from '../domain/configuration/effective-policies.ts';
import type { Variant } from '../domain/configuration/policy.ts';
import { timeZoneDatabase } from '../domain/calendar/calendar.ts';
import type { EntityState } from '../domain/facts/facts.ts';
import { factsIn } from '../domain/facts/odd-entity.ts';
import type { DoneStage } from '../domain/plan/done.ts';
import { type Plan, plan, type PlanInput, type PlannedStage } from '../domain/plan/plan.ts';
import { present } from '../domain/present.ts';
import type { AboutEntity } from '../domain/record/about.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import { isSameStage } from '../domain/record/stage-name.ts';
import { PLANNER } from '../domain/version.ts';
import type { Decision, Holding, HoldingVariant, StageDone } from '../domain/record/holding.ts';
import type { Core } from './core.ts';

/** Everything that is read off a holding by way of its plan. Pure: the same at ingestion, before acting and in answers. */

export type States = ReadonlyMap<EntityRef, EntityState>;
type Configured = Pick<Core, 'configuration'>;

/**
 * The holding's plan. A stage that was carried out counts as done only as long as nothing has moved it since, so it is
 * planned first as if nothing had been done.
 */
export function planOf(core: Configured, holding: Holding, states: States, now: Instant): Plan {
  const done = holding.done ?? [];
  const input = inputOf(core, holding, states, now);
  if (done.length === 0) return plan({ ...input, done: [] });
  const undone = plan({ ...input, done: [] });
  return plan({ ...input, done: doneOf(core, holding, undone.stages, now) });
}

/** What is planned, as if nothing had been done. */
export function inputOf(
  core: Configured,
  holding: Holding,
  states: States,
  now: Instant,
): Omit<PlanInput, 'done'> {
  return {
    categories: categoriesOf(holding),
    entities: entitiesOf(holding),
    variants: variantsOf(holding),
    states,
    policies: core.configuration.policies,
    canRestrict: core.configuration.stores[holding.store]?.restricts ?? false,
    now,
  };
}

/**
 * The stages that were carried out, in order. `isDueAgain`: new content was registered, or a fact moved them since. What
 * restricted a record may have to be lifted all the same.
 */
function doneOf(
  core: Configured,
  holding: Holding,
  stages: readonly PlannedStage[],
  now: Instant,
): readonly DoneStage[] {
  const inOrder = (holding.done ?? []).toSorted((a, b) => a.version - b.version);
  const standing = inOrder.filter((done) => !isLiftUndone(holding, done));
  return standing.map((done): DoneStage => {
    const planned = stages.find((one) => isSameStage({ ...one, stage: one.action }, done));
    const policies = policiesOf(core, { holding, planned }, now);
    const isDueAgain = isRewritten(holding, done) || isMoved(done, planned, policies);
    return {
      action: done.stage,
      at: done.at,
      ...present({ part: done.part, isDueAgain: isDueAgain || undefined }),
    };
  });
}

/** New content brings no restriction back. A restore may, and then a person has asked. */
function isLiftUndone(holding: Holding, done: StageDone): boolean {
  return done.stage === 'lift' && holding.look !== undefined && isRewritten(holding, done);
}

/** Content that came later may have brought data that the stage did not see. */
function isRewritten(holding: Holding, done: StageDone): boolean {
  return holding.variants.some(({ since }) => since > done.version);
}

/**
 * Whether facts moved the stage after it was carried out. An edit of the policy does not count: where the policies
 * changed as well, or where the facts are not known because the attempt died, only a fact that occurred after the act is certain to be one that the act did not know.
 */
function isMoved(done: StageDone, planned: PlannedStage | undefined, policies: string): boolean {
  if (planned === undefined || factsOf(planned) === done.facts) return false;
  if (done.facts !== '' && heldForIn(factsOf(planned)) !== heldForIn(done.facts)) return true;
  if (policies === done.policies && done.facts !== '') return true;
  return planned.facts.some(({ occurred }) => Date.parse(occurred) > done.at);
}

/** The purposes that a record was registered for are no facts, and no edit of the policy changes them. */
function heldForIn(facts: string): string | undefined {
  return facts.split(' ')[1];
}

/**
 * Digest of the facts that decided a stage, and another of the purposes that a reduction depends on: one that is no longer registered
 * leaves fields to mask. It outlives the facts, and a date can be guessed from its digest: of a
 * personal one only the month goes into it, and the time of the act, which tells no more.
 */
export function factsOf(stage: PlannedStage): string {
  const facts = stage.facts.map(({ type, occurred, personal }) =>
    personal ? `${type} ${occurred.slice(0, 'YYYY-MM'.length)} ${stage.actAt ?? ''}` : `${type} ${occurred}`,
  );
  const digest = digestOf(facts.toSorted()).slice(0, 16);
  return stage.heldFor === undefined ? digest : `${digest} ${digestOf(stage.heldFor).slice(0, 16)}`;
}

interface Planned {
  readonly holding: Holding;
  readonly plan: Plan;
  readonly states: States;
}

export function decisionOf(
  core: Configured,
  { holding, plan: result, states }: Planned,
  now: Instant,
): Decision {
  const { next } = result;
  return {
    status: result.status,
    policies: ownPolicies(core, holding, now),
    ...present({
      stage: next?.action,
      actAt: next?.actAt,
      // While a rule holds it, it is kept rightly, and not overdue.
      deadline: next?.heldByRule === true ? undefined : next?.deadline,
      reason: reasonOf(result, holding, states),
      changesAt: result.changesAt,
    }),
  };
}

/** What a list of what needs a person says about it. */
function reasonOf({ status, next, stages }: Plan, holding: Holding, states: States): string | undefined {
  const { deadline, window } = next ?? {};
  if (deadline !== undefined && window !== undefined && deadline < window.floor)
    return 'deadline-before-floor';
  if (status === 'undetermined' || next?.capped === true) {
    if (stages.some(({ tooManyCombinations }) => tooManyCombinations)) return 'too-many-combinations';
    return hasFact(holding, states) ? 'undetermined' : 'never-had-a-fact';
  }
  return status === 'due' || status === 'done' || status === 'never' ? undefined : status;
}

function hasFact(holding: Holding, states: States): boolean {
  return entitiesOf(holding).some(({ ref }) => {
    const state = states.get(ref);
    return state !== undefined && factsIn(state) !== undefined;
  });
}

/**
 * Digest of the policies in effect that cover the holding's categories, of the planner and of the time-zone database; and of
 * whether its store restricts records: then a law that keeps what was to be erased leads to another plan.
 */
export function ownPolicies(core: Configured, holding: Holding, now: Instant): string {
  const effective = effectivePolicies(core.configuration.policies, now);
  const own = categoriesOf(holding)
    .toSorted()
    .map((category) => policyOf(category, effective));
  const digest = digestOfPolicies(own);
  const { restricts = false } = core.configuration.stores[holding.store] ?? {};
  return restricts ? restrictingDigest(digest) : digest;
}

const restricting = new Map<string, string>();

/** There are few: a census asks for each holding. */
function restrictingDigest(digest: string): string {
  const found = restricting.get(digest) ?? digestOf([digest, 'restricts']);
  restricting.set(digest, found);
  return found;
}

/**
 * The policies by which a stage was planned, and the jurisdictions whose rules they were: somebody who moves to another
 * one has other rules, as after an edit of the policy.
 */
export function policiesOf(
  core: Configured,
  { holding, planned }: { readonly holding: Holding; readonly planned?: PlannedStage | undefined },
  now: Instant,
): string {
  const policies = ownPolicies(core, holding, now);
  if (planned?.located === undefined) return policies;
  const jurisdictions = planned.located.map(({ jurisdiction }) => jurisdiction);
  return digestOf([policies, unique(jurisdictions).toSorted()]);
}

/** Whether it still has to be planned by the policies in effect. */
export function isPlannedByOthers(core: Configured, holding: Holding, now: Instant): boolean {
  const isOpen = holding.state === 'active' || holding.state === 'pending';
  return isOpen && holding.decision?.policies !== ownPolicies(core, holding, now);
}

/** Names of the policies in effect that cover the holding's categories. */
export function policyNamesOf(core: Configured, holding: Holding, now: Instant): readonly string[] {
  const effective = effectivePolicies(core.configuration.policies, now);
  return unique(categoriesOf(holding).flatMap((category) => policyOf(category, effective)?.name ?? []));
}

const digests = new WeakMap<object, Map<string, string>>();

/** Policies are compiled once and live as long as the process: their digests are computed once, too. */
function digestOfPolicies(policies: readonly ReturnType<typeof policyOf>[]): string {
  const first = policies.find((policy) => policy !== undefined);
  if (first === undefined) return digestOf({ software: PLANNER.since, tzdata: timeZoneDatabase() });
  const known = digests.get(first) ?? new Map<string, string>();
  digests.set(first, known);
  const name = policies
    .map((policy) => (policy === undefined ? '' : `${policy.name} ${policy.version}`))
    .join('\n');
  const digest =
    known.get(name) ??
    digestOf({ software: PLANNER.since, tzdata: timeZoneDatabase(), policies: [...new Set(policies)] });
  known.set(name, digest);
  return digest;
}

export function categoriesOf({ variants }: Pick<Holding, 'variants'>): readonly string[] {
  return unique(variants.flatMap(({ categories }) => categories));
}

/** Every entity that any variant names, once. */
export function entitiesOf({ variants }: Pick<Holding, 'variants'>): readonly AboutEntity[] {
  const byRef = new Map<EntityRef, AboutEntity>();
  for (const { entities } of variants) for (const entity of entities) byRef.set(entity.ref, entity);
  return [...byRef.values()];
}

export function entityRefsOf(holdings: readonly Pick<Holding, 'variants'>[]): readonly EntityRef[] {
  return unique(holdings.flatMap((holding) => entitiesOf(holding).map(({ ref }) => ref)));
}

/** The entities that have a role, by role; nothing if none has. */
function rolesOf({ variants }: Pick<Holding, 'variants'>): Variant['roles'] {
  const named = variants.flatMap(({ entities }) => entities).filter(({ role }) => role !== undefined);
  if (named.length === 0) return undefined;
  const byRole = Map.groupBy(named, ({ role = '' }) => role);
  return Object.fromEntries([...byRole].map(([role, same]) => [role, unique(same.map(({ ref }) => ref))]));
}

/** Pooled by producer: what one registered waits for its own entities only. */
function variantsOf({ variants }: Holding): readonly Variant[] {
  const byContent = new Map<string, Variant>();
  for (const { producer, zone, attributes, sent } of variants) {
    const own = variants.filter((variant) => variant.producer === producer);
    const key = JSON.stringify([
      producer,
      zone ?? '',
      Object.entries(attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    const known = byContent.get(key)?.sent ?? sent;
    byContent.set(key, {
      producer,
      // Of several contents the latest: what was registered later is not covered by what was asked before.
      sent: Math.max(known, sent),
      categories: categoriesOf({ variants: own }),
      purposes: unique(own.flatMap(({ purposes }) => (purposes.length === 0 ? [''] : purposes))),
      ...present({ roles: rolesOf({ variants: own }) }),
      entities: entitiesOf({ variants: own }),
      registeredAt: Math.max(...own.map((variant) => variant.registeredAt ?? variant.received)),
      ...present({ zone, attributes }),
    });
  }
  return [...byContent.values()];
}

/** The latest registration's clock: from here the write lag runs. */
export function lastRegistered({ variants, registeredAt }: Holding): Instant {
  return Math.max(registeredAt, ...variants.map(({ received }) => received));
}

/** The longest write lag of the holding's policies, in milliseconds. */
export function writeLagOf(core: Configured, holding: Holding, now: Instant): number {
  const effective = effectivePolicies(core.configuration.policies, now);
  const lags = categoriesOf(holding).map((category) => policyOf(category, effective)?.writeLagSeconds ?? 0);
  return Math.max(0, ...lags) * 1000;
}

/** Whose share of a lane the holding's work is: the first to register it. */
export function producerOf({
  variants,
}: {
  readonly variants: readonly Pick<HoldingVariant, 'producer'>[];
}): string {
  return variants[0]?.producer ?? '';
}

export function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)];
}
