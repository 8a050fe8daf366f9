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
