import type { Configuration } from '../configuration/configuration.ts';
import type { Instant } from '../record/ids.ts';

/** Policies that are deployed, and by which nothing is disposed of yet. */
export interface WaitingPolicies {
  /** Digest of the policies in effect, as `inEffectDigest` makes it. */
  readonly policies: string;
  /** The plan that counts what they change. */
  readonly plan: string;
  readonly since: Instant;
}

/** By which policies lanes dispose of records. Written on its version. */
export interface Activation {
  readonly version: number;
  /** Digest of the policies in effect. */
  readonly active: string;
  readonly at: Instant;
  readonly waiting?: WaitingPolicies;
}

/** How many records may become due by a change of policies before a person is asked. */
const DEFAULT_MAX_NEWLY_DUE = 1000;

export function mostNewlyDue({ policyChanges }: Pick<Configuration, 'policyChanges'>): number {
  const { maxNewlyDue = DEFAULT_MAX_NEWLY_DUE } = policyChanges ?? {};
  return maxNewlyDue ?? Infinity;
}
