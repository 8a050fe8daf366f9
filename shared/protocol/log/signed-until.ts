import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
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

/**
 * What a run has published. `size`: all of a log of this size; nothing if the registry knows more entries. Another run that
 * says it at the same time is as right. `isWitnessed`: false if the log has witnesses, and too few have cosigned.
 */
export async function noteSigned(
  { clock, registry }: Noting,
  walk: Walk,
  { size, isWitnessed = true }: { readonly size: number | undefined; readonly isWitnessed?: boolean },
): Promise<void> {
  const now = clock.now();
  const { since: before, ...rest } = walk;
  const since = isWitnessed ? undefined : (before ?? now);
  const isNews = size !== undefined && (walk.count !== size || now - walk.at >= AGAIN);
  if (!isNews && since === before) return;
  await registry.putWalk({
    ...rest,
    version: walk.version + 1,
    ...(isNews ? { at: now, count: size } : {}),
    ...present({ since }),
  });
}

/** `witness-lag`: too few witnesses have cosigned since then. `seal-lag`: entries have waited for their signature since then. */
export interface SigningLag {
  readonly code: 'seal-lag' | 'witness-lag';
  readonly count: number;
  readonly since: Instant;
}

/** How many entries have a place in the log and no published signature, if something has waited for longer than this. */
export async function unsignedFor(
  { clock, registry }: Noting,
  milliseconds: number,
): Promise<SigningLag | undefined> {
  const { version, at, since, count = 0 } = await registry.walk(SIGNED);
  if (version === 0 || clock.now() - (since ?? at) <= milliseconds) return undefined;
  const { size } = await registry.head();
  const waiting = Math.max(size - count, 0);
  if (since !== undefined) return { code: 'witness-lag', count: waiting, since };
  return waiting > 0 ? { code: 'seal-lag', count: waiting, since: at } : undefined;
}
