import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { timeZoneDatabase } from '../calendar/calendar.ts';
import type { Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import { PLANNER } from '../version.ts';
import type { Policy, PolicySet } from './policy.ts';

/** The newest version of each policy with `effectiveFrom <= now`. */
export function effectivePolicies(policySet: PolicySet, now: Instant): readonly Policy[] {
  const newest = new Map<string, Policy>();
  for (const policy of policySet.policies) {
    if (policy.effectiveFrom > now) continue;
    const known = newest.get(policy.name);
    if (known === undefined || policy.effectiveFrom >= known.effectiveFrom) newest.set(policy.name, policy);
  }
  return [...newest.values()];
}

/** The policy that a category belongs to, if one in effect covers it. */
export function policyOf(category: string, effective: readonly Policy[]): Policy | undefined {
  return effective.find((policy) => own(policy.categories, category) !== undefined);
}

const digests = new WeakMap<PolicySet, Map<string, string>>();

/** Digest of the policies in effect at `now`, the engine and the time-zone database: 32 hex digits of SHA-256 over RFC 8785 JSON. */
export function policiesDigest(policySet: PolicySet, now: Instant): string {
  const known = digests.get(policySet) ?? new Map<string, string>();
  digests.set(policySet, known);
  const effective = effectivePolicies(policySet, now);
  const key = effective.map((policy) => policySet.policies.indexOf(policy)).join(',');
  const digest =
    known.get(key) ?? digestOf({ engine: PLANNER.engine, tzdata: timeZoneDatabase(), policies: effective });
  known.set(key, digest);
  return digest;
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}
