import { createHash } from 'node:crypto';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import type { Waiting } from '../../domain/record/waiting.ts';
import type { ActedOn, Chunk, PageProgress } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { seconds } from '../seconds.ts';
import type { Begun } from './begin.ts';
import type { Left } from './told.ts';

const HOUR = 3_600_000;
const DAY = 86_400_000;
/** There are fewer codes than that. */
const MOST_CODES = 20;
/** The longest delay of a queue message. Later not-befores are rung by the hourly sweep. */
const LONGEST_DELAY_SECONDS = 900;
/** What had no turn waits a moment; the pages of a collection follow each other at once. */
const SHORTEST_DELAY_SECONDS = 20;

/**
 * Step 12: without anything left the chunk goes, else it is written with what is left and its not-before; only on the
 * version that this run holds. Moved: the run was overtaken, and stops; its work record runs out. Then the work record
 * goes, on the own token. Never the other way round.
 */
export async function finish(
  core: LaneCore,
  { chunk, work }: Begun,
  remains: Remains,
): Promise<'done' | 'left' | 'overtaken'> {
  const { left } = remains;
  if (left.size === 0) {
    if ((await core.registry.deleteChunk(chunk)) === 'moved') return 'overtaken';
    await core.registry.deleteWork(work);
    return 'done';
  }
  const next = remaining(core, chunk, remains);
  if ((await core.registry.writeChunk(next)) === 'moved') return 'overtaken';
  await core.registry.deleteWork(work);
  const isGoingOn = [...left.values()].some(({ kind }) => kind === 'more');
  await ringAgain(core, next, isGoingOn ? 0 : SHORTEST_DELAY_SECONDS);
  return 'left';
}

/** What an attempt leaves of its chunk. */
export interface Remains {
  readonly left: ReadonlyMap<HoldingRef, Left>;
  readonly uncertain: readonly ActedOn[];
  /** Of the collections that this attempt worked on. */
  readonly progress?: ReadonlyMap<HoldingRef, PageProgress>;
  /** Codes that entries told of records of a collection which is left for another reason. */
  readonly codes?: readonly string[];
}

function remaining(core: LaneCore, chunk: Chunk, remains: Remains): Chunk {
  const { left, uncertain } = remains;
  const now = core.clock.now();
  const codes = [...left.values()].flatMap((one) => (one.kind === 'failed' ? [one.code] : []));
  const failures = failuresAfter(chunk, left, codes);
  const {
    notBefore: _notBefore,
    fencedFor: _fencedFor,
    waits: _waits,
    progress: _progress,
    failure,
    ...rest
  } = chunk;
  return {
    ...rest,
    version: chunk.version + 1,
    refs: inTurn(chunk.refs, left),
    uncertain,
    failures,
    notBefore: Math.min(...[...left.values()].map((one) => notBeforeOf(core, one, failures, now))),
    ...present({
      failure: failureAfter(failure, [...codes, ...(remains.codes ?? [])], now),
      progress: progressAfter(chunk, remains),
      waits: waitsOf([...left.values()]),
    }),
  };
}

function waitsOf(left: readonly Left[]): readonly Waiting[] | undefined {
  const waiting = left.filter((one) => one.kind === 'waits');
  const groups = Map.groupBy(waiting, ({ code, rule }) => JSON.stringify([code, rule]));
  const waits = [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const count = [first, ...others].reduce((sum, { records = 1 }) => sum + records, 0);
    return [{ code: first.code, count, ...present({ rule: first.rule }) }];
  });
  return waits.length === 0 ? undefined : waits;
}

/** Of collections that are left; of those that this attempt did not come to, as it was. */
function progressAfter(chunk: Chunk, { left, progress }: Remains): Chunk['progress'] {
  const kept = [...left.keys()].flatMap((ref) => {
    const own = progress?.get(ref) ?? chunk.progress?.[ref];
    return own === undefined ? [] : [[ref, own] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/**
 * What had no turn comes first, and what failed goes to the end: neither that nor what waits for others or for a person
 * must use up the allowance, the time or the result of every attempt.
 */
function inTurn(refs: readonly HoldingRef[], left: ReadonlyMap<HoldingRef, Left>): readonly HoldingRef[] {
  const unturned = refs.filter((ref) => left.get(ref)?.kind === 'no-time');
  const failed = refs.filter((ref) => left.get(ref)?.kind === 'failed');
  const others = refs.filter((ref) => left.has(ref) && !unturned.includes(ref) && !failed.includes(ref));
  return [...unturned, ...others, ...failed];
}

/** An attempt that had no turn tells nothing about what failed before: the back-off goes on where it was. */
function failuresAfter(
  { failures, refs }: Chunk,
  left: ReadonlyMap<HoldingRef, Left>,
  codes: readonly string[],
): number {
  if (codes.length > 0) return failures + 1;
  return left.size < refs.length ? 0 : failures;
}

/** Codes that were told within a day are not told again, whichever of the chunk's records has which. */
function failureAfter(failure: Chunk['failure'], codes: readonly string[], now: Instant): Chunk['failure'] {
  const isFresh = failure !== undefined && now < failure.at + DAY;
  const told = [...new Set([...codes, ...(isFresh ? failure.told : [])])];
  const [code] = told;
  if (code === undefined) return undefined;
  return { code, at: isFresh ? failure.at : now, told: told.slice(0, MOST_CODES) };
}

function notBeforeOf(core: LaneCore, left: Left, failures: number, now: Instant): Instant {
  switch (left.kind) {
    case 'no-time':
      return now;
    case 'more':
      // Also by a clock that is slow: its bell is rung at once, and would be dropped.
      return now - 2 * seconds(core.configuration.timing.clockTolerance);
    case 'resting':
      return left.until;
    case 'busy':
      return now + seconds(30 + jitter(core, 120));
    case 'dependants': {
      // The longer it has waited, the rarer it asks: a dependant may fail for days.
      const longer = Math.min((now - left.since) / 4, HOUR);
      return now + Math.max(seconds(30 + jitter(core, 60)), longer);
    }
    case 'waits':
      return left.until;
    case 'failed':
      return Math.min(now + backoff(core, failures), left.latest ?? Infinity);
  }
}

/** `failures`: in a row, at least one. */
export function backoff({ configuration }: Pick<LaneCore, 'configuration'>, failures: number): Instant {
  const { firstBackoff, longestBackoff } = configuration.timing;
  return seconds(Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff));
}

/** Two chunks that name one holding must not meet for ever: a random while, from the token's characters. */
function jitter(core: LaneCore, below: number): number {
  return createHash('sha256').update(core.tokens.next()).digest().readUInt16BE() % below;
}

/** A not-before within a quarter of an hour is kept by a delayed bell; a later one by the hourly sweep. */
export async function ringAgain(core: LaneCore, chunk: Chunk, shortest: number): Promise<void> {
  const { lane, producer, minute, id, notBefore = 0 } = chunk;
  const delaySeconds = Math.max(shortest, Math.ceil((notBefore - core.clock.now()) / 1000));
  if (delaySeconds > LONGEST_DELAY_SECONDS) return;
  await core.queues.ring([{ bell: { kind: 'chunk', lane, producer, minute, id }, delaySeconds }]);
}

/** What was not done, by its code: each is tried again, and a person can see why it is late. */
export function reportFailed(core: LaneCore, left: readonly Left[]): void {
  const codes = left.flatMap((one) => (one.kind === 'failed' ? [one.code] : []));
  for (const [code, same] of Map.groupBy(codes, (each) => each))
    core.report('dispose.left', { store: core.lane, code, count: same.length });
}
