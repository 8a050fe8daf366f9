import type { Action, Outcome } from '../record/actions.ts';
import type { LogRef } from '../record/ids.ts';
import type { WinningFact } from './plan.ts';

/**
 * One attempt's outcome in the deletion log: one per (holding, generation, stage, attempt). Holds keyed references
 * only: no identifier, locator or content. Instants are ISO 8601 in UTC.
 */
export interface Entry {
  readonly v: 1;
  readonly holding: LogRef;
  readonly generation: number;
  readonly stage: Action;
  readonly attempt: number;
  /** Attempts of this stage that were cut off before they could write an entry. */
  readonly interrupted?: readonly number[];
  readonly categories: readonly string[];
  readonly store: string;
  readonly action: Action;
  readonly outcome: Outcome | 'interrupted';
  /** The entities that the holding is about. */
  readonly subjects: readonly { readonly type: string; readonly ref: LogRef }[];
  readonly policy: string;
  readonly policyVersion: string;
  readonly rule: string;
  readonly window?: { readonly notBefore?: string; readonly notAfter?: string; readonly floor: string };
  readonly basis?: 'law' | 'policy';
  /** Dates of personal events are left out. */
  readonly facts: readonly (Omit<WinningFact, 'personal' | 'occurred'> & { readonly occurred?: string })[];
  readonly due?: string;
  readonly claimed: string;
  readonly acted?: string;
  readonly readBack?: string;
  /** What the store answered: a code, never its text. */
  readonly answer?: string;
  /** `refused` until then, if known. */
  readonly until?: string;
  /** When backups and old versions will be gone too, from the store's settings. */
  readonly unrecoverableAt?: string;
  readonly software: string;
  readonly tzdata: string;
}
