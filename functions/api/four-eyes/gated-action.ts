import type { Problem } from '../../../shared/contract/problem.ts';
import type { ProposalAnswer } from '../../../shared/contract/people/proposals.ts';
import type { ProposalKind } from '../../../shared/domain/record/proposal.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { Asked } from '../note-actions.ts';

/** `void`: there was nothing of it to do any more. A problem: it was not carried out. */
export type CarriedOut = 'done' | 'void' | Problem;

/** What needs two people where that is configured. `What`: all that is asked, exactly, as JSON. */
export interface GatedAction<What extends object> {
  readonly kind: ProposalKind;
  /** What the entries of the log say. */
  notes(what: What): readonly Asked[];
  /** What the person who confirms it sees of it. `isWhole`: also what is long. */
  shown(what: What, isWhole: boolean): Partial<ProposalAnswer>;
  /** Why it cannot be carried out as it was asked for: what it is about may have changed since. */
  refusal(ports: ApiPorts, what: What): Promise<Problem | undefined>;
  /** Once more, after its process died, changes nothing that was done. */
  carryOut(ports: ApiPorts, what: What): Promise<CarriedOut>;
}
