import type { ProposalAnswer } from '../../../shared/contract/people/proposals.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { isSamePerson } from '../../../shared/domain/guard/four-eyes.ts';
import { present } from '../../../shared/domain/present.ts';
import { isOver, type Proposal } from '../../../shared/domain/record/proposal.ts';
import type { ApiPorts } from '../api-ports.ts';
import { actionOf } from './gated-actions.ts';
import { openProposal, type ProposalSecret } from './proposal-secret.ts';

/** What an operator sees of a proposal. `isWhole`: also what is long. */
export async function proposalAnswer(
  ports: ApiPorts,
  principal: string,
  proposal: Proposal,
  isWhole = false,
): Promise<ProposalAnswer> {
  const { id, kind, state, at, expires, confirmed } = proposal;
  const secret = await openProposal(ports, proposal);
  const isTimeOver = isOver(proposal, ports.clock.now());
  // What was confirmed in time may have been done, though the process died before it noted that.
  const isExpired = isTimeOver && state === 'open';
  const isYours = secret !== undefined && isSamePerson(ports.configuration, secret.by, principal);
  return {
    id,
    action: kind,
    state: isExpired ? 'expired' : state,
    proposedAt: isoUtc(at),
    expiresAt: isoUtc(expires),
    ...present({
      confirmedAt: confirmed && isoUtc(confirmed.at),
      proposedBy: secret?.by,
      confirmedBy: secret?.confirmedBy,
      yours: isYours ? (true as const) : undefined,
      next: isTimeOver ? afterwards(state) : nextStep(proposal, secret),
    }),
    ...(secret && actionOf(kind).shown(secret.what, isWhole)),
  };
}

function nextStep({ id, state, expires }: Proposal, secret: ProposalSecret | undefined): string | undefined {
  if (secret === undefined) return 'It cannot be read any more: propose it again.';
  switch (state) {
    case 'open':
      return `Nothing was done yet. Another operator confirms it until ${isoUtc(expires)}: tenure confirm ${id}`;
    case 'confirmed':
      return `It was confirmed, and may not have been carried out to the end: tenure confirm ${id}`;
    case 'done':
    case 'void':
    case 'withdrawn':
      return undefined;
  }
}

function afterwards(state: Proposal['state']): string | undefined {
  return state === 'confirmed'
    ? 'It was confirmed in time, and may have been carried out only in part: look, and propose it again if it was not.'
    : undefined;
}
