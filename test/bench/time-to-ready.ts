import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

export interface StartTimes {
  /** From the start of the process to the line that says so: engines, system and tables are up. */
  readonly readySeconds: number;
  /** To its end, after five stories and with everything stopped. */
  readonly wholeSeconds: number;
  readonly stories: number;
}

/** `npm start -- --exit --json` in a process of its own. Throws when a story failed. */
export async function timeToReady(): Promise<StartTimes> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const child = spawn(process.execPath, [START, '--exit', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let readySeconds: number | undefined;
  let summary = '';
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    said.push(line);
    if (line.startsWith('Ready after ')) readySeconds ??= seconds();
  });
  createInterface(child.stdout).on('line', (line) => (summary = line));
  const [code] = (await once(child, 'close')) as [number | null];
  const wholeSeconds = seconds();
  if (code !== 0 || readySeconds === undefined) {
    throw new Error(`npm start ended with ${code}. Its last lines: ${said.slice(-5).join(' | ')}`);
  }
  const { stories } = JSON.parse(summary) as { readonly stories: readonly unknown[] };
  return { readySeconds, wholeSeconds, stories: stories.length };
}
