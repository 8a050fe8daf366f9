import { effectivePolicies, policyOf } from './effective-policies.ts';
import type { Instant } from '../record/ids.ts';
import type { Mask, Masks } from '../record/masks.ts';
import { own } from '../own.ts';
import type { PolicySet } from './policy.ts';

/** The stronger mask wins where two categories of one holding mask the same field. */
const STRENGTH: Readonly<Record<Mask['kind'], number>> = {
  null: 3,
  constant: 2,
  pseudonym: 1,
  'truncate-date': 0,
};

/** The masks of all the holding's categories, from the policy versions in effect. */
export function masksOf(policies: PolicySet, categories: readonly string[], now: Instant): Masks {
  const masks: Record<string, Mask> = {};
  const effective = effectivePolicies(policies, now);
  for (const category of categories) {
    const policy = policyOf(category, effective);
    const masked = policy === undefined ? undefined : own(policy.categories, category)?.masks;
    for (const [field, mask] of Object.entries(masked ?? {})) {
      const other = masks[field];
      if (other === undefined || STRENGTH[mask.kind] > STRENGTH[other.kind]) masks[field] = mask;
    }
  }
  return masks;
}
