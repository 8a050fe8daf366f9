import { effectivePolicies, policyOf } from '../domain/configuration/effective-policies.ts';
import type { Policy } from '../domain/configuration/policy.ts';
import { own } from '../domain/own.ts';
import { isHoldingReason, type OddEntity } from '../domain/record/attention.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { CensusCount } from '../ports/upkeep.ts';
import type { Core } from './core.ts';
import { isOverdue } from './overdue.ts';
import { categoriesOf, isPlannedByOthers, unique } from './plan-of.ts';

type Configured = Pick<Core, 'configuration'>;

const DAY = 86_400_000;

/*
 * What a hold of a wide scope covers: every record that is not disposed of has a row for its store, and one for each of
 * its policies and categories.
 */
export const IN_STORE = 'in-store';
export const IN_POLICY = 'in-policy';
export const IN_CATEGORY = 'in-category';

/** Whether it counts what a scope covers, and not what a record is like. */
export function countsScope({ reason }: CensusCount): boolean {
  return reason === IN_STORE || reason === IN_POLICY || reason === IN_CATEGORY;
}

/**
 * What a holding is counted as: one of the reasons for which a person has to look at it, or another word. `mayBeOld`:
 * false if its policies were compared already, and are those in effect.
 */
export function reasonOf(core: Configured, holding: Holding, now: Instant, mayBeOld = true): string {
  const isOpen = holding.state === 'active' || holding.state === 'pending';
  if (isOpen && own(core.configuration.stores, holding.store) === undefined) return 'store-not-configured';
  const isOld = mayBeOld && holding.state === 'active' && isPlannedByOthers(core, holding, now);
  if (isOld) return 'planned-by-old-policies';
  const decided = holding.decision?.reason ?? '';
  const isWaiting = decided === 'undetermined' || decided === 'never-had-a-fact';
  const isLate = isOverdue(holding, now);
  // A cap gives a date to what waits, too: once that has passed, it is overdue like everything else.
  if (isWaiting && !isLate && now > holding.registeredAt + reportAfter(core, holding, now))
    return decided === 'undetermined' ? 'undetermined-for-long' : decided;
  if (!isWaiting && isHoldingReason(decided)) return decided;
  const [remark] = Object.keys(holding.remarks ?? {});
  if (remark !== undefined) return remark;
  if (holding.parked !== undefined) return 'held';
  // Also outside the lanes: what its store refuses until a date is in no chunk.
  if (isLate) return 'overdue';
  return isWaiting ? 'undetermined' : decided;
}

/** The shortest of its policies', in milliseconds. */
function reportAfter(core: Configured, holding: Holding, now: Instant): number {
  const effective = effectivePolicies(core.configuration.policies, now);
  const seconds = categoriesOf(holding).flatMap(
    (category) => policyOf(category, effective)?.reportAfterSeconds ?? [],
  );
  return seconds.length === 0 ? 0 : Math.min(...seconds) * 1000;
}

/**
 * Where a holding is counted: its first policy, the status of its plan, or its state if it has none, and the teams that own
 * its categories.
 */
export function placeOf(
  holding: Holding,
  effective: readonly Policy[],
): { readonly policy: string; readonly status: string; readonly owner?: string } {
  const category = holding.variants[0]?.categories[0] ?? '';
  const owners = ownersOf(holding, effective);
  return {
    policy: policyOf(category, effective)?.name ?? '',
    status: holding.state === 'active' ? (holding.decision?.status ?? 'unplanned') : holding.state,
    ...(owners.length > 0 && { owner: owners.join(', ') }),
  };
}

export function ownersOf(holding: Holding, effective: readonly Policy[]): readonly string[] {
  const owners = categoriesOf(holding).flatMap(
    (category) => own(policyOf(category, effective)?.categories, category)?.owner ?? [],
  );
  return unique(owners).toSorted();
}

export interface Counted {
  /** One row for each store, policy, status and reason. */
  readonly counts: CensusCount[];
  /** Which holdings need a person, by reason. */
  readonly listed: ReadonlyMap<string, readonly HoldingRef[]>;
}

/** `planned`: those that had to be planned first; the others were planned by the policies in effect. */
export function countHoldings(
  core: Configured,
  holdings: readonly Holding[],
  planned: ReadonlyMap<HoldingRef, Holding>,
  now: Instant,
): Counted {
  const effective = effectivePolicies(core.configuration.policies, now);
  const listed = new Map<string, HoldingRef[]>();
  const counts = holdings.map((holding) => {
    const reason = reasonOf(core, holding, now, planned.has(holding.ref));
    if (isHoldingReason(reason)) {
      const refs = listed.get(reason) ?? [];
      refs.push(holding.ref);
      listed.set(reason, refs);
    }
    const { store, registeredAt } = holding;
    return { store, ...placeOf(holding, effective), reason, count: 1, oldest: registeredAt };
  });
  const covered = holdings.flatMap((holding) => scopesOf(holding, effective));
  return { counts: added([...counts, ...covered]), listed };
}

function scopesOf(holding: Holding, effective: readonly Policy[]): readonly CensusCount[] {
  const { state, store, registeredAt } = holding;
  if (state !== 'active' && state !== 'pending') return [];
  const categories = categoriesOf(holding);
  const policyNames = categories.map((category) => policyOf(category, effective)?.name ?? '');
  const row = { store, policy: '', status: state, count: 1, oldest: registeredAt };
  return [
    { ...row, reason: IN_STORE },
    ...[...new Set(policyNames)].map((policy) => ({ ...row, policy, reason: IN_POLICY })),
    ...categories.map((code) => ({ ...row, code, reason: IN_CATEGORY })),
  ];
}

/** Entities by the policy that declares their event, and their type. What belongs to an event may follow within a day. */
export function countsOfEntities(
  core: Configured,
  entities: readonly OddEntity[],
  now: Instant,
): CensusCount[] {
  const effective = effectivePolicies(core.configuration.policies, now);
  return added(
    entities.flatMap(({ reason, type, events, since = now }) => {
      if (reason === 'facts-without-holdings' && events.length > 0 && since > now - DAY) return [];
      if (reason === 'corrections-without-event' && since > now - DAY) return [];
      const declares = effective.find((policy) =>
        events.some((event) => Object.hasOwn(policy.events, event)),
      );
      const entity = events.flatMap((event) => own(declares?.events ?? {}, event)?.entity ?? [])[0];
      const code = type ?? entity ?? '';
      const policy = declares?.name ?? '';
      return [{ store: '', policy, status: 'entity', reason, code, count: 1, oldest: since }];
    }),
  );
}

export function added(counts: readonly CensusCount[]): CensusCount[] {
  const sums = new Map<string, CensusCount>();
  for (const one of counts) {
    const name = `${one.store}\n${one.policy}\n${one.status}\n${one.reason}\n${one.code ?? ''}\n${one.owner ?? ''}`;
    const sum = sums.get(name);
    sums.set(
      name,
      sum === undefined
        ? one
        : { ...one, count: sum.count + one.count, oldest: Math.min(sum.oldest, one.oldest) },
    );
  }
  return [...sums.values()];
}
