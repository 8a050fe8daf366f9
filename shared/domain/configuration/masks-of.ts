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

/**
 * The masks of all the holding's categories, from the policy versions in effect. A field may be absent only if every
 * category that masks it says so.
 */
export function masksOf(policies: PolicySet, categories: readonly string[], now: Instant): Masks {
  const masks = new Map<string, Mask>();
  const effective = effectivePolicies(policies, now);
  for (const category of categories) {
    const policy = policyOf(category, effective);
    const masked = policy === undefined ? undefined : own(policy.categories, category)?.masks;
    for (const [field, mask] of Object.entries(masked ?? {})) {
      const other = masks.get(field);
      masks.set(field, other === undefined ? mask : stronger(other, mask));
    }
  }
  return Object.fromEntries(masks);
}

function stronger(one: Mask, other: Mask): Mask {
  const mask = STRENGTH[other.kind] > STRENGTH[one.kind] ? other : one;
  const isRequired = one.ifPresent !== true || other.ifPresent !== true;
  return mask.ifPresent === true && isRequired ? { ...mask, ifPresent: false } : mask;
}
