import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const STORE_CORE = 0;
/** Of the lane, of what it is compared with, and of the registry's engine. */
export const LANE_CORE = 1;

/** How many processors there are, before this process has one of them. */
const PROCESSORS = availableParallelism();

/**
 * Lets all threads of a process, and those that it begins later, run on this processor only. `false`: there is only one, or no
 * `taskset` (util-linux), so that they run anywhere.
 */
export function pin(core: typeof STORE_CORE | typeof LANE_CORE, pid = process.pid): boolean {
  return runsOn(String(core), pid);
}

/** All threads of this process may run anywhere again. */
export function unpin(): boolean {
  return runsOn(`0-${PROCESSORS - 1}`, process.pid);
}

function runsOn(cores: string, pid: number): boolean {
  if (PROCESSORS <= LANE_CORE) return false;
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
