import type { PolicySet } from '../configuration/policy.ts';

/** The policies as they are and as they are to be. `from`: absent if nothing is known of them. */
export interface PlannedSets {
  readonly from?: PolicySet;
  readonly to: PolicySet;
}
