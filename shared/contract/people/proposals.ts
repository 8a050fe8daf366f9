import * as z from 'zod';
import { PROPOSAL_KINDS, PROPOSAL_STATES } from '../../domain/record/proposal.ts';
import { Cursor } from '../subjects.ts';

const ProposalId = z.string().regex(/^[\w-]{22}$/);

export const NamedProposal = z.strictObject({ id: ProposalId });
export type NamedProposal = z.input<typeof NamedProposal>;

/** One proposal, also when it is over, or all that wait. */
export const ProposalQuery = z.union([NamedProposal, z.strictObject({ cursor: z.exactOptional(Cursor) })]);
export type ProposalQuery = z.input<typeof ProposalQuery>;

const instant = z.string();

export const ProposalAnswer = z.object({
  id: z.string(),
  action: z.enum(PROPOSAL_KINDS),
  /** `void`: confirmed, and then there was nothing of it to do any more. */
  state: z.enum([...PROPOSAL_STATES, 'expired']),
  proposedAt: instant,
  expiresAt: instant,
  confirmedAt: z.exactOptional(instant),
  /** Principals. Absent, like what is asked, if the texts cannot be read any more: then it cannot be confirmed. */
  proposedBy: z.exactOptional(z.string()),
  confirmedBy: z.exactOptional(z.string()),
  /** Somebody else has to confirm it. */
  yours: z.exactOptional(z.literal(true)),
  /** How it goes on. */
  next: z.exactOptional(z.string()),
  lane: z.exactOptional(z.string()),
  policy: z.exactOptional(z.string()),
  rule: z.exactOptional(z.string()),
  /** `approve`: how many records beyond the limit. */
  records: z.exactOptional(z.int()),
  /** `activate`: the digest, and how many records become due by them, if that was counted. */
  policies: z.exactOptional(z.string()),
  newlyDue: z.exactOptional(z.int()),
  /** `replay`: its id, and when the backup was made. */
  replay: z.exactOptional(z.string()),
  since: z.exactOptional(instant),
  /** `discard`: the message in quarantine. */
  quarantined: z.exactOptional(z.string()),
  receivedAt: z.exactOptional(instant),
  /** `events`: how many corrections and retractions. */
  items: z.exactOptional(z.int()),
  /** These, where one proposal is asked for. */
  events: z.exactOptional(z.array(z.custom<object>((value) => typeof value === 'object' && value !== null))),
});
export type ProposalAnswer = z.output<typeof ProposalAnswer>;

/** Status 202: nothing was done yet. */
export const ProposedAnswer = z.object({ proposed: ProposalAnswer });
export type ProposedAnswer = z.output<typeof ProposedAnswer>;

export const ProposalsAnswer = z.object({
  proposals: z.array(ProposalAnswer),
  next: z.exactOptional(Cursor),
});
export type ProposalsAnswer = z.output<typeof ProposalsAnswer>;
