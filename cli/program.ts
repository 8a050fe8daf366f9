import { Command } from '@commander-js/extra-typings';
import type { CliProcess } from './cli-context.ts';

export type Program = ReturnType<typeof tenureProgram>;

/** Every command takes `--json`; it may stand before or after the command's name. */
export function tenureProgram({ stdout, stderr }: Pick<CliProcess, 'stdout' | 'stderr'>) {
  return new Command('tenure')
    .description('What is held about whom and until when, what was disposed of, and why.')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      '\nTENURE_URL says where the API is; who you are is found where every AWS tool looks (profile, sign-on, environment).' +
        '\nExit codes: 0 ok, 1 findings, 2 usage, 3 refused or unreachable.',
    )
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .showSuggestionAfterError()
    .exitOverride();
}

/** Whether the command was asked for JSON, wherever the option stood. */
export function wantsJson(program: Program): boolean {
  return program.opts().json === true;
}
