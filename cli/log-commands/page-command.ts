import { basename } from 'node:path';
import * as z from 'zod';
import { pagesOf } from '../../shared/client/client.ts';
import { parseJson } from '../../shared/contract/parse.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import type { EntryPage } from '../../shared/domain/record/entry.ts';
import { listFault } from '../../shared/domain/record/page-list.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';
import { linesIn, listIn, sayFault } from './page-lists.ts';

type Commands = ReturnType<Program['command']>;

const DAY = 86_400_000;

interface Options {
  readonly list: string;
  readonly entries?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** `log page`: whether a list of records is the one that an entry was written about. */
export function addPageCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('page')
    .argument('<index>', 'the index of an entry about a page of a collection, or about rows of a dataset')
    .requiredOption('--list <file>', 'the object of the log with the list, from `lists/`')
    .option(
      '--entries <file>',
      'the object of the log with the entry, from `entries/`, under its own name: no network is used',
    )
    .option(
      '--from <date>',
      'without --entries: ask the API for entries from this date on; by default 30 days',
    )
    .option('--to <date>', 'without --entries: before this date')
    .description('compute the root of a list of records again; exit code 1 if it is not that of the entry')
    .action(async (text, options) => {
      const index = indexIn(text);
      const entry =
        options.entries === undefined
          ? await entryFromApi(context, index, options)
          : await entryFromFile(index, options.entries);
      const { page } = PagedEntry.safeParse(entry).data ?? {};
      if (page === undefined)
        throw new UsageError(
          `The entry ${index} is not about a page of a collection, or about rows of a dataset: it has no list.`,
        );
      const problem =
        page.root === undefined && page.records === 0
          ? undefined
          : await problemOf(index, page, options.list);
      if (problem !== undefined) context.found();
      if (wantsJson(program)) return context.json({ index, page, ...(problem !== undefined && { problem }) });
      if (problem !== undefined) return context.print(`Entry ${index}: ${problem}`);
      context.print(
        page.root === undefined
          ? `Entry ${index}: nothing was disposed of, so it has no list.`
          : `Entry ${index}: the list is the one that the entry was written about (${page.records} records, root ${page.root}).`,
      );
    });
}

const PagedEntry = z.object({
  page: z.looseObject({ records: z.int().min(0), root: z.exactOptional(z.string()) }),
});

function indexIn(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError('The index of an entry is a number, such as 4711: `tenure log list` shows it.');
}

async function entryFromApi(context: CliContext, index: number, { from, to }: Options): Promise<unknown> {
  const client = context.client();
  const now = context.now();
  const query = { from: from ?? dayId(now - 30 * DAY), to: to ?? dayId(now + DAY) };
  for await (const { entries } of pagesOf((cursor) => client.queryLog({ ...query, ...cursor })))
    for (const answer of entries) if (answer.index === index) return answer.entry;
  throw new UsageError(
    `There is no entry ${index} from ${query.from} to ${query.to}: give the time in which its attempt began with --from and --to.`,
  );
}

/** An object of entries says by its name where in the log its first one is. */
async function entryFromFile(index: number, path: string): Promise<unknown> {
  const name = basename(path);
  if (!/^\d{20}$/.test(name))
    throw new UsageError(
      `${path} is not named like an object of the log: keep the name that it has under entries/.`,
    );
  const lines = linesIn(await textOf(path));
  const line = lines[index - Number(name)];
  if (line === undefined)
    throw new UsageError(
      `${path} has the entries ${Number(name)} to ${Number(name) + lines.length - 1}, not ${index}: pass the object with the entry.`,
    );
  const json = parseJson(line);
  if (json.ok) return json.value;
  throw new UsageError(
    `${path} has no entry in line ${index - Number(name) + 1}: it is not an object of the log.`,
  );
}

async function problemOf(
  index: number,
  page: Pick<EntryPage, 'records' | 'root'>,
  path: string,
): Promise<string | undefined> {
  const list = listIn(await textOf(path), index);
  if (list === undefined) return `${path} has no list of this entry.`;
  const fault = listFault(page, list.records);
  return fault && `${sayFault(fault, page, list)} (${path})`;
}
