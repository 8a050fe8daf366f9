import type { ProposalAnswer, ProposedAnswer } from '../../../shared/contract/people/proposals.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { proposalLife } from '../../../shared/domain/guard/four-eyes.ts';
import { principalRef, proposalRef } from '../../../shared/domain/configuration/references.ts';
import { isOver, type Proposal } from '../../../shared/domain/record/proposal.ts';
import type { ApiPorts, Reply } from '../api-ports.ts';
import { type Asked, noteActions } from '../note-actions.ts';
import type { GatedAction } from './gated-action.ts';
import { proposalAnswer } from './proposal-answer.ts';
import { type ProposalSecret, sealProposal } from './proposal-secret.ts';

/** Characters of what is sealed. DynamoDB takes 400 KB, and the name of who confirms it is added. */
const LARGEST_SEALED = 380_000;
/** Requests that write one proposal at the same time. */
const MOST_TRIES = 5;

/**
 * The only way to what needs two people: it is carried out at once, or where that is configured, only proposed. An answer
 * says why not. The entry is written before anything is done.
 */
export async function doOrPropose<What extends object>(
  ports: ApiPorts,
  principal: string,
  action: GatedAction<What>,
  what: What,
): Promise<'done' | 'void' | Reply<ProposedAnswer>> {
  if (ports.configuration.fourEyes !== undefined) {
    const proposed = await propose(ports, principal, action, what);
    if ('code' in proposed) return { kind: 'problem', problem: proposed };
    return { kind: 'answer', answer: { proposed }, status: 202 };
  }
  await noteActions(ports, principal, action.notes(what));
  const carriedOut = await action.carryOut(ports, what);
  return typeof carriedOut === 'string' ? carriedOut : { kind: 'problem', problem: carriedOut };
}

/**
 * Puts a proposal for another person to confirm. Its id is the digest of what is asked: the same request again, by
 * the same person or by another one, is the same proposal, and confirms nothing.
 */
export async function propose<What extends object>(
  ports: ApiPorts,
  principal: string,
  action: GatedAction<What>,
  what: What,
): Promise<ProposalAnswer | Problem> {
  const { keys, registry, clock } = ports;
  const key = await keys.registryKey();
  const id = proposalRef(key, action.kind, what);
  const secret: ProposalSecret = { by: principal, what };
  let isNoted = false;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const at = clock.now();
    const known = await registry.proposal(id);
    if (known !== undefined && !isOver(known, at)) return proposalAnswer(ports, principal, known);
    const sealed = await sealProposal(ports, { id, at }, secret);
    if (sealed.length > LARGEST_SEALED) return problem('PROPOSAL_TOO_LARGE');
    const next: Proposal = {
      id,
      version: (known?.version ?? 0) + 1,
      kind: action.kind,
      state: 'open',
      at,
      expires: at + proposalLife(ports.configuration),
      by: principalRef(key, principal),
      sealed,
    };
    const notes = action.notes(what).map(({ did, ...note }): Asked => ({
      ...note,
      did: 'propose',
      proposal: { id, at, did },
    }));
    if (!isNoted) await noteActions(ports, principal, notes);
    isNoted = true;
    if ((await registry.putProposal(next)) === 'written') return proposalAnswer(ports, principal, next);
  }
  return problem('PROPOSAL_BUSY');
}
