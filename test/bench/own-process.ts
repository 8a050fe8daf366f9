import { fork } from 'node:child_process';
import { once } from 'node:events';

/** An embedded engine in a process of its own, so that its work is not counted. */
export interface EngineApart {
  readonly endpoint: string;
  readonly pid: number;
  stop(): void;
}

export async function engineApart(of: 'items' | 'objects'): Promise<EngineApart> {
  const child = fork(new URL('engine.ts', import.meta.url), [of]);
  const [endpoint] = (await once(child, 'message')) as [string];
  const { pid } = child;
  if (pid === undefined) throw new Error('an engine did not start');
  return { endpoint, pid, stop: () => child.disconnect() };
}

/** What a bench measures that runs in a process of its own, and tells its parent once. */
export async function measuredApart<Told>(script: URL, args: readonly string[] = []): Promise<Told> {
  const child = fork(script, args);
  const told: Told[] = [];
  child.on('message', (message: Told) => told.push(message));
  const [code] = (await once(child, 'close')) as [number | null];
  const [answer] = told;
  if (code !== 0 || answer === undefined) throw new Error(`a process that measures ended with ${code}`);
  return answer;
}
