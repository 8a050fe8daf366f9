import { foldProfile } from '../../domain/configuration/fold-profile.ts';
import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import type { PolicySet } from '../../domain/configuration/policy.ts';
import type { EntityState } from '../../domain/facts/facts.ts';
import type { FoldProfile } from '../../domain/facts/facts.ts';
import { emptyState, refold } from '../../domain/facts/fold.ts';
import {
  changeOf,
  maskedFields,
  soonAfter,
  type Verdict,
  verdictOf,
  withAnnounced,
} from '../../domain/policy-plan/change.ts';
import type { PlannedSets } from '../../domain/policy-plan/planned-sets.ts';
import type { Compared } from '../../domain/policy-plan/tally.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { EntityRef, Instant } from '../../domain/record/ids.ts';
import { each } from '../../domain/each.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Core } from '../core.ts';
import { categoriesOf, entitiesOf, entityRefsOf, ownPolicies, planOf, type States } from '../plan-of.ts';

type Reader = Pick<Core, 'registry' | 'configuration'>;

/** What the one set of policies makes of these holdings, compared with the other. Nothing is written. */
export async function compareHoldings(
  core: Reader,
  { from, to }: PlannedSets,
  holdings: readonly Holding[],
  now: Instant,
): Promise<readonly Compared[]> {
  const open = holdings.filter(({ state }) => state === 'active' || state === 'pending');
  const touched = open.filter(
    (holding) => from === undefined || !hasSamePolicies(core, { from, to }, holding, now),
  );
  const states = await statesFor(core, from === undefined ? [to] : [from, to], entityRefsOf(touched));
  const isTouched = new Set(touched);
  return open.map((holding): Compared => {
    const verdict = (set: PolicySet): Verdict => verdictBy(core, set, { holding, states: states(set) }, now);
    const change = isTouched.has(holding)
      ? changeOf(from === undefined ? { kind: 'undated' } : verdict(from), verdict(to), now)
      : 'unchanged';
    const [category = ''] = categoriesOf(holding).toSorted();
    const { ref, store, collection } = holding;
    return { ref, store, category, change, isCollection: collection !== undefined };
  });
}

/** A plan depends on the policies of the holding's own categories only. */
function hasSamePolicies(
  core: Reader,
  { from, to }: Required<PlannedSets>,
  holding: Holding,
  now: Instant,
): boolean {
  return (
    ownPolicies(planningBy(core, from), holding, now) === ownPolicies(planningBy(core, to), holding, now)
  );
}

function verdictBy(
  core: Reader,
  set: PolicySet,
  { holding, states }: { readonly holding: Holding; readonly states: States },
  now: Instant,
): Verdict {
  if (entitiesOf(holding).some(({ ref }) => !states.has(ref))) return { kind: 'failed' };
  try {
    const plan = planOf(planningBy(core, set), holding, states, now);
    const fields = (): string => maskedFields(categoriesOf(holding), effectivePolicies(set, now));
    const verdict = verdictOf(plan, fields);
    const soon = soonAfter(now);
    if (plan.next?.heldByRule !== true && (plan.changesAt ?? Infinity) > soon) return verdict;
    const then = planOf(planningBy(core, set), holding, states, soon);
    return withAnnounced(verdict, verdictOf(then, fields), now);
  } catch {
    return { kind: 'failed' };
  }
}

function planningBy({ configuration }: Reader, policies: PolicySet): Pick<Core, 'configuration'> {
  return { configuration: { ...configuration, policies } };
}

/**
 * The folded facts as each of these sets needs them. A state that was folded for other policies is folded from the history
 * again, and is not stored: the lanes go on with the stored one. What cannot be read is left out: lanes cannot read it either,
 * so its records are kept, and one of them must not keep all lanes waiting for the end of the count.
 */
async function statesFor(
  core: Reader,
  sets: readonly PolicySet[],
  entities: readonly EntityRef[],
): Promise<(set: PolicySet) => States> {
  if (entities.length === 0) return () => new Map();
  const stored = await readableStates(core, entities);
  const profiles = new Map(sets.flatMap((set) => profileOf(set) ?? []).map((one) => [one.digest, one]));
  const known = new Map([...profiles.keys()].map((digest) => [digest, new Map<EntityRef, EntityState>()]));
  await each([...stored], 8, async ([entity, state]) => {
    const others = [...profiles.values()].filter((profile) => !isFoldedFor(state, profile));
    const history = others.length === 0 ? [] : await unlessDamaged(async () => core.registry.history(entity));
    if (history === undefined) return;
    for (const profile of profiles.values())
      known
        .get(profile.digest)
        ?.set(
          entity,
          others.includes(profile) ? refold(state, history, profile, 'everything') : atLeast(state, profile),
        );
  });
  return (set) => known.get(profileOf(set)?.digest ?? '') ?? new Map();
}

async function readableStates({ registry }: Reader, entities: readonly EntityRef[]): Promise<States> {
  const all = await unlessDamaged(async () => registry.states(entities));
  if (all !== undefined) return all;
  const states = new Map<EntityRef, EntityState>();
  await each(entities, 8, async (entity) => {
    const state = (await unlessDamaged(async () => registry.states([entity])))?.get(entity);
    if (state !== undefined) states.set(entity, state);
  });
  return states;
}

/** Nothing if an item was changed by hand so that it cannot be read. */
async function unlessDamaged<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === 'ITEM_INVALID') return undefined;
    throw error;
  }
}

/** Nothing for policies that another release compiled in a way that this one cannot read: no plan can be made by them. */
function profileOf(set: PolicySet): FoldProfile | undefined {
  try {
    return foldProfile(set);
  } catch {
    return undefined;
  }
}

function isFoldedFor({ version, profile, truncated }: EntityState, wanted: FoldProfile): boolean {
  return version === 0 || (profile === wanted.digest && truncated === undefined);
}

function atLeast(state: EntityState, profile: FoldProfile): EntityState {
  return state.version === 0 ? emptyState(profile) : state;
}
