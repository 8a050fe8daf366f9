import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import type { Contract } from './happenings.ts';
import type { Scoreboard } from './scoreboard.ts';
import { SERVICE, type World } from './world.ts';

/** Destroys the service stack, sends events to the bus in the meantime, and deploys it again. */
export async function redeployService(
  { deployment, emulator, people }: World,
  board: Scoreboard,
  events: readonly CloudEvent[],
): Promise<void> {
  await nothingDenied(emulator);
  await deployment.destroy(SERVICE);
  board.step('the service stack is destroyed; the API’s address and what people have attached stay');
  // The emulator deletes a function's role before the function: a function that still runs is denied everything.
  for (const denial of await emulator.forgetDenials()) board.step(`  while it went, ${denial}`);
  for (const event of events) await people.putEvent('crm', event);
  board.step(`${events.length} event sent to the bus while there was no service`);
  await deployment.redeploy(SERVICE);
  board.step('the service stack is deployed again');
}

async function nothingDenied(emulator: World['emulator']): Promise<void> {
  const found = await emulator.denials();
  if (found.length > 0) throw new Error(found.join('; '));
}

/**
 * Kills the orders lane's worker while it deletes: a locked row ensures that it is in the middle of its chunk. Returns
 * when the worker is dead and the row is free.
 */
export async function killWorker(world: World, { records: chunk }: Contract, until: number): Promise<number> {
  const row = chunk.find(({ lane }) => lane === 'orders');
  if (row === undefined) throw new TypeError('the contract has no order');
  const lock = await world.records.lockOrder(row.key);
  try {
    await lock.wanted(until);
    const signal = await ordersWorkers(world);
    return signal('SIGKILL');
  } finally {
    await lock.release();
  }
}

/** Sends a signal to the worker processes that the orders lane has now, and says how many these are. */
export async function ordersWorkers({
  emulator,
  owner,
}: World): Promise<(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => number> {
  const functions = await owner.functions();
  const lane = functions.find(({ Environment }) => Environment?.Variables?.['LANE'] === 'orders');
  // Children of the emulator that this run has started.
  const workers = await emulator.workersOf(lane?.FunctionName ?? '');
  if (workers.length === 0) throw new Error('the lane has no worker process');
  return (signal) => {
    for (const pid of workers) process.kill(pid, signal);
    return workers.length;
  };
}
