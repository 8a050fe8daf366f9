import { codeOf } from '../../../shared/domain/error-code.ts';
import { type Proposal, PROPOSALS } from '../../../shared/domain/record/proposal.ts';
import { openJson, sealJson } from '../../../shared/protocol/people/sealed-json.ts';
import type { ApiPorts } from '../api-ports.ts';

/** What a proposal says that may name a person. */
export interface ProposalSecret {
  /** The principal that proposed it, and the one that confirmed it last. */
  readonly by: string;
  readonly confirmedBy?: string;
  /** All that is asked. */
  readonly what: object;
}

export function sealProposal(
  { keys }: Pick<ApiPorts, 'keys'>,
  { id, at }: Pick<Proposal, 'id' | 'at'>,
  secret: ProposalSecret,
): Promise<string> {
  return sealJson(keys, { scope: PROPOSALS, context: id }, at, secret);
}

/** Nothing if it cannot be opened: its data key is lost, or somebody changed it. Then it cannot be confirmed. */
export async function openProposal(
  { keys }: Pick<ApiPorts, 'keys'>,
  { id, sealed }: Pick<Proposal, 'id' | 'sealed'>,
): Promise<ProposalSecret | undefined> {
  try {
    // Only `sealProposal` seals under this context.
    return (await openJson(keys, { scope: PROPOSALS, context: id }, sealed)) as ProposalSecret;
  } catch (error) {
    if (codeOf(error) === 'CIPHERTEXT_BROKEN') return undefined;
    throw error;
  }
}
