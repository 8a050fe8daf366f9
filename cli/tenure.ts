#!/usr/bin/env node
import { awsCredentials } from './aws-credentials.ts';
import { codeOf } from '../shared/domain/error-code.ts';
import { errorCode, runCli } from './run-cli.ts';

// What is not finished is removed on the way out.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code));
const args = process.argv.slice(2);
// A reader such as `head` closes the pipe when it has read enough: the command then ends as it would have. What cannot be
// written, as on a full disk, must not look as if it were there.
process.stdout.on('error', (error) => {
  const code = codeOf(error);
  if (code === 'EPIPE') return;
  process.stderr.write(`Standard output could not be written (${code}): check its free space.\n`);
  process.exit(errorCode(args, 2));
});

process.exitCode = await runCli(args, {
  env: process.env,
  credentials: awsCredentials(process.env['AWS_PROFILE']),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
});
