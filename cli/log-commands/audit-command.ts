import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { textOf } from '../text-of.ts';
import { auditLog } from './audit-log.ts';
import { entriesProgress } from './entries-progress.ts';
import { logSource } from './log-source.ts';
import { signedHead } from './signed-head.ts';
import { collected, INTRODUCED_OPTION, KEY_OPTION, verifierKeys } from './verifier-keys.ts';
import {
  askedWitnesses,
  namedWitnesses,
  NEEDED_OPTION,
  saidWitnesses,
  WITNESS_OPTION,
} from './witness-option.ts';

type Commands = ReturnType<Program['command']>;

/** `log audit`: a whole log is computed again from its entries. */
export function addAuditCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('audit')
    .requiredOption(
      '--log <folder or URL>',
      'a copy of the log, or the URL under which its objects are served',
    )
    .requiredOption('--key <key>', KEY_OPTION, collected)
    .option('--introduced <receipt>', INTRODUCED_OPTION, collected)
    .option(
      '--since <file>',
      'a checkpoint that you kept: the log has to begin with all entries that it had then',
    )
    .option('--witness <key>', WITNESS_OPTION, collected)
    .option('--witnesses-needed <count>', NEEDED_OPTION)
    .description('compute the whole log again; exit code 1 with the first thing that is wrong')
    .action(async ({ log: place, key, introduced = [], since, witness = [], witnessesNeeded }) => {
      const keys = await verifierKeys([key].flat(), [introduced].flat());
      const witnesses = await askedWitnesses([witness].flat(), witnessesNeeded, keys);
      const source = await logSource(place);
      const kept = since === undefined ? undefined : { file: since, note: await textOf(since) };
      const result = await auditLog(source, {
        keys,
        since: kept,
        witnesses,
        progress: entriesProgress(context),
      });
      context.progress('');
      if (!result.ok) {
        context.found();
        const { file, problem } = result.fault;
        if (wantsJson(program)) return context.json({ ok: false, file, problem });
        return context.print(`${file} ${problem}`);
      }
      const { checkpoint, signers, without, cosignatures, dropped, unstated } = result;
      const head = signedHead(checkpoint, signers);
      const { origin, size, root, signedBy } = head;
      if (wantsJson(program))
        return context.json({
          ok: true,
          ...head,
          without,
          dropped,
          unstated,
          witnesses: witnesses && namedWitnesses(cosignatures),
        });
      context.print(
        `The log ${origin} is right: ${size} entries, root ${root}, signed by ${signedBy.join(' and ')}.`,
      );
      if (witnesses !== undefined) context.print(saidWitnesses(cosignatures, witnesses));
      if (since !== undefined) context.print(`It begins with all entries of ${since}.`);
      if (dropped > 0)
        context.print(
          `Entries before ${dropped} were dropped, as the log says. They were not looked at: the signed root has their hashes.`,
        );
      if (unstated.length > 0) context.print(`No statement says what was due on: ${shortened(unstated)}.`);
      if (without.includes('entries'))
        context.say(
          'The objects under entries/ were not looked at: they cannot be listed, or are not there.',
        );
      if (without.includes('lists'))
        context.say('The lists of records under lists/ were not looked at: they cannot be listed.');
    });
}

const MOST_SHOWN = 10;

function shortened(days: readonly string[]): string {
  const more = days.length > MOST_SHOWN ? ` and ${days.length - MOST_SHOWN} more days` : '';
  return `${days.slice(0, MOST_SHOWN).join(', ')}${more}`;
}
