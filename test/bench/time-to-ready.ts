import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Row } from './row.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

/**
 * `npm start -- --exit --json` in a process of its own: from its start to the line that says that engines, system and
 * tables are up, and to its end, after all stories and with everything stopped. Throws when a story failed.
 */
export async function timeToReady(): Promise<Row[]> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const child = spawn(process.execPath, [START, '--exit', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let readySeconds: number | undefined;
  let summary = '';
  const said: string[] = [];
  let logFolder: string | undefined;
  createInterface(child.stderr).on('line', (line) => {
    said.push(line);
    if (line.startsWith('Ready after ')) readySeconds ??= seconds();
    logFolder ??= /^The deletion log is in (.+)$/.exec(line)?.[1];
  });
  createInterface(child.stdout).on('line', (line) => (summary = line));
  const [code] = (await once(child, 'close')) as [number | null];
  const wholeSeconds = seconds();
  // The run leaves it for people.
  if (logFolder !== undefined) await rm(logFolder, { recursive: true, force: true });
  if (code !== 0 || readySeconds === undefined) {
    throw new Error(`npm start ended with ${code}. Its last lines: ${said.slice(-5).join(' | ')}`);
  }
  const { stories } = JSON.parse(summary) as { readonly stories: readonly unknown[] };
  return [
    { what: 'npm start: seconds until it is ready', measured: readySeconds },
    { what: `npm start: seconds for ${stories.length} stories, to its end`, measured: wholeSeconds },
  ];
}
