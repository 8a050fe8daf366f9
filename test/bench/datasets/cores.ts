import { LANE_CORE, pin, STORE_CORE } from '../pinned.ts';

let hasSaid = false;

/**
 * Starts the store, or an application that uses it, on a processor of its own, and leaves the other one to this process and
 * what it starts later: a lane or a program that deletes, the registry, and what seals. In production they are on other
 * machines than the store, so that what a query feels is the work that the store has. Where that cannot be done, they share
 * all processors, and a line says so.
 */
export async function onStoreCore<Started>(start: () => Promise<Started>): Promise<Started> {
  const isPinned = pin(STORE_CORE);
  if (!isPinned && !hasSaid) process.stderr.write('not pinned: this needs `taskset`, and two processors\n');
  hasSaid = true;
  try {
    return await start();
  } finally {
    if (isPinned) pin(LANE_CORE);
  }
}
