import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Client, Credentials } from '../shared/client/client.ts';
import { apiClient } from './api-client.ts';

/** What the process provides to a command. */
export interface CliProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The caller's credentials; requested before every request. */
  readonly credentials: () => Promise<Credentials>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly now: () => number;
}

export interface CliContext {
  client(): Client;
  readonly credentials: () => Promise<Credentials>;
  readonly env: CliProcess['env'];
  readonly now: () => number;
  /** All of standard input. */
  input(): Promise<string>;
  /** Writes data as one JSON document, which is all of standard output. */
  json(data: unknown): void;
  /** Writes data for people. */
  print(line: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Writes anything that is not data, to standard error. */
  say(line: string): void;
  bold(text: string): string;
  warn(text: string): string;
  /** Records that the command found something that needs attention: exit code 1. */
  found(): void;
  findings(): boolean;
}

export function cliContext({ env, credentials, stdin, stdout, stderr, now }: CliProcess): CliContext {
  let found = false;
  const print = (line: string): void => void stdout.write(`${line}\n`);
  return {
    now,
    env,
    credentials,
    client: () => apiClient(env, credentials),
    async input() {
      const parts: Buffer[] = [];
      for await (const part of stdin) parts.push(Buffer.from(part));
      return Buffer.concat(parts).toString('utf8');
    },
    json: (data) => print(JSON.stringify(data, null, 2)),
    print,
    table: (head, rows) => print(tableOf(head, rows)),
    say: (line) => void stderr.write(`${line}\n`),
    // Colour only where the stream is a terminal and NO_COLOR does not forbid it.
    bold: (text) => styleText('bold', text, { stream: stdout }),
    warn: (text) => styleText('yellow', text, { stream: stdout }),
    found: () => {
      found = true;
    },
    findings: () => found,
  };
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const table = new Table({ head: [...head], chars: PLAIN, style });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
