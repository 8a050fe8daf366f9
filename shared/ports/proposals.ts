import type { ProposalRef } from '../domain/record/ids.ts';
import type { Proposal } from '../domain/record/proposal.ts';
import type { Page } from './page.ts';

/** What one operator asked for, and another one has to confirm. */
export interface Proposals {
  /** Strongly consistent. */
  proposal(id: ProposalRef): Promise<Proposal | undefined>;
  /** On `next.version - 1`; 0 stands for none. It goes a week after it expires. */
  putProposal(next: Proposal): Promise<'written' | 'moved'>;
  /** Those that are over, too. At most 100 a page. */
  proposals(after?: string): Promise<Page<Proposal>>;
}
