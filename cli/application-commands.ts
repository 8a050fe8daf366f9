import { type BatchAnswer, type ItemResult, LARGEST_BATCH, LARGEST_BODY } from '../shared/contract/batch.ts';
import type { ProposalAnswer } from '../shared/contract/people/proposals.ts';
import type { Client } from '../shared/client/client.ts';
import type { CliContext } from './cli-context.ts';
import { sayProposed } from './four-eyes/show-proposal.ts';
import { type Program, wantsJson } from './program.ts';
import { jsonIn, textOf } from './text-of.ts';
import { UsageError } from './usage-error.ts';

/** Bytes around the items of a body: its braces and the name of the list. */
const WRAPPING = 32;

/** `register`, `withdraw`, `send`: what applications do with the client, from files. */
export function addApplicationCommands(program: Program, context: CliContext): void {
  // The API checks the items, one by one.
  const commands = {
    register: {
      does: 'register the holdings of a JSON list (the items of POST /v1/holdings)',
      call: (client: Client, items: readonly never[]) => client.registerHoldings(items),
    },
    withdraw: {
      does: 'withdraw the holdings of a JSON list (the items of POST /v1/holdings/withdraw)',
      call: (client: Client, items: readonly never[]) => client.withdrawHoldings(items),
    },
    send: {
      does: 'send the lifecycle events of a JSON list of CloudEvents',
      call: (client: Client, items: readonly never[]) => client.sendEvents(items),
    },
  };
  for (const [name, { does, call }] of Object.entries(commands)) {
    program
      .command(name)
      .argument('<file>', 'a JSON file, or - for standard input')
      .description(`${does}; exit code 1 if an item is rejected, or waits for another operator`)
      .action(async (file) => {
        const client = context.client();
        const items = await listIn(file, context);
        const results: ItemResult[] = [];
        const proposed: ProposalAnswer[] = [];
        try {
          for (const batch of batchesOf(items)) {
            const first = results.length;
            const answer: BatchAnswer = await call(client, batch as readonly never[]);
            results.push(...answer.results.map((result) => ({ ...result, index: first + result.index })));
            if (answer.proposed !== undefined) proposed.push(answer.proposed);
          }
        } finally {
          // Also shows the results from before a failed request.
          if (results.length > 0) show(program, context, results, proposed);
        }
      });
  }
}

async function listIn(file: string, context: CliContext): Promise<readonly unknown[]> {
  const name = file === '-' ? 'Standard input' : file;
  const list = jsonIn(name, file === '-' ? await context.input() : await textOf(file));
  if (!Array.isArray(list) || list.length === 0) {
    throw new UsageError(`${name} is not a JSON list with at least one item: write [ … ] around the items.`);
  }
  return list as readonly unknown[];
}

/**
 * Fills each request up to the API's limits. An item that is too large is sent alone, so that the API rejects only that
 * item.
 */
function* batchesOf(items: readonly unknown[]): Generator<readonly unknown[]> {
  let batch: unknown[] = [];
  let bytes = WRAPPING;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length === LARGEST_BATCH || (batch.length > 0 && bytes + size > LARGEST_BODY)) {
      yield batch;
      [batch, bytes] = [[], WRAPPING];
    }
    batch.push(item);
    bytes += size;
  }
  yield batch;
}

function show(
  program: Program,
  context: CliContext,
  results: readonly ItemResult[],
  proposed: readonly ProposalAnswer[],
): void {
  const rejected = results.filter(({ status }) => status === 'rejected');
  if (rejected.length + proposed.length > 0) context.found();
  if (wantsJson(program)) return context.json({ results, ...(proposed.length > 0 && { proposed }) });
  if (rejected.length > 0) {
    context.table(
      ['item', 'code', 'at', 'what'],
      rejected.map(({ index, code, path, message }) => [
        String(index),
        context.warn(code ?? 'rejected'),
        path ?? '-',
        message ?? '-',
      ]),
    );
  }
  const waiting = results.filter(({ status }) => status === 'proposed').length;
  context.say(
    `${results.length - rejected.length - waiting} accepted, ${rejected.length} rejected${waiting > 0 ? `, ${waiting} proposed` : ''}.`,
  );
  for (const one of proposed) sayProposed(context, one);
}
