import type { Instant, PrincipalRef, ProposalRef } from './ids.ts';

/** The scope of the keys that seal what is proposed. No store can have this name. */
export const PROPOSALS = 'four_eyes';

/**
 * What needs two people where that is configured. `approve`: a rule that was stopped goes on. `resume`: so does a rule that
 * is paused in a lane. `activate`: policies that wait become active. `discard`: a message leaves the quarantine. `events`:
 * corrections and retractions of producers' events. `replay`: what came back with a restored store is disposed of.
 */
export const PROPOSAL_KINDS = ['approve', 'resume', 'activate', 'discard', 'events', 'replay'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/**
 * `open`: waits for another person. `confirmed`: is being carried out, or the process that did it died. `done`: was carried
 * out. `void`: was confirmed, and then there was nothing of it to do any more. `withdrawn`: is not to be done.
 */
export const PROPOSAL_STATES = ['open', 'confirmed', 'done', 'void', 'withdrawn'] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** Written on its version. What is asked, and by whom, is sealed, because it may name a person. */
export interface Proposal {
  /** Of exactly what is asked: another content has another one. */
  readonly id: ProposalRef;
  readonly version: number;
  readonly kind: ProposalKind;
  readonly state: ProposalState;
  readonly at: Instant;
  /** From then on it cannot be confirmed. */
  readonly expires: Instant;
  readonly by: PrincipalRef;
  /** Who confirmed it last. Until `until`, no other request carries it out. */
  readonly confirmed?: { readonly by: PrincipalRef; readonly at: Instant; readonly until: Instant };
  readonly sealed: string;
}

/** Nothing happens to it any more. */
export function isOver({ state, expires }: Proposal, now: Instant): boolean {
  return (state !== 'open' && state !== 'confirmed') || expires <= now;
}
