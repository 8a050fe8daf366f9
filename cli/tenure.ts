#!/usr/bin/env node
import { awsCredentials } from './aws-credentials.ts';
import { runCli } from './run-cli.ts';

process.once('SIGINT', () => process.exit(130));
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
