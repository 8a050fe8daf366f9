import { CommanderError } from '@commander-js/extra-typings';
import { ClientError } from '../shared/client/client-error.ts';
import { type CliContext, type CliProcess, cliContext } from './cli-context.ts';
import { addApplicationCommands } from './application-commands.ts';
import { addAttentionCommand } from './attention-commands.ts';
import { addCoverageCommand } from './coverage-command.ts';
import { addForecastCommand } from './forecast-command.ts';
import { addHoldCommands } from './hold-commands.ts';
import { addLaneCommands } from './lane-commands.ts';
import { addLogCommands } from './log-commands/log-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addPreflightCommand } from './preflight/preflight-command.ts';
import { addProposalCommands } from './four-eyes/proposal-commands.ts';
import { tenureProgram } from './program.ts';
import { addQuarantineCommands } from './quarantine-commands.ts';
import { addRestoreCommands } from './restore/replay-command.ts';
import { addRuleCommands } from './rule-commands.ts';
import { addRequestCommands } from './people-commands/request-commands.ts';
import { addSubjectCommand } from './subject-command.ts';
import { codeOf } from '../shared/domain/error-code.ts';
import { UsageError } from './usage-error.ts';

/**
 * 0 success, 1 findings, 2 usage error, 3 the API refused or did not answer, 4 an error in the command
 * itself. `policy plan` and `restore replay` end with 0 if nothing changes, with 2 if something does or would, and
 * with 1 after any error, as `terraform plan -detailed-exitcode` does. (The entry file exits with 130 when
 * interrupted.)
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/**
 * The command `tenure`. Data goes to `stdout`, everything else to `stderr`. With `--json`, `stdout` is one JSON
 * document.
 */
export async function runCli(args: readonly string[], process: CliProcess): Promise<ExitCode> {
  const context = cliContext(process);
  const program = tenureProgram(process);
  addHoldCommands(program, context);
  addLaneCommands(program, context);
  addAttentionCommand(program, context);
  addForecastCommand(program, context);
  addCoverageCommand(program, context);
  addSubjectCommand(program, context);
  addRequestCommands(program, context);
  addApplicationCommands(program, context);
  addLogCommands(program, context);
  addQuarantineCommands(program, context);
  addRestoreCommands(program, context);
  addPolicyCommands(program, context);
  addProposalCommands(program, context);
  addRuleCommands(program, context);
  addPreflightCommand(program, context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode();
  } catch (error) {
    const code = exitCodeOf(error, context);
    return code === 0 ? 0 : errorCode(args, code);
  }
}

/** With which code a command ends that failed with this one: a question has one code for every error. */
export function errorCode(args: readonly string[], code: ExitCode): ExitCode {
  return isQuestion(args) ? 1 : code;
}

function isQuestion(args: readonly string[]): boolean {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  return (first === 'policy' && second === 'plan') || (first === 'restore' && second === 'replay');
}

function exitCodeOf(error: unknown, context: CliContext): ExitCode {
  // Commander has already printed its help or its error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    for (const line of error.lines) context.say(line);
    return 2;
  }
  if (error instanceof ClientError) {
    const path = error.path === undefined ? '' : ` at ${error.path}`;
    context.say(`${error.code}${path}: ${error.message}`);
    return 3;
  }
  // Its message may quote what it failed at.
  context.say(
    `tenure failed in a way that it does not expect (${codeOf(error)}): report this with the command that you ran.`,
  );
  return 4;
}
