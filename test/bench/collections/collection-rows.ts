import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Row } from '../row.ts';

/** In a process of its own, which has the engines in others. */
export async function collectionRows(kind: string, count: number): Promise<readonly Row[]> {
  const child = fork(new URL('collection-process.ts', import.meta.url), [kind, String(count)]);
  let rows: readonly Row[] = [];
  child.on('message', (told: readonly Row[]) => (rows = told));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the process that disposes of a collection ended with ${code}`);
  return rows;
}
