import type { Instant } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import type { Core } from '../core.ts';
import { SEGMENTS, segmentId } from '../walk.ts';

/*
 * A restored table has a name of its own, so what was done for one restore is never taken for another one: the walks
 * that a copy of the table brings along have the former name.
 */

/** The walk of `seal` over the log. */
export function rebuildId(table: string): string {
  return `rebuild/${table}`;
}

/** The walk of the sweep over all holdings. */
export function settlingId(table: string): string {
  return `restored/${table}`;
}

/** How far the replay of the archive came: the newest heartbeat that came with it. */
function replayId(table: string): string {
  return `replay/${table}`;
}

/** What came again was sent by the former deployment, or by the one that adopted the table. */
const BEFORE_ADOPTION = 900_000;

/** What a restored table still needs before a person may let its lanes go on. */
export type Missing = 'log' | 'disposed' | 'replay';

export interface RestoreProgress {
  /** When `seal` first ran on this table; absent if it did not. */
  readonly since?: Instant;
  /** Holdings that were compared with the log. */
  readonly holdings: number;
  /** What was sent until then has come again. */
  readonly replayedUntil?: Instant;
  readonly missing: readonly Missing[];
}

/** How far the restore is. Nothing is missing when lanes may go on. */
export async function restoreProgress(
  { registry }: Pick<Core, 'registry'>,
  table: string,
): Promise<RestoreProgress> {
  const { since, done } = await registry.walk(rebuildId(table));
  const { since: replayedUntil } = await registry.walk(replayId(table));
  const names = Array.from({ length: SEGMENTS }, (_, segment) => segmentId(settlingId(table), segment));
  const segments = await Promise.all(names.map((name) => registry.walk(name)));
  const isReplayed =
    since !== undefined && replayedUntil !== undefined && replayedUntil >= since - BEFORE_ADOPTION;
  const missing: readonly (Missing | false)[] = [
    done !== true && 'log',
    segments.some((walk) => walk.done !== true) && 'disposed',
    !isReplayed && 'replay',
  ];
  return {
    holdings: segments.reduce((sum, { count = 0 }) => sum + count, 0),
    missing: missing.filter((one) => one !== false),
    ...present({ since, replayedUntil }),
  };
}

/** A heartbeat that came again with the archive: everything that was sent before it came, too. Only forwards. */
export async function noteReplayed(
  { registry, clock }: Pick<Core, 'registry' | 'clock'>,
  table: string,
  sent: Instant,
): Promise<void> {
  for (;;) {
    const walk = await registry.walk(replayId(table));
    if (walk.since !== undefined && walk.since >= sent) return;
    const next = { ...walk, version: walk.version + 1, at: clock.now(), since: sent };
    if ((await registry.putWalk(next)) === 'written') return;
  }
}
