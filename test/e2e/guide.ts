import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finish, type Finished, ROOT } from './command.ts';
import type { Scoreboard } from './scoreboard.ts';

/** "Deploy it" in README.md: ten numbered lines, each with a command. The run executes these commands as written. */
export interface Guide {
  /** Runs a line's command with the reader's own names filled in. Throws if the exit code is not 0. */
  run(number: number, options: LineOptions): Promise<string>;
  /** Like `run`, with any exit code. */
  try(number: number, options: LineOptions): Promise<Finished>;
  /** For a command that does not work with an emulator: why, and what is done instead. */
  instead(number: number, why: string, work: () => Promise<void>): Promise<void>;
  /** Lines that were not run. */
  left(): readonly number[];
}

export interface LineOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The reader's own names, by the text in the line. */
  readonly own?: Readonly<Record<string, string>>;
}

const HEADING = '## Deploy it';
/** A number and the line's command. */
const LINE = /^(\d+)\. `([^`]+)`/;

export async function readGuide(board: Scoreboard, checkout = ROOT): Promise<Guide> {
  const commands = commandsIn(await readFile(join(checkout, 'README.md'), 'utf8'));
  const left = new Set(commands.keys());

  function commandOf(number: number): string {
    const command = commands.get(number);
    if (command === undefined) throw new Error(`README.md, "Deploy it": there is no command ${number}`);
    left.delete(number);
    return command;
  }

  async function attempt(number: number, { cwd, env, own = {} }: LineOptions): Promise<Finished> {
    let command = commandOf(number);
    board.step(`README ${number}: ${command}`);
    for (const [theirs, ours] of Object.entries(own)) {
      if (!command.includes(theirs)) throw new Error(`README.md, line ${number} has no ${theirs}`);
      command = command.replaceAll(theirs, ours);
    }
    return finish('sh', ['-c', command], { cwd, env });
  }

  return {
    try: attempt,
    async run(number, options) {
      const { code, out, err } = await attempt(number, options);
      if (code === 0) return out;
      const said = `${out}\n${err}`.trim().split('\n').slice(-60).join('\n');
      throw new Error(`README.md, line ${number} ended with ${code}:\n${said}`);
    },
    async instead(number, why, work) {
      board.step(`README ${number}: ${commandOf(number)} (${why})`);
      await work();
    },
    left: () => [...left],
  };
}

function commandsIn(readme: string): ReadonlyMap<number, string> {
  const start = readme.indexOf(`\n${HEADING}\n`);
  if (start < 0) throw new Error(`README.md has no "${HEADING}"`);
  const section = readme.slice(start + HEADING.length + 2).split('\n## ')[0] ?? '';
  const found = section.split('\n').flatMap((line): [number, string][] => {
    const [, number, command] = LINE.exec(line) ?? [];
    return number === undefined || command === undefined ? [] : [[Number(number), command]];
  });
  return new Map(found);
}
