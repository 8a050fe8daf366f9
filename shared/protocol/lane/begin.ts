import { isSuccess } from '../../domain/record/actions.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { PausedRule, WideHold } from '../../domain/record/hold.ts';
import { stageKey } from '../../domain/record/stage-name.ts';
import { FOR_A_PERSON } from '../../domain/record/waiting.ts';
import {
  type ActedOn,
  type Chunk,
  type ChunkKey,
  type ResultLine,
  VOID,
  type WorkRecord,
} from '../../domain/record/work.ts';
import type { ColumnMark } from '../../domain/columns/column-mark.ts';
import { extendersOf } from '../../domain/configuration/extenders-of.ts';
import type { Beginning } from '../../ports/backlog.ts';
import { hourId } from '../../domain/calendar/utc-time.ts';
import type { LaneCore } from '../core.ts';
import { openLines } from '../entry-links.ts';
import { minuteUp } from '../hint.ts';
import { noteOutcomes } from '../notices/note-outcomes.ts';
import { HEARTBEAT_SECONDS } from '../../domain/configuration/queue-settings.ts';
import { deployedPolicies } from '../policy-plan/activation.ts';
import { seconds } from '../seconds.ts';
import { settleResult } from './settle.ts';

/** This run has the chunk, until the lease ends. */
export interface Begun {
  readonly chunk: Chunk;
  readonly work: WorkRecord;
  /** Holds and pauses in force, read after the work record was put: a hold that is placed later names this attempt. */
  readonly holds: readonly WideHold[];
  /** Digest of the policies by which this attempt decides. */
  readonly policies: string;
  /** How far each column of facts was read: from before any state of an entity is read. */
  readonly columns: ReadonlyMap<string, ColumnMark>;
}

/** Why a bell leads to nothing. */
export type NotBegun =
  | 'gone'
  | 'not-yet'
  | 'no-heartbeat'
  | 'producer-behind'
  /** Others than the policies of this configuration are active. */
  | 'policies-waiting'
  | 'busy'
  | 'paused'
  | 'overtaken';

/** How a run ended. `lost`: its work record was replaced before it acted. `void`: it was taken over before its result. */
export type Worked = NotBegun | 'done' | 'left' | 'lost' | 'void';

/**
 * Steps 1 to 3: takes a chunk that is free, or takes it over from an attempt whose lease is over. Three fences
 * together keep two runs apart: the chunk's version, the work record's token, and the result of the former attempt.
 */
export async function begin(core: LaneCore, key: ChunkKey): Promise<Begun | NotBegun> {
  const found = await core.registry.begin(key);
  const { chunk, work, columns = NONE } = found;
  if (chunk === undefined) return 'gone';
  // A work record that is over is taken over at once: it keeps registrations and other chunks waiting.
  const isLeftOver = work !== undefined && isOver(core, work);
  if (mustWait(core, chunk) && !isLeftOver) return 'not-yet';
  const stop = whyNot(core, key, found);
  // The wake-up's sweep sends a heartbeat and rings again. One a minute, by the schedule's name.
  if (stop === 'no-heartbeat') await core.timers.wake(minuteUp(core.clock.now() + 1));
  const by = { policies: deployedPolicies(core), columns };
  if (work === undefined) return stop ?? takeFree(core, chunk, by);
  if (!isLeftOver) return 'busy';
  const fenced = await fence(core, chunk, work);
  if (fenced === 'moved') return 'overtaken';
  return takeOver(core, fenced, work.token, stop ?? by);
}

const NONE: Begun['columns'] = new Map();

/** Why nothing of the chunk may be acted on now. */
function whyNot(
  core: LaneCore,
  key: ChunkKey,
  { heartbeat, behind, activePolicies }: Beginning,
): NotBegun | undefined {
  if (!isFresh(heartbeat, core.clock.now())) return 'no-heartbeat';
  // The heartbeat overtakes what these producers have sent. The hourly sweep rings again.
  if (mayBeExtended(core, key, behind)) return 'producer-behind';
  const isWaiting = activePolicies !== undefined && activePolicies !== deployedPolicies(core);
  return isWaiting ? 'policies-waiting' : undefined;
}

/** Whether messages wait that may say that the chunk's records have to stay longer. */
function mayBeExtended(
  { configuration, clock, lane }: LaneCore,
  { producer }: ChunkKey,
  behind: Beginning['behind'],
): boolean {
  const now = clock.now();
  const late = [...(behind ?? [])].flatMap(([name, until]) => (now < until ? [name] : []));
  if (late.length === 0) return false;
  const extenders = extendersOf(configuration, producer, lane);
  return late.some((name) => name === producer || extenders.has(name));
}

/** Whether lanes may work: the newest heartbeat that was folded was sent a short while ago. */
export function isFresh(heartbeat: Instant | undefined, now: Instant): boolean {
  return heartbeat !== undefined && now - heartbeat <= seconds(HEARTBEAT_SECONDS);
}

/** Over on any clock. */
export function isOver(core: Pick<LaneCore, 'clock' | 'configuration'>, { until }: WorkRecord): boolean {
  return core.clock.now() > until + seconds(core.configuration.timing.clockTolerance);
}

/** What an attempt decides by. */
type By = Pick<Begun, 'policies' | 'columns'>;

async function takeFree(core: LaneCore, chunk: Chunk, by: By): Promise<Begun | NotBegun> {
  const work = workOn(core, chunk);
  if ((await core.registry.putWork(work)) === 'taken') return 'busy';
  // The former worker may have ended in between: what it left of the chunk is what counts.
  const again = await core.registry.chunk(chunk);
  if (again === undefined || again.version !== chunk.version) {
    await core.registry.deleteWork(work);
    return 'overtaken';
  }
  return unlessPaused(core, chunk, work, by);
}

/**
 * `by`: or why nothing may be acted on. What is left over is settled all the same: holds name it as in flight, and
 * registrations wait for it; as long as they do, their producer is behind.
 */
async function takeOver(
  core: LaneCore,
  chunk: Chunk,
  former: string,
  by: By | NotBegun,
): Promise<Begun | NotBegun> {
  const work = workOn(core, chunk);
  if ((await core.registry.putWork(work, former)) === 'taken') return 'busy';
  core.report('dispose.taken-over', { store: core.lane, count: chunk.uncertain.length });
  if (mustWait(core, chunk)) {
    await core.registry.deleteWork(work);
    return 'not-yet';
  }
  if (typeof by === 'object') return unlessPaused(core, chunk, work, by);
  await core.registry.deleteWork(work);
  return by;
}

/** What waits for a person may begin with any bell: it is rung when the person has decided. */
function mustWait(core: LaneCore, { notBefore = 0, waits = [] }: Chunk): boolean {
  return notBefore > core.clock.now() && !waits.some(({ code }) => FOR_A_PERSON.has(code));
}

async function unlessPaused(
  core: LaneCore,
  chunk: Chunk,
  work: WorkRecord,
  by: By,
): Promise<Begun | NotBegun> {
  const holds = await core.registry.wideHolds();
  if (!holds.some((hold) => isPauseOf(hold, core.lane))) return { chunk, work, holds, ...by };
  await core.registry.deleteWork(work);
  return 'paused';
}

/** A pause of all that the lane does. */
export function isPauseOf(hold: WideHold, lane: string): boolean {
  return hold.only === undefined && isInLane(hold, lane);
}

/** What rules and policies a person has paused in this lane, or in all. */
export function pausedRules(holds: readonly WideHold[], lane: string): readonly PausedRule[] {
  return holds.flatMap((hold) => (hold.only !== undefined && isInLane(hold, lane) ? [hold.only] : []));
}

function isInLane({ kind, scope }: WideHold, lane: string): boolean {
  return kind === 'pause' && ('everything' in scope || ('store' in scope && scope.store === lane));
}

function workOn(core: LaneCore, chunk: Chunk): WorkRecord {
  const { lane, producer, minute, id } = chunk;
  const begunAt = core.clock.now();
  return {
    lane,
    chunk: { lane, producer, minute, id },
    token: `${hourId(begunAt)}.${core.tokens.next()}`,
    begunAt,
    until: begunAt + seconds(core.configuration.timing.lease),
    refs: chunk.refs,
    actedOn: [],
  };
}

/**
 * Step 2. The former attempt's result is put as void where it has none: it can write none any more. What it has is
 * settled now. Then the chunk takes what is uncertain, on the version read: only the chunk carries that, so a second
 * death loses nothing, and the former worker can neither write nor delete the chunk any more.
 */
async function fence(core: LaneCore, chunk: Chunk, work: WorkRecord): Promise<Chunk | 'moved'> {
  const result = await core.registry.voidResult(work.token);
  // What cannot be opened any more is uncertain: the store is read again.
  const told = result === VOID ? [] : await openLines(core.keys, result);
  if (result !== VOID) await noteOutcomes(core, chunk, { ...result, lines: told });
  if (told.length > 0) await settleResult(core, told);
  if (chunk.fencedFor === work.token) return chunk;
  const next: Chunk = {
    ...chunk,
    version: chunk.version + 1,
    attempts: chunk.attempts + 1,
    uncertain: withoutResult(united(chunk.uncertain, work.actedOn), told, chunk.uncertain),
    fencedFor: work.token,
  };
  return (await core.registry.writeChunk(next)) === 'written' ? next : 'moved';
}

/** What the result does not tell: a line of one generation and stage says nothing of another one. */
function withoutResult(
  actedOn: readonly ActedOn[],
  lines: readonly ResultLine[],
  before: readonly ActedOn[],
): readonly ActedOn[] {
  const told = Map.groupBy(lines, nameOf);
  return actedOn.flatMap((one) => {
    const own = told.get(nameOf(one));
    if (own === undefined) return [one];
    if (one.asked !== undefined) return stillAsked(one, own, before);
    // Of a page it tells which records it does not tell; of a dataset, which has a line for each rule, one of them does.
    const records = own.find((line) => line.records !== undefined)?.records;
    return records === undefined ? [] : [{ ...one, records }];
  });
}

/**
 * What a vendor has accepted stays uncertain until it is done: also where it was asked for again, without success. What a
 * person has said meanwhile stays said.
 */
function stillAsked(
  one: ActedOn,
  own: readonly ResultLine[],
  before: readonly ActedOn[],
): readonly ActedOn[] {
  if (own.some(({ outcome }) => isSuccess(outcome))) return [];
  const former = before.filter(({ asked, ...rest }) => asked !== undefined && nameOf(rest) === nameOf(one));
  const accepted = own.find(({ asked }) => asked?.accepted === true)?.asked;
  return accepted === undefined ? former : united(former, [{ ...one, asked: accepted }]);
}

/** One a holding and stage: of two the later one, which knew more; with what a person has said of the other one. */
export function united(a: readonly ActedOn[], b: readonly ActedOn[]): readonly ActedOn[] {
  const byName = new Map<string, ActedOn>();
  for (const one of [...a, ...b]) {
    const known = byName.get(nameOf(one));
    const confirmed = known?.asked?.confirmed;
    const isSaid = confirmed !== undefined && one.asked !== undefined;
    const later = isSaid ? { ...one, asked: { ...one.asked, confirmed } } : one;
    if (known === undefined || known.version <= one.version) byName.set(nameOf(one), later);
  }
  return [...byName.values()];
}

export function nameOf(acted: ActedOn): string {
  return `${acted.ref} ${acted.generation} ${stageKey(acted)}`;
}

/** No store call starts in the last third of the lease. */
export function mayStart(core: Pick<LaneCore, 'clock' | 'configuration'>, work: WorkRecord): boolean {
  const lease = seconds(core.configuration.timing.lease);
  const now: Instant = core.clock.now();
  return now < work.until - lease / 3;
}

/** What other attempts of the lane name, whichever began first. Read after the own work record was put. */
export async function namedByOthers(core: LaneCore, { token }: WorkRecord): Promise<ReadonlySet<HoldingRef>> {
  const others = await core.registry.workRecords(core.lane);
  return new Set(others.filter((one) => one.token !== token).flatMap(({ refs }) => refs));
}
