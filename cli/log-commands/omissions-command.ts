import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { allDue, dayOf } from '../due-holdings.ts';
import { UsageError } from '../usage-error.ts';
import { datasetLines, dueCounts } from './due-counts.ts';
import { entriesProgress } from './entries-progress.ts';
import { present } from '../../shared/domain/present.ts';
import { logSource } from './log-source.ts';
import { type Omission, omissionsOf } from './omissions.ts';
import { collected, INTRODUCED_OPTION, KEY_OPTION, verifierKeys } from './verifier-keys.ts';

type Commands = ReturnType<Program['command']>;

const WORDS: Readonly<Record<Omission['code'], string>> = {
  'not-listed': 'was disposed of then, by an entry of the log, and the statement does not list it',
  'no-entry': 'was disposed of then, by the statement, and the log has no entry of it',
};

/** `log omissions`: whether the statement of a day leaves out what it had to say. */
export function addOmissionsCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('omissions')
    .requiredOption('--day <day>', 'the day in UTC, such as 2026-03-01', dayOf)
    .requiredOption('--log <folder>', 'a copy of the log')
    .requiredOption('--key <key>', KEY_OPTION, collected)
    .option('--introduced <receipt>', INTRODUCED_OPTION, collected)
    .option(
      '--registry',
      'also ask the registry at TENURE_URL for records that were due then and are still there',
    )
    .description(
      'compare the statement of what was due on a day with the log; exit code 1 if it leaves anything out',
    )
    .action(async ({ day, log: place, key, registry, introduced = [] }) => {
      const keys = await verifierKeys([key].flat(), [introduced].flat());
      const source = await logSource(place);
      if ((await source.list('lists')) === undefined)
        throw new UsageError(
          'The lists of the log cannot be listed at a URL: copy the log into a folder, and pass it.',
        );
      const result = await omissionsOf(source, {
        keys,
        day,
        progress: entriesProgress(context),
      });
      context.progress('');
      if (!result.ok) {
        context.found();
        const { file, problem } = result.fault;
        return wantsJson(program)
          ? context.json({ ok: false, file, problem })
          : context.print(`${file} ${problem}`);
      }
      const { stated, cut } = result;
      if (cut !== undefined) {
        context.found();
        const { first, last } = cut.statement;
        if (wantsJson(program))
          return context.json({ ok: false, day, stated: true, first, last, dropped: cut.dropped });
        return context.print(
          `The log has dropped its first ${cut.dropped} entries, and some of them may be of the days from ${first} to ${last}: the statement cannot be compared. Use a copy of the log that was made before.`,
        );
      }
      if (stated === undefined) {
        context.found();
        if (wantsJson(program)) return context.json({ ok: false, day, stated: false });
        return context.print(`The log has no statement of what was due on ${day}.`);
      }
      const { statement, omissions, left, isListed } = stated;
      const { first, last, due, unlinked = 0 } = statement;
      const unstated =
        registry === true
          ? await allDue(context.client(), last, (one) => !isListed(one))
          : { holdings: [], unlinked: 0 };
      const isWhole = omissions.length + unstated.holdings.length === 0;
      if (!isWhole) context.found();
      if (wantsJson(program))
        return context.json({
          ok: isWhole,
          day,
          stated: true,
          first,
          last,
          due,
          unlinked,
          ...present({ datasets: statement.datasets, datasetsLeftOut: statement.datasetsLeftOut }),
          omissions,
          left,
          ...(registry === true && { unstated }),
        });
      context.print(`Due from ${first} to ${last}: ${dueCounts(due)}.`);
      for (const line of datasetLines(statement)) context.print(line);
      if (unlinked > 0)
        context.print(`${unlinked} more cannot be named: the log's key of their year was destroyed.`);
      if (left.length > 0)
        context.print(
          `${left.length} were due before, and are not any more: a fact has moved their date, or they were withdrawn.`,
        );
      for (const { ref, generation, code } of omissions)
        context.print(`${ref} generation ${generation} ${WORDS[code]}.`);
      for (const { ref, generation, store } of unstated.holdings)
        context.print(
          `${ref} generation ${generation} in ${store} was due by ${last}, by what the registry knows now, and the statement does not list it.`,
        );
      if (unstated.unlinked > 0)
        context.print(
          `${unstated.unlinked} more in the registry cannot be named: the log's key of their year was destroyed.`,
        );
      if (isWhole) context.print('Nothing is left out.');
    });
}
