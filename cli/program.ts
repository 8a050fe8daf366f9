import { Command } from '@commander-js/extra-typings';
import { SOFTWARE } from '../shared/domain/version.ts';
import type { CliProcess } from './cli-context.ts';
import { visible } from './visible.ts';

export type Program = ReturnType<typeof tenureProgram>;

/** Every command accepts `--json`, before or after the command's name. */
export function tenureProgram({ stdout, stderr }: Pick<CliProcess, 'stdout' | 'stderr'>) {
  return new Command('tenure')
    .description(
      'Operate and audit Tenure: what is held about whom and until when, what was disposed of, and why.',
    )
    .version(SOFTWARE, '--version', 'write the name and version of this software')
    .option('--json', 'write one JSON document to standard output')
    .addHelpText(
      'after',
      '\nSet TENURE_URL to the URL of the API. Credentials come from the default AWS chain (environment, profile, single sign-on).' +
        '\nExit codes: 0 success, 1 findings, 2 usage error, 3 refused by the API or API unreachable, 4 an error in tenure itself; of `policy plan` and `restore replay`: 0 nothing changes, 2 something changes, 1 any error.',
    )
    .configureOutput({
      writeOut: (text) => void stdout.write(text.split('\n').map(visible).join('\n')),
      writeErr: (text) => void stderr.write(text.split('\n').map(visible).join('\n')),
    })
    .showSuggestionAfterError()
    .exitOverride();
}

/** Whether `--json` was given, before or after the command. */
export function wantsJson(program: Program): boolean {
  return program.opts().json === true;
}
