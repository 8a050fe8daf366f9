import { ERROR_CODES } from '../../../shared/contract/error-codes.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import type { ProposalsAnswer } from '../../../shared/contract/people/proposals.ts';
import { isSamePerson } from '../../../shared/domain/guard/four-eyes.ts';
import { callerOf } from '../../../shared/domain/configuration/principal.ts';
import { principalRef } from '../../../shared/domain/configuration/references.ts';
import type { ProposalRef } from '../../../shared/domain/record/ids.ts';
import { isOver, type Proposal } from '../../../shared/domain/record/proposal.ts';
import type { ApiPorts, Operation, Reply } from '../api-ports.ts';
import { noteActions } from '../note-actions.ts';
import { actionOf } from './gated-actions.ts';
import { proposalAnswer } from './proposal-answer.ts';
import { openProposal, type ProposalSecret, sealProposal } from './proposal-secret.ts';

/** For so long, no other request carries out what was confirmed: longer than a request may take. */
const CONFIRMING = 60_000;

const OVER: Readonly<Partial<Record<Proposal['state'], string>>> = {
  open: 'expired',
  confirmed: 'confirmed, but its time is over',
  withdrawn: 'withdrawn',
};

/**
 * Another person confirms what was proposed, and it is carried out as it was proposed. One conditional write decides who
 * carries it out; then come the entries, with both people, and then the deed. Where a process dies after that write, the
 * proposal stays `confirmed`, and the request that comes again, from anybody who may confirm it, carries it out again: what was
 * done already changes nothing. Of a proposal that is over, it answers what became of it.
 */
export const confirmProposal: Operation<'confirmProposal'> = async (ports, { input, principal }) => {
  for (;;) {
    const proposal = await ports.registry.proposal(input.id as ProposalRef);
    if (proposal === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
    if (proposal.state === 'done' || proposal.state === 'void') return answer(ports, principal, proposal);
    const secret = await openProposal(ports, proposal);
    const refused = await refusalOf(ports, principal, proposal, secret);
    if (refused !== undefined || secret === undefined)
      return { kind: 'problem', problem: refused ?? problem('PROPOSAL_OUTDATED', 'id') };
    const claimed = await claim(ports, principal, proposal, secret);
    if (claimed !== 'moved') return carryOut(ports, principal, claimed, secret);
  }
};

async function refusalOf(
  ports: ApiPorts,
  principal: string,
  proposal: Proposal,
  secret: ProposalSecret | undefined,
): Promise<Problem | undefined> {
  const { configuration, clock } = ports;
  const { state, confirmed, kind } = proposal;
  const now = clock.now();
  if (isOver(proposal, now)) return problem('PROPOSAL_OVER', 'id', OVER[state]);
  if (secret === undefined) return problem('PROPOSAL_OUTDATED', 'id', 'it cannot be read any more');
  if (isSamePerson(configuration, secret.by, principal)) return problem('PROPOSAL_OWN', 'id');
  if (!callerOf(configuration, secret.by).operator)
    return problem('PROPOSAL_OUTDATED', 'id', 'the person who proposed it is not an operator any more');
  if (confirmed !== undefined) return now < confirmed.until ? problem('PROPOSAL_BUSY', 'id') : undefined;
  const found = await actionOf(kind).refusal(ports, secret.what);
  return found && problem('PROPOSAL_OUTDATED', 'id', ERROR_CODES[found.code as keyof typeof ERROR_CODES]);
}

async function claim(
  ports: ApiPorts,
  principal: string,
  proposal: Proposal,
  secret: ProposalSecret,
): Promise<Proposal | 'moved'> {
  const at = ports.clock.now();
  const by = principalRef(await ports.keys.registryKey(), principal);
  const next: Proposal = {
    ...proposal,
    version: proposal.version + 1,
    state: 'confirmed',
    confirmed: { by, at, until: at + CONFIRMING },
    sealed: await sealProposal(ports, proposal, { ...secret, confirmedBy: principal }),
  };
  // It fitted before, and is longer by a principal only.
  return (await ports.registry.putProposal(next)) === 'written' ? next : 'moved';
}

async function carryOut(
  ports: ApiPorts,
  principal: string,
  claimed: Proposal,
  { what }: ProposalSecret,
): Promise<Reply<ProposalsAnswer>> {
  const { id, at, by, kind } = claimed;
  const action = actionOf(kind);
  const notes = action.notes(what).map((note) => ({ ...note, proposal: { id, at, by } }));
  await noteActions(ports, principal, notes);
  const carriedOut = await action.carryOut(ports, what);
  const isTemporary = typeof carriedOut !== 'string' && carriedOut.status >= 500;
  if (isTemporary) return { kind: 'problem', problem: carriedOut };
  const state = typeof carriedOut === 'string' ? carriedOut : 'void';
  const ended: Proposal = { ...claimed, version: claimed.version + 1, state };
  // Somebody has taken it over, because this took too long: that one says what became of it.
  if ((await ports.registry.putProposal(ended)) === 'written') return answer(ports, principal, ended);
  return answer(ports, principal, (await ports.registry.proposal(id)) ?? ended);
}

async function answer(
  ports: ApiPorts,
  principal: string,
  proposal: Proposal,
): Promise<Reply<ProposalsAnswer>> {
  return { kind: 'answer', answer: { proposals: [await proposalAnswer(ports, principal, proposal)] } };
}
