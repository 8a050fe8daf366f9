import type { Activation } from '../domain/policy-plan/activation.ts';
import type { PolicySet } from '../domain/configuration/policy.ts';
import type { PlannedSets } from '../domain/policy-plan/planned-sets.ts';
import type { Instant } from '../domain/record/ids.ts';

/** A count of what other policies change. It is never rewritten: what is counted lies in the walks of its segments. */
export interface PolicyPlan {
  readonly id: string;
  readonly at: Instant;
  /** Digest of the policies that it compares with. Absent if nothing is known of them: then all that is due is newly due. */
  readonly from?: string;
  readonly to: string;
  /** Versions that come into effect until then are taken as if they were in effect. */
  readonly asIf?: Instant;
  readonly sets: PlannedSets;
}

/** Plans of policy changes, and by which policies lanes dispose of records. */
export interface PolicyPlans {
  /** Put if absent. It goes 35 days after its `at`. `too-large`: the policies do not fit in an item. */
  putPolicyPlan(plan: PolicyPlan): Promise<'written' | 'taken' | 'too-large'>;
  policyPlan(id: string): Promise<PolicyPlan | undefined>;

  /** Nothing before the first sweep. Strongly consistent. */
  activation(): Promise<Activation | undefined>;
  /** On `next.version - 1`. */
  putActivation(next: Activation): Promise<'written' | 'moved'>;
  /** Policies that are, were or may become active, by their digest. Kept for good. Those that do not fit are left out. */
  putActiveSet(digest: string, set: PolicySet): Promise<void>;
  activeSet(digest: string): Promise<PolicySet | undefined>;
}
