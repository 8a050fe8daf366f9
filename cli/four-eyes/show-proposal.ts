import type { ProposalAnswer, ProposedAnswer } from '../../shared/contract/people/proposals.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';

/** Shows the answer, or says that nothing was done yet: exit code 1, so that no script takes it for done. */
export function unlessProposed<Answer extends object>(
  program: Program,
  context: CliContext,
  answer: Answer | ProposedAnswer,
  show: (program: Program, context: CliContext, answer: Answer) => void,
): void {
  if (!('proposed' in answer)) return show(program, context, answer);
  context.found();
  if (wantsJson(program)) return context.json(answer);
  sayProposed(context, answer.proposed);
}

export function sayProposed(context: CliContext, proposal: ProposalAnswer): void {
  const { id, proposedBy = 'somebody', next } = proposal;
  context.say(`Proposal ${id} of ${proposedBy}: ${whatOf(proposal)}.`);
  if (next !== undefined) context.say(next);
}

/** What is asked, in a line. */
export function whatOf(proposal: ProposalAnswer): string {
  const { action, lane = '-', policy = '-', rule = '-', records = 0 } = proposal;
  switch (action) {
    case 'approve':
      return `approve ${records} more records of “${rule}” of ${policy} in ${lane}`;
    case 'resume':
      return `resume “${rule}” of ${policy} in ${lane}`;
    case 'activate':
      return `activate the policies ${proposal.policies ?? '-'} (${proposal.newlyDue ?? 'an unknown number of'} records newly due)`;
    case 'discard':
      return `discard the message ${proposal.quarantined ?? '-'}, received ${proposal.receivedAt ?? '-'}`;
    case 'replay':
      return `dispose of what is in ${lane} again and was disposed of since ${proposal.since ?? '-'} (replay ${proposal.replay ?? '-'})`;
    case 'events':
      return `${proposal.items ?? '-'} corrections or retractions of events`;
  }
}
