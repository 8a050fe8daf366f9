import type { Walk } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';

type Noting = Pick<Core, 'clock' | 'registry'>;

/** The walk that says up to where the log is signed: `count` entries, and `at` that time no entry was left out. */
const SIGNED = 'signed';

/** Of a log that does not grow, too, it is said from time to time that all of it is signed. */
const AGAIN = 1_800_000;

/** Before anything is signed: from the first run on it counts how long entries wait for their signature. */
export async function signing({ clock, registry }: Noting): Promise<Walk> {
  const walk = await registry.walk(SIGNED);
  if (walk.version > 0) return walk;
  const first = { ...walk, version: 1, at: clock.now(), count: 0 };
  await registry.putWalk(first);
  return first;
}

/** All of a log of this size is signed. Another run that says it at the same time is as right. */
export async function noteSigned({ clock, registry }: Noting, walk: Walk, size: number): Promise<void> {
  const now = clock.now();
  if (walk.count === size && now - walk.at < AGAIN) return;
  await registry.putWalk({ ...walk, version: walk.version + 1, at: now, count: size });
}

/** How many entries have a place in the log and no signature, if some have waited for longer than this. */
export async function unsignedFor(
  { clock, registry }: Noting,
  milliseconds: number,
): Promise<{ readonly count: number; readonly since: number } | undefined> {
  const { version, at, count = 0 } = await registry.walk(SIGNED);
  if (version === 0 || clock.now() - at <= milliseconds) return undefined;
  const { size } = await registry.head();
  return size > count ? { count: size - count, since: at } : undefined;
}
