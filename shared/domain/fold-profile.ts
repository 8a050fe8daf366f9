import { digestOf } from './effective-policies.ts';
import type { FoldProfile, TypeProfile } from './facts.ts';
import { own } from './own.ts';
import type { PolicySet } from './policy.ts';

const profiles = new WeakMap<PolicySet, FoldProfile>();

/**
 * What the fold has to keep for every version of every policy: versions in force and to come share one state. The
 * rules' constructs need the first and the last occurrence that counts; none needs all yet.
 */
export function foldProfile(policySet: PolicySet): FoldProfile {
  const known = profiles.get(policySet);
  if (known !== undefined) return known;
  const types: Record<string, TypeProfile> = {};
  for (const policy of policySet.policies) {
    for (const [type, { undoneBy }] of Object.entries(policy.events)) {
      const sofar = own(types, type)?.undoneBy ?? [];
      types[type] = { undoneBy: [...new Set([...sofar, ...undoneBy])].toSorted(), keepAll: false };
    }
  }
  const profile = { types, digest: digestOf(types) };
  profiles.set(policySet, profile);
  return profile;
}
