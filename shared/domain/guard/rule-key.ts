import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { PolicySet } from '../configuration/policy.ts';

interface Decided {
  readonly policy: string;
  readonly policyVersion: string;
  readonly ruleText: string;
}

const known = new WeakMap<PolicySet, Map<string, string>>();

/**
 * Names a rule where a lane counts what it does: by its policy, its text, and what that comes to with the settings of the
 * deployment. A new version of the policy with the same rule has the same name, and a rule with another period another one.
 */
export function ruleKey(policies: PolicySet, { policy, policyVersion, ruleText }: Decided): string {
  const names = known.get(policies) ?? new Map<string, string>();
  known.set(policies, names);
  const name = JSON.stringify([policy, policyVersion, ruleText]);
  const key = names.get(name) ?? newKey(policies, { policy, policyVersion, ruleText });
  names.set(name, key);
  return key;
}

function newKey({ policies }: PolicySet, { policy, policyVersion, ruleText }: Decided): string {
  const version = policies.find((each) => each.name === policy && each.version === policyVersion);
  const categories = Object.values(version?.categories ?? {});
  const purposes = Object.values(version?.purposePolicies ?? {});
  const rules = [
    ...categories.flatMap(({ rules: own, cap }) => [...own, ...(cap === undefined ? [] : [cap])]),
    ...purposes.flatMap(({ rule }) => rule ?? []),
  ];
  const rule = rules.find(({ text }) => text === ruleText)?.rule;
  const content = canonicalJson([policy, ruleText, rule === undefined ? '' : JSON.stringify(rule)]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 12);
}
