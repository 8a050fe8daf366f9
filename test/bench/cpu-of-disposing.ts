import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Row } from './row.ts';

/** In a process of its own, and the engine in another one: else their work is counted, too. */
export async function cpuOfDisposing(): Promise<Row> {
  const child = fork(new URL('disposing-process.ts', import.meta.url));
  let milliseconds = Number.NaN;
  child.on('message', (told: number) => (milliseconds = told));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the process that disposes ended with ${code}`);
  return { what: 'a disposal, engine elsewhere: ms of own CPU', measured: milliseconds, limit: 0.35 };
}
