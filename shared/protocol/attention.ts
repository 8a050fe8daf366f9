import { effectivePolicies, policyOf } from '../domain/configuration/effective-policies.ts';
import { own } from '../domain/own.ts';
import { isHoldingReason, type OddEntity } from '../domain/record/attention.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { CensusCount } from '../ports/upkeep.ts';
import type { Core } from './core.ts';
import { categoriesOf, isPlannedByOthers } from './plan-of.ts';

type Configured = Pick<Core, 'configuration'>;

const DAY = 86_400_000;

/** What a holding is counted as: one of the reasons for which a person has to look at it, or another word. */
export function reasonOf(core: Configured, holding: Holding, now: Instant): string {
  const isOpen = holding.state === 'active' || holding.state === 'pending';
  if (isOpen && own(core.configuration.stores, holding.store) === undefined) return 'store-not-configured';
  if (holding.state === 'active' && isPlannedByOthers(core, holding, now)) return 'planned-by-old-policies';
  const decided = holding.decision?.reason ?? '';
  const isWaiting = decided === 'undetermined' || decided === 'never-had-a-fact';
  const isLong = now > holding.registeredAt + reportAfter(core, holding, now);
  if (isWaiting && isLong) return decided === 'undetermined' ? 'undetermined-for-long' : decided;
  if (!isWaiting && isHoldingReason(decided)) return decided;
  const [remark] = Object.keys(holding.remarks ?? {});
  if (remark !== undefined) return remark;
  if (holding.parked !== undefined) return 'held';
  // Also outside the lanes: what its store refuses until a date is in no chunk.
  const isLate = holding.state === 'active' && (holding.decision?.deadline ?? Infinity) < now;
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

/** Where a holding is counted: its first policy, and the status of its plan, or its state if it has none. */
export function placeOf(
  core: Configured,
  holding: Holding,
  now: Instant,
): { readonly policy: string; readonly status: string } {
  const effective = effectivePolicies(core.configuration.policies, now);
  return {
    policy: policyOf(categoriesOf(holding)[0] ?? '', effective)?.name ?? '',
    status: holding.state === 'active' ? (holding.decision?.status ?? 'unplanned') : holding.state,
  };
}

/** One row for each store, policy, status and reason. */
export function countsOf(core: Configured, holdings: readonly Holding[], now: Instant): CensusCount[] {
  return added(
    holdings.map((holding) => ({
      store: holding.store,
      ...placeOf(core, holding, now),
      reason: reasonOf(core, holding, now),
      count: 1,
      oldest: holding.registeredAt,
    })),
  );
}

/** Which of them need a person, by reason. */
export function listedOf(
  core: Configured,
  holdings: readonly Holding[],
  now: Instant,
): ReadonlyMap<string, readonly HoldingRef[]> {
  const listed = new Map<string, HoldingRef[]>();
  for (const holding of holdings) {
    const reason = reasonOf(core, holding, now);
    if (!isHoldingReason(reason)) continue;
    const refs = listed.get(reason) ?? [];
    refs.push(holding.ref);
    listed.set(reason, refs);
  }
  return listed;
}

/** Entities by the policy that declares their event, and their type. Registrations may follow an event within a day. */
export function countsOfEntities(
  core: Configured,
  entities: readonly OddEntity[],
  now: Instant,
): CensusCount[] {
  const effective = effectivePolicies(core.configuration.policies, now);
  return added(
    entities.flatMap(({ reason, type, events, since = now }) => {
      if (reason === 'facts-without-holdings' && events.length > 0 && since > now - DAY) return [];
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
    const name = JSON.stringify([one.store, one.policy, one.status, one.reason, one.code]);
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
