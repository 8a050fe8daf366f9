import { problem } from '../../../shared/contract/problem.ts';
import type { ProposalRef } from '../../../shared/domain/record/ids.ts';
import { isOver } from '../../../shared/domain/record/proposal.ts';
import type { Operation } from '../api-ports.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { proposalAnswer } from './proposal-answer.ts';

const QUERY = { list: 'proposals', filters: {} };

/** One proposal with all that is asked, or a page of those that wait. Pages may be empty: those that are over are left out. */
export const queryProposals: Operation<'queryProposals'> = async (ports, { input, principal }) => {
  if ('id' in input) {
    const one = await ports.registry.proposal(input.id as ProposalRef);
    if (one === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
    return { kind: 'answer', answer: { proposals: [await proposalAnswer(ports, principal, one, true)] } };
  }
  const cursor = await decryptCursor<string>(ports, QUERY, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const page = await ports.registry.proposals(cursor.place);
  const now = ports.clock.now();
  const waiting = page.items.filter((one) => !isOver(one, now));
  const proposals = await Promise.all(waiting.map((one) => proposalAnswer(ports, principal, one)));
  return { kind: 'answer', answer: { proposals, ...(await nextOf(ports, QUERY, page.next)) } };
};
