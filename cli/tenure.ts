#!/usr/bin/env node
import { awsCredentials } from './aws-credentials.ts';
import { runCli } from './run-cli.ts';

// What is not finished is removed on the way out.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code));
// A reader such as `head` closes the pipe when it has read enough.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  credentials: awsCredentials(process.env['AWS_PROFILE']),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
});
