import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Client, Credentials } from '../shared/client/client.ts';
import { apiClient } from './api-client.ts';
import { textIn } from './text-of.ts';
import { UsageError } from './usage-error.ts';
import { visible, visibleDocument } from './visible.ts';

/** What the process provides to a command. */
export interface CliProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The caller's credentials; requested before every request. */
  readonly credentials: () => Promise<Credentials>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly now: () => number;
  /** Between two looks at something that is under way. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
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
  /** Writes a document of many lines, such as a page, which is all of standard output. */
  document(text: string): void;
  /** Writes data for people. */
  print(line: string): void;
  /** How many characters a line has where standard output goes. */
  width(): number;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Writes anything that is not data, to standard error. */
  say(line: string): void;
  /** Shows how far the command is, in one line that the next one replaces; only where standard error is a terminal. */
  progress(line: string): void;
  bold(text: string): string;
  warn(text: string): string;
  sleep(milliseconds: number): Promise<void>;
  /** Records that the command found something that needs attention: exit code 1. */
  found(): void;
  /** Records that something would change: exit code 2, of `policy plan` and `restore replay` only. */
  changed(): void;
  exitCode(): 0 | 1 | 2;
}

export function cliContext({
  env,
  credentials,
  stdin,
  stdout,
  stderr,
  now,
  sleep = async (milliseconds) => setTimeout(milliseconds),
}: CliProcess): CliContext {
  let code: 0 | 1 | 2 = 0;
  const print = (line: string): void => void stdout.write(`${shown(line, stdout)}\n`);
  const say = (line: string): void => void stderr.write(`${shown(line, stderr)}\n`);
  const checked = checkedCredentials(credentials);
  return {
    now,
    env,
    credentials: checked,
    client: () => apiClient(env, checked, say),
    async input() {
      const parts: Buffer[] = [];
      for await (const part of stdin) parts.push(Buffer.from(part));
      return textIn('Standard input', Buffer.concat(parts));
    },
    json: (data) => void stdout.write(`${visibleDocument(JSON.stringify(data, null, 2))}\n`),
    document: (text) => void stdout.write(visibleDocument(text)),
    print,
    table: (head, rows) =>
      void stdout.write(
        `${tableOf(
          head,
          rows.map((row) => row.map((cell) => shown(cell, stdout))),
        )}\n`,
      ),
    width: () => ('columns' in stdout && typeof stdout.columns === 'number' ? stdout.columns : 80),
    say,
    progress: (line) => {
      if ('isTTY' in stderr && stderr.isTTY === true) stderr.write(`\r${visible(line)}\u001b[K`);
    },
    bold: (text) => `${BOLD}${text}${END}`,
    warn: (text) => `${WARN}${text}${END}`,
    sleep,
    found: () => {
      code = 1;
    },
    changed: () => {
      code = 2;
    },
    exitCode: () => code,
  };
}

// Marks around text that is shown in a style. Unicode keeps them for such uses inside a program: they are no characters.
// Where a stranger's text contains them, it is shown in that style.
const BOLD = '\uFDD0';
const WARN = '\uFDD1';
const END = '\uFDD2';

/** As the stream shows it: in colour only where it is a terminal and NO_COLOR does not forbid it. */
function shown(text: string, stream: Writable): string {
  return visible(text)
    .replaceAll(new RegExp(`${BOLD}([^${BOLD}${WARN}${END}]*)${END}`, 'g'), (_, inner: string) =>
      styleText('bold', inner, { stream }),
    )
    .replaceAll(new RegExp(`${WARN}([^${BOLD}${WARN}${END}]*)${END}`, 'g'), (_, inner: string) =>
      styleText('yellow', inner, { stream }),
    )
    .replaceAll(new RegExp(`[${BOLD}${WARN}${END}]`, 'g'), '');
}

/** A header cannot carry them otherwise. The message does not repeat any of them. */
function checkedCredentials(credentials: CliProcess['credentials']): CliProcess['credentials'] {
  return async () => {
    const found = await credentials();
    const { accessKeyId, secretAccessKey, sessionToken = '' } = found;
    if (/^[\x20-\x7e]*$/.test(accessKeyId + secretAccessKey + sessionToken)) return found;
    throw new UsageError(
      'The AWS credentials contain a line break or another character that no credentials have: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile.',
    );
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
