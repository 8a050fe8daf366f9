import { setTimeout as sleep } from 'node:timers/promises';

/** A hint, the next full minute, the emulator's scheduler, a cold start, and a machine that is busy. */
export const SOON = 4 * 60_000;

/** Reads until it is reached. Throws what was read last when the time is over. */
export async function until<Found>(
  what: string,
  read: () => Promise<Found>,
  isReached: (found: Found) => boolean,
  within = SOON,
): Promise<Found> {
  for (const end = Date.now() + within; ; await sleep(1000)) {
    const found = await read();
    if (isReached(found)) return found;
    if (Date.now() > end) throw new Error(`it took too long until ${what}: ${JSON.stringify(found)}`);
  }
}
