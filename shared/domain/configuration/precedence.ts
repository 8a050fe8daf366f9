import { own } from '../own.ts';
import type { Attributes, AttributeValue } from '../record/about.ts';
import type { WinningFact } from '../record/window.ts';
import { LEVELS } from './policy.ts';
import type { CategoryPolicy, Policy, PolicyRule } from './policy.ts';

/** The rules of a category that count for a holding, and those that they replace. */
export interface Chosen {
  readonly rules: readonly PolicyRule[];
  readonly replaced: readonly PolicyRule[];
  /** Rules of another jurisdiction. */
  readonly elsewhere: readonly PolicyRule[];
  /** Why nothing can be chosen. */
  readonly undetermined?: string;
}

/** Where somebody is whom a holding is about. */
export type Located =
  | {
      readonly kind: 'known';
      readonly jurisdiction: string;
      /** What says so, if it is not the registration or the policy's default. */
      readonly fact?: WinningFact;
    }
  /** A sentence without a full stop. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Promise 9, first half: only the most explicit level that applies counts — statutory over jurisdiction over category
 * over default. Rules of one level all count; `join.ts` joins them. A jurisdiction that no rule of a level names falls to
 * the next level. If the jurisdiction is not known, the result is undetermined, never "elsewhere".
 */
export function chooseRules(category: CategoryPolicy, located: Located): Chosen {
  const elsewhere: PolicyRule[] = [];
  for (const level of LEVELS.toReversed()) {
    const ofLevel = category.rules.filter((rule) => rule.level === level);
    const here = ofLevel.filter(
      ({ jurisdiction }) =>
        jurisdiction === undefined || (located.kind === 'known' && jurisdiction === located.jurisdiction),
    );
    const others = ofLevel.filter((rule) => !here.includes(rule));
    if (others.length > 0 && located.kind === 'unknown')
      return { rules: [], replaced: [], elsewhere, undetermined: located.reason };
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

/** Whether it makes a difference where the people are. */
export function dependsOnJurisdiction({ rules }: CategoryPolicy): boolean {
  return rules.some(({ jurisdiction }) => jurisdiction !== undefined);
}

/** What the registration says, or the default of the policy. */
export function registeredAt(policy: Policy, attributes: Attributes): Located {
  const jurisdiction = own(attributes, 'jurisdiction') ?? own(policy.attributes, 'jurisdiction')?.default;
  if (isNamed(jurisdiction)) return { kind: 'known', jurisdiction };
  return {
    kind: 'unknown',
    reason: 'the holding has no attribute jurisdiction, which decides between the rules',
  };
}

/** What is left blank says nothing. */
export function isNamed(jurisdiction: AttributeValue | undefined): jurisdiction is string {
  return typeof jurisdiction === 'string' && jurisdiction.trim() !== '';
}
