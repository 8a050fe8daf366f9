import { digestOf } from './effective-policies.ts';
import type { FoldProfile, TypeProfile } from '../facts/facts.ts';
import { own } from '../own.ts';
import { EFFECT_PROFILES } from '../people/effects.ts';
import { LINKED_PROFILE } from '../people/linked.ts';
import { present } from '../present.ts';
import { rulesOf } from './policy.ts';
import type { PolicySet } from './policy.ts';
import { askedBy, momentsOfRule } from '../rule/walk.ts';

const profiles = new WeakMap<PolicySet, FoldProfile>();

/**
 * What the fold has to keep for every version of every policy: current and future versions share one state. Most
 * constructs need the first and the last occurrence that counts; holds, counting and spans can depend on any of them.
 */
export function foldProfile(policySet: PolicySet): FoldProfile {
  const known = profiles.get(policySet);
  if (known !== undefined) return known;
  const keepAll = eventsKeptWhole(policySet);
  const types: Record<string, TypeProfile> = { ...EFFECT_PROFILES, ...LINKED_PROFILE };
  for (const policy of policySet.policies) {
    for (const [type, { undoneBy, byPurpose }] of Object.entries(policy.events)) {
      const sofar = own(types, type)?.undoneBy ?? [];
      types[type] = {
        undoneBy: [...new Set([...sofar, ...undoneBy])].toSorted(),
        keepAll: keepAll.has(type),
        ...present({ byPurpose }),
      };
    }
  }
  const profile = { types, digest: digestOf(types) };
  profiles.set(policySet, profile);
  return profile;
}

function eventsKeptWhole({ policies }: PolicySet): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const policy of policies) {
    const { jurisdictionFrom } = policy;
    // A move that was announced does not count yet, and the one before it does.
    if (jurisdictionFrom !== undefined) kept.add(jurisdictionFrom.event);
    // Whatever was registered in between, each of them may be the one that covers it.
    for (const event of [policy.children?.born, policy.children?.found])
      if (event !== undefined) kept.add(event);
    for (const { rule } of rulesOf(policy)) {
      for (const moment of momentsOfRule(rule)) {
        for (const { event, need } of askedBy(moment)) if (need === 'all') kept.add(event);
      }
    }
  }
  return kept;
}
