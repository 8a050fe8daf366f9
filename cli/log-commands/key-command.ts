import { parseVkey, vkeyOf } from '../../shared/domain/log/note.ts';
import { parameterText } from '../aws-parameter.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';

type Commands = ReturnType<Program['command']>;

/** `log key`: the verifier key, as the deployment has written it into its account. */
export function addKeyCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('key')
    .option('--deployment <name>', 'the name of the deployment', 'tenure')
    .description(
      'show the key of the log, as the account has it: compare it with what was published elsewhere',
    )
    .action(async ({ deployment }) => {
      const name = `/tenure/log-keys/${deployment}`;
      const keys = await keysIn(context, name);
      if (wantsJson(program)) return context.json({ parameter: name, keys });
      for (const key of keys) context.print(key);
      context.say(
        'Anyone who administers the account can change this parameter. Compare the key with the one that the operator published elsewhere, and keep it.',
      );
    });
}

async function keysIn(context: CliContext, name: string): Promise<readonly string[]> {
  const text = await parameterText(context, name);
  if (text === undefined)
    throw new UsageError(
      `There is no parameter ${name}: check the region and the name of the deployment. It is written when the deletion log is first signed.`,
    );
  const keys = text.split('\n').map((line) => parseVkey(line.trim()));
  if (keys.some((key) => key === undefined))
    throw new UsageError(`The parameter ${name} has a line that is not a key of a log: somebody changed it.`);
  return keys.flatMap((key) => (key === undefined ? [] : [vkeyOf(key)]));
}
