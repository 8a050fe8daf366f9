import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ALL = `0-${availableParallelism() - 1}`;
const STORE = '0';
const LANE = '1';

/**
 * Starts the store, or an application that uses it, on the first core, and leaves the second one to this process and what it
 * starts later: a lane or a program that deletes, the registry, and what seals. In production they are on other machines than
 * the store, so that what a query feels is the work that the store has. Where that cannot be done, they share all cores, and a
 * line says so.
 */
export async function onStoreCore<Started>(start: () => Promise<Started>): Promise<Started> {
  const isPinned = await pin(STORE);
  try {
    return await start();
  } finally {
    if (isPinned) await pin(LANE);
  }
}

/** This process may use all cores again. */
export async function onAllCores(): Promise<void> {
  await pin(ALL);
}

let hasSaid = false;

/** All threads of this process. Processes that it starts inherit it. */
async function pin(cores: string): Promise<boolean> {
  try {
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)]);
    return true;
  } catch {
    if (!hasSaid)
      process.stderr.write('not pinned to cores: this needs `taskset` of util-linux, and two cores\n');
    hasSaid = true;
    return false;
  }
}
