import type { Writable } from 'node:stream';
import { dayId } from '../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../shared/domain/record/ids.ts';

const EVERY = 15_000;

/**
 * Says every 15 seconds how far the virtual clock is: minutes may pass until a story is over and printed. Only on a
 * terminal, because a file would differ from run to run.
 */
export function tellTime(
  stream: Writable & { readonly isTTY?: boolean },
  now: () => Instant,
): { readonly stop: () => void } {
  if (stream.isTTY !== true) return { stop: () => undefined };
  const timer = setInterval(
    () => void stream.write(`The virtual clock is at ${dayId(now())}.\n`),
    EVERY,
  ).unref();
  return { stop: () => clearInterval(timer) };
}
