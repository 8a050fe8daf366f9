import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Client } from '../../shared/client/client.ts';
import { pagesOf } from '../../shared/client/client.ts';
import type {
  FileRequest,
  ProgressAnswer,
  RequestAnswer,
  RequestsAnswer,
} from '../../shared/contract/people/requests.ts';
import { present } from '../../shared/domain/present.ts';
import { REQUEST_KINDS, type RequestKind } from '../../shared/domain/people/request.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { addArchiveCommands } from './archive-commands.ts';
import { letterOf } from './person-letter.ts';
import { showProgress, showRequest, showRequests } from './show-request.ts';

const SAYS: Readonly<Record<RequestKind, string>> = {
  erase: 'a person asks for the deletion of what is held about them',
  restrict: 'a person asks that their data is stored and used for nothing else',
  object: 'a person objects to the use of their data for a purpose',
  access: 'a person asks what is held about them',
  export: 'a person asks for a copy of their data',
};

/** `request`: what people ask for. What changes something is a dry run without `--execute`. */
export function addRequestCommands(program: Program, context: CliContext): void {
  const request = program
    .command('request')
    .description('requests of people: erasure, restriction, objection, access, copies');
  for (const kind of REQUEST_KINDS) {
    request
      .command(kind)
      .description(`${SAYS[kind]}; without --execute it says what would happen`)
      .argument('<type>', 'the type of the entity, such as person')
      .argument('<id>', 'its id')
      .requiredOption(
        '--id <id>',
        'your own name for the request, such as the number of a ticket: a repeated one counts once',
      )
      .option(
        '--producer <name>',
        'the producer whose id this is, for entity types with ids of each producer',
      )
      .option('--category <names>', 'only data of these categories, separated by commas', names)
      .option('--purpose <names>', 'only data for these purposes, separated by commas', names)
      .option(
        '--registered-by <names>',
        'only data that these producers registered, separated by commas',
        names,
      )
      .option('--received-at <instant>', 'when the person asked, such as 2026-03-01T10:00:00Z; default: now')
      .option(
        '--jurisdiction <name>',
        'whose law decides the deadline, such as DE; without it, the shortest counts',
      )
      .option('--requested-by <text>', 'who asked, if not the person, such as a parent')
      .option(
        '--identity-open',
        'it has to be checked first who asks: nothing is done until `request identify`',
      )
      .option('--also-later', 'erase: also what is registered after the request')
      .option('--forbids-deletion', 'restrict: nothing may be deleted either, until `request release`')
      .option('--execute', 'file the request; without it, nothing is changed')
      .action(async (type, id, options) => {
        const filed: FileRequest = {
          id: options.id,
          kind,
          entity: { type, id, ...present({ producer: options.producer }) },
          ...scopeOf(options),
          ...present({ receivedAt: options.receivedAt, jurisdiction: options.jurisdiction }),
          ...present({ requestedBy: options.requestedBy }),
          ...(options.identityOpen === true && { identity: 'open' }),
          ...(options.alsoLater === true && { alsoLater: true }),
          ...(options.forbidsDeletion === true && { forbidsDeletion: true }),
        };
        await file(program, context, filed, options.execute === true);
      });
  }
  addReading(program, context, request);
  addArchiveCommands(program, context, request);
  addSteps(program, context, request);
}

type Commands = ReturnType<Program['command']>;

function addReading(program: Program, context: CliContext, request: Commands): void {
  request
    .command('list')
    .description('list the open requests and their deadlines; exit code 1 if one is overdue')
    .action(async () => {
      const client = context.client();
      const requests: RequestAnswer[] = [];
      for await (const page of pagesOf((cursor) => client.queryRequests(cursor)))
        requests.push(...page.requests);
      if (requests.some(({ overdue }) => overdue)) context.found();
      if (wantsJson(program)) return context.json({ requests });
      showRequests(context, requests);
    });
  request
    .command('show')
    .argument('<request>', 'its name, as `request list` shows it')
    .option('--text', 'the text for the person, as JSON')
    .option('--html', 'the text for the person, as a page to print or to send')
    .description('show a request and what it comes to for each record')
    .action(async (name, { text, html }) => {
      const found = await progressOf(context.client(), name);
      const [one] = found.requests;
      if (one === undefined) throw new UsageError('No request has this name: see `tenure request list`.');
      if (html === true || text === true) {
        const letter = letterOf(one, found.holdings, context.now());
        if (html === true && !wantsJson(program)) return context.document(letter.html);
        return context.json(letter);
      }
      const { holdings, leftAlone } = found;
      if (wantsJson(program)) return context.json({ request: one, holdings, leftAlone });
      showRequest(context, one);
      showProgress(context, holdings, leftAlone);
    });
}

function addSteps(program: Program, context: CliContext, request: Commands): void {
  const step = (
    name: string,
    description: string,
    take: (client: Client, which: string) => Promise<RequestsAnswer>,
  ) =>
    request
      .command(name)
      .argument('<request>', 'its name, as `request list` shows it')
      .option('--execute', 'do it; without it, nothing is changed')
      .description(description)
      .action((which, { execute }) =>
        stepOf(program, context, { name, which, execute: execute === true }, take),
      );
  const reasoned = (name: 'extend' | 'refuse', description: string) =>
    request
      .command(name)
      .argument('<request>', 'its name, as `request list` shows it')
      .requiredOption('--reason <text>', 'why: the person is told')
      .option('--execute', 'do it; without it, nothing is changed')
      .description(description)
      .action((which, { execute, reason }) =>
        stepOf(program, context, { name, which, execute: execute === true }, (client, each) =>
          name === 'extend'
            ? client.extendRequest({ request: each, reason })
            : client.refuseRequest({ request: each, reason }),
        ),
      );
  step('identify', 'the identity of the person was checked: the request counts from now on', (client, each) =>
    client.identifyRequest({ request: each }),
  );
  reasoned('extend', 'extend the deadline as far as the law allows it');
  reasoned('refuse', 'refuse the request');
  step(
    'cancel',
    'the person took the request back; what was deleted already does not come back',
    (client, each) => client.cancelRequest({ request: each }),
  );
  step('release', 'end a restriction', (client, each) => client.releaseRequest({ request: each }));
  step('close', 'the person has the answer to a request for access', (client, each) =>
    client.closeRequest({ request: each }),
  );
}

async function file(
  program: Program,
  context: CliContext,
  filed: FileRequest,
  isReal: boolean,
): Promise<void> {
  const client = context.client();
  const holdings: ProgressAnswer[] = [];
  const dry = (cursor: object) => client.fileRequest({ ...filed, dryRun: true, ...cursor });
  const real = () => client.fileRequest(filed);
  let one: RequestAnswer | undefined;
  let leftAlone = 0;
  if (isReal) {
    one = (await real()).requests[0];
    if (one !== undefined) {
      const progress = await progressOf(client, one.request);
      holdings.push(...progress.holdings);
      ({ leftAlone } = progress);
    }
  } else
    for await (const page of pagesOf(dry)) {
      one ??= page.requests[0];
      leftAlone = page.leftAlone ?? 0;
      holdings.push(...(page.holdings ?? []));
    }
  if (one === undefined) return;
  if (wantsJson(program)) return context.json({ dryRun: !isReal, request: one, holdings, leftAlone });
  showRequest(context, one);
  showProgress(context, holdings, leftAlone);
  context.say(
    isReal
      ? `The request is filed as ${one.request}.`
      : 'Nothing was changed. Run it again with --execute to file the request.',
  );
}

async function stepOf(
  program: Program,
  context: CliContext,
  { name, which, execute }: { readonly name: string; readonly which: string; readonly execute: boolean },
  take: (client: Client, which: string) => Promise<RequestsAnswer>,
): Promise<void> {
  const client = context.client();
  const { requests } = execute ? await take(client, which) : await client.queryRequests({ request: which });
  const [one] = requests;
  if (one === undefined) return;
  if (wantsJson(program)) return context.json({ dryRun: !execute, request: one });
  showRequest(context, one);
  if (!execute) context.say(`Nothing was changed. Run \`request ${name}\` again with --execute.`);
}

/** All pages. */
async function progressOf(
  client: Client,
  request: string,
): Promise<{
  readonly requests: readonly RequestAnswer[];
  readonly holdings: readonly ProgressAnswer[];
  readonly leftAlone: number;
}> {
  const holdings: ProgressAnswer[] = [];
  let requests: readonly RequestAnswer[] = [];
  let leftAlone = 0;
  for await (const page of pagesOf((cursor) => client.queryRequests({ request, ...cursor }))) {
    requests = page.requests;
    leftAlone = page.leftAlone ?? 0;
    holdings.push(...(page.holdings ?? []));
  }
  return { requests, holdings, leftAlone };
}

function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.every((name) => name !== '')) return list;
  throw new InvalidArgumentError('write names, separated by commas');
}

function scopeOf({
  category,
  purpose,
  registeredBy,
}: {
  readonly category?: string[] | undefined;
  readonly purpose?: string[] | undefined;
  readonly registeredBy?: string[] | undefined;
}): Pick<FileRequest, 'scope'> {
  const given = [category, purpose, registeredBy].filter((one) => one !== undefined);
  if (given.length > 1)
    throw new UsageError(
      'Give one of --category, --purpose and --registered-by: file several requests for several.',
    );
  if (category !== undefined) return { scope: { categories: category } };
  if (purpose !== undefined) return { scope: { purposes: purpose } };
  return registeredBy === undefined ? {} : { scope: { producers: registeredBy } };
}
