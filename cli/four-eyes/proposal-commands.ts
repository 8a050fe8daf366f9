import { pagesOf } from '../../shared/client/client.ts';
import type { ProposalAnswer } from '../../shared/contract/people/proposals.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { whatOf } from './show-proposal.ts';

/** `proposals` and `confirm`: what one operator has asked for, and another one has to confirm. */
export function addProposalCommands(program: Program, context: CliContext): void {
  const proposals = program
    .command('proposals')
    .argument('[id]', 'show this one with all that is asked, also when it is over')
    .description(
      'list what operators have proposed and another one has to confirm; exit code 1 if there is any',
    )
    .action(async (id) => {
      const client = context.client();
      if (id !== undefined) {
        const { proposals: found } = await client.queryProposals({ id: idOf(id) });
        return showOne(program, context, found);
      }
      const all: ProposalAnswer[] = [];
      for await (const page of pagesOf((cursor) => client.queryProposals(cursor)))
        all.push(...page.proposals);
      showAll(program, context, all);
    });
  proposals
    .command('withdraw')
    .argument('<id>', 'the id of the proposal: `tenure proposals` shows it')
    .description('take back a proposal of any operator, so that it cannot be confirmed')
    .action(async (id) => {
      const { proposals: found } = await context.client().withdrawProposal({ id: idOf(id) });
      showOne(program, context, found);
    });
  program
    .command('confirm')
    .argument('<id>', 'a proposal of another operator: look at it with `tenure proposals <id>` first')
    .description(
      'carry out what another operator has proposed; the deletion log names both; exit code 1 if it was not done',
    )
    .action(async (id) => {
      const { proposals: found } = await context.client().confirmProposal({ id: idOf(id) });
      if (found.some(({ state }) => state !== 'done')) context.found();
      showOne(program, context, found);
    });
}

function idOf(id: string): string {
  if (/^[\w-]{22}$/.test(id)) return id;
  throw new UsageError(
    'The id of a proposal has 22 letters, digits, hyphens and underscores: `tenure proposals` lists them.',
  );
}

function showOne(program: Program, context: CliContext, [found]: readonly ProposalAnswer[]): void {
  if (found === undefined) throw new TypeError('a proposal that is known has an answer');
  if (wantsJson(program)) return context.json(found);
  const { id, state, proposedBy, proposedAt, confirmedBy, confirmedAt, expiresAt, next, events = [] } = found;
  context.print(`${id}: ${whatOf(found)}`);
  context.print(`  state: ${state}${state === 'void' ? ' (there was nothing of it to do any more)' : ''}`);
  context.print(`  proposed ${proposedAt} by ${proposedBy ?? 'somebody whose name cannot be read any more'}`);
  if (confirmedAt !== undefined) context.print(`  confirmed ${confirmedAt} by ${confirmedBy ?? '-'}`);
  if (next !== undefined) context.print(`  expires ${expiresAt}`);
  for (const event of events) context.print(`  ${JSON.stringify(event)}`);
  if (next !== undefined) context.say(next);
}

function showAll(program: Program, context: CliContext, all: readonly ProposalAnswer[]): void {
  if (all.length > 0) context.found();
  if (wantsJson(program)) return context.json({ proposals: all });
  if (all.length === 0) return context.say('Nothing waits for another operator.');
  context.table(
    ['id', 'what', 'proposed by', 'expires', 'state'],
    all.map((one) => [
      one.id,
      whatOf(one),
      `${one.proposedBy ?? '-'}${one.yours === true ? ' (you)' : ''}`,
      one.expiresAt,
      one.state,
    ]),
  );
}
