import { effectivePolicies, policyOf } from './effective-policies.ts';
import type { Instant } from '../record/ids.ts';
import type { Mask, Masks } from '../record/masks.ts';
import { own } from '../own.ts';
import { pseudonymLength } from '../record/pseudonym.ts';
import type { PolicySet } from './policy.ts';

/** The stronger mask wins where two categories of one holding mask the same field. */
const STRENGTH: Readonly<Record<Mask['kind'], number>> = {
  null: 3,
  constant: 2,
  pseudonym: 1,
  'truncate-date': 0,
};

const COARSENESS = { day: 0, month: 1, year: 2 } as const;

/** The masks of all the holding's categories, from the policy versions in effect. */
export function masksOf(policies: PolicySet, categories: readonly string[], now: Instant): Masks {
  const effective = effectivePolicies(policies, now);
  return allMasks(
    categories.toSorted().flatMap((category) => {
      const policy = policyOf(category, effective);
      const masks = policy && own(policy.categories, category)?.masks;
      return policy === undefined || masks === undefined ? [] : [{ masks, zone: policy.zone }];
    }),
  );
}

/** Masks of one policy, with its zone. */
export interface MasksInZone {
  readonly masks: Masks;
  readonly zone: string;
}

/**
 * Masks that hold together. A field may be absent only if all that mask it say so. Dates are cut in the zone of their
 * policy. The caller gives them in one order: of two masks that are equally strong the first counts, also when the
 * record is read back later.
 */
export function allMasks(given: readonly MasksInZone[]): Masks {
  const all = new Map<string, Mask>();
  for (const { masks, zone } of given) {
    for (const [field, one] of Object.entries(masks)) {
      const mask = one.kind === 'truncate-date' ? { ...one, zone } : one;
      const other = all.get(field);
      all.set(field, other === undefined ? mask : stronger(other, mask));
    }
  }
  return Object.fromEntries(all);
}

function stronger(one: Mask, other: Mask): Mask {
  const mask = isStronger(other, one) ? other : one;
  const isRequired = one.ifPresent !== true || other.ifPresent !== true;
  return mask.ifPresent === true && isRequired ? { ...mask, ifPresent: false } : mask;
}

function isStronger(mask: Mask, other: Mask): boolean {
  if (mask.kind === 'truncate-date' && other.kind === 'truncate-date')
    return COARSENESS[mask.to] > COARSENESS[other.to];
  // The shorter pseudonym has to fit into something.
  if (mask.kind === 'pseudonym' && other.kind === 'pseudonym')
    return pseudonymLength(mask.form) < pseudonymLength(other.form);
  return STRENGTH[mask.kind] > STRENGTH[other.kind];
}
