import type { AttributeValue } from '../record/about.ts';
import { own } from '../own.ts';
import { LEVELS } from './policy.ts';
import type { CategoryPolicy, Policy, PolicyRule, Variant } from './policy.ts';

/** The rules of a category that count for a holding, and those that they replace. */
export interface Chosen {
  readonly rules: readonly PolicyRule[];
  readonly replaced: readonly PolicyRule[];
  /** Rules of another jurisdiction. */
  readonly elsewhere: readonly PolicyRule[];
  /** Why nothing can be chosen. */
  readonly undetermined?: string;
}

/**
 * Promise 9, first half: only the most explicit level that applies counts — statutory over jurisdiction over category
 * over default. Rules of one level all count; `join.ts` joins them. If the jurisdiction is not known,
 * the result is undetermined, never "elsewhere".
 */
export function chooseRules(category: CategoryPolicy, policy: Policy, variant: Variant): Chosen {
  const jurisdiction = attributeOf('jurisdiction', policy, variant);
  const elsewhere: PolicyRule[] = [];
  for (const level of LEVELS.toReversed()) {
    const ofLevel = category.rules.filter((rule) => rule.level === level);
    const here = ofLevel.filter(
      (rule) => rule.jurisdiction === undefined || rule.jurisdiction === jurisdiction,
    );
    const others = ofLevel.filter((rule) => !here.includes(rule));
    if (others.length > 0 && jurisdiction === undefined) {
      return {
        rules: [],
        replaced: [],
        elsewhere,
        undetermined: 'the holding has no attribute jurisdiction, which decides between the rules',
      };
    }
    elsewhere.push(...others);
    if (here.length === 0) continue;
    const replaced = category.rules.filter((rule) => !here.includes(rule) && !elsewhere.includes(rule));
    return { rules: here, replaced, elsewhere };
  }
  return {
    rules: [],
    replaced: [],
    elsewhere,
    undetermined: 'no rule of the category applies to the holding',
  };
}

function attributeOf(name: string, policy: Policy, variant: Variant): AttributeValue | undefined {
  return own(variant.attributes, name) ?? own(policy.attributes, name)?.default;
}
