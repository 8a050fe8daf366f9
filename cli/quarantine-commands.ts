import { pagesOf } from '../shared/client/client.ts';
import type { QuarantinedAnswer, SettledAnswer } from '../shared/contract/operations.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';
import { unlessProposed } from './four-eyes/show-proposal.ts';

/** `quarantine list | replay | discard`: messages that could not be processed. */
export function addQuarantineCommands(program: Program, context: CliContext): void {
  const quarantine = program.command('quarantine').description('messages that could not be processed');
  quarantine
    .command('list')
    .description('list quarantined messages, without their content')
    .action(async () => {
      const client = context.client();
      const items: QuarantinedAnswer[] = [];
      for await (const page of pagesOf((cursor) => client.listQuarantine(cursor))) items.push(...page.items);
      showItems(program, context, items);
    });
  quarantine
    .command('replay')
    .argument('<id>', 'the id of the message: `tenure quarantine list` shows it')
    .description('process a message again, after its cause was fixed')
    .action(async (id) => showSettled(program, context, await context.client().replayQuarantined(id)));
  quarantine
    .command('discard')
    .argument('<id>', 'the id of the message: `tenure quarantine list` shows it')
    .description('delete a message permanently')
    .action(async (id) =>
      unlessProposed(program, context, await context.client().discardQuarantined(id), showSettled),
    );
}

function showItems(program: Program, context: CliContext, items: readonly QuarantinedAnswer[]): void {
  if (wantsJson(program)) return context.json({ items });
  if (items.length === 0) return context.say('The quarantine is empty.');
  context.table(
    ['id', 'received', 'code', 'at', 'producer', 'kept'],
    items.map(({ id, receivedAt, code, reason, producer, cut }) => [
      id,
      receivedAt,
      code,
      reason || '-',
      producer ?? '-',
      cut === undefined ? 'whole' : `cut, from ${cut.bytes} bytes${cut.busId ? `, ${cut.busId}` : ''}`,
    ]),
  );
}

function showSettled(program: Program, context: CliContext, answer: SettledAnswer): void {
  if (wantsJson(program)) return context.json(answer);
  context.say(`${answer.id} was ${answer.settled}.`);
}
