import { digestOf, effectivePolicies } from '../configuration/effective-policies.ts';
import type { Policy, PolicySet } from '../configuration/policy.ts';
import type { Instant } from '../record/ids.ts';

const digests = new WeakMap<PolicySet, Map<string, string>>();

/**
 * Names what the policies in effect at `now` say, whatever the software: in whatever order they are listed, and whatever
 * versions are over or still to come.
 */
export function inEffectDigest(policySet: PolicySet, now: Instant): string {
  const known = digests.get(policySet) ?? new Map<string, string>();
  digests.set(policySet, known);
  const effective = effectivePolicies(policySet, now);
  const key = effective.map((policy) => policySet.policies.indexOf(policy)).join(',');
  const digest = known.get(key) ?? digestOf(effective.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  known.set(key, digest);
  return digest;
}

/** After every instant that a plan is made for. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * The same policies, of which what is still to come at `now` never comes into effect: what they say stays what it is now,
 * whenever plans are made by them. Facts are folded for them as for the others.
 */
export function asOf({ policies }: PolicySet, now: Instant): PolicySet {
  return {
    policies: policies.map((policy) =>
      policy.effectiveFrom > now ? { ...policy, effectiveFrom: NEVER } : policy,
    ),
  };
}

/** When the last of their versions comes into effect, if that is still to come. */
export function lastToCome({ policies }: PolicySet, now: Instant): Instant | undefined {
  const last = Math.max(...policies.map(({ effectiveFrom }) => effectiveFrom), -Infinity);
  return last > now ? last : undefined;
}

/**
 * The same policies as if all versions that are in effect at `then` were in effect at `now`, in the same order. What was
 * in effect before stays as it is, to the digest.
 */
export function asIfInEffect({ policies }: PolicySet, now: Instant, then: Instant): PolicySet {
  const moved = (policy: Policy): Policy => {
    const { name, effectiveFrom } = policy;
    if (effectiveFrom <= now || effectiveFrom > then) return policy;
    const later = policies.filter(
      (other) => other.name === name && other.effectiveFrom > effectiveFrom && other.effectiveFrom <= then,
    );
    return { ...policy, effectiveFrom: now - later.length };
  };
  return { policies: policies.map(moved) };
}
