import { problem } from '../../../shared/contract/problem.ts';
import type { ProposalRef } from '../../../shared/domain/record/ids.ts';
import { isOver } from '../../../shared/domain/record/proposal.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Operation } from '../api-ports.ts';
import { type Asked, noteActions } from '../note-actions.ts';
import { actionOf } from './gated-actions.ts';
import { proposalAnswer } from './proposal-answer.ts';
import { openProposal } from './proposal-secret.ts';

/**
 * Any operator takes a proposal back, so that it cannot be confirmed. The entry comes first. Of two requests at the same time,
 * one to confirm and one to withdraw, one finds that the other was there before it. Sent again it changes nothing.
 */
export const withdrawProposal: Operation<'withdrawProposal'> = async (ports, { input, principal }) => {
  let isNoted = false;
  for (;;) {
    const proposal = await ports.registry.proposal(input.id as ProposalRef);
    if (proposal === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
    if (proposal.state === 'withdrawn')
      return { kind: 'answer', answer: { proposals: [await proposalAnswer(ports, principal, proposal)] } };
    if (proposal.state !== 'open') return { kind: 'problem', problem: problem('PROPOSAL_CONFIRMED', 'id') };
    if (isOver(proposal, ports.clock.now()))
      return { kind: 'problem', problem: problem('PROPOSAL_OVER', 'id', 'expired') };
    const { id, at, by } = proposal;
    const secret = await openProposal(ports, proposal);
    const notes: readonly Partial<Asked>[] =
      secret === undefined ? [{}] : actionOf(proposal.kind).notes(secret.what);
    if (!isNoted)
      await noteActions(
        ports,
        principal,
        notes.map(({ did, ...note }) => ({
          ...note,
          did: 'withdraw',
          proposal: { id, at, by, ...present({ did }) },
        })),
      );
    isNoted = true;
    const next = { ...proposal, version: proposal.version + 1, state: 'withdrawn' as const };
    await ports.registry.putProposal(next);
  }
};
