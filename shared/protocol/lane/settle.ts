import { isSuccess } from '../../domain/record/actions.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { Holding, StageDone } from '../../domain/record/holding.ts';
import { isSameStage } from '../../domain/record/stage-name.ts';
import type { ResultLine } from '../../domain/record/work.ts';
import type { LaneCore, SettleCore } from '../core.ts';
import { checkDays, withProbe } from '../../domain/facts/after-care.ts';
import { knownVariants, nextGeneration, unknownVariants } from '../../domain/facts/fold-registration.ts';
import { asKept, tombstoneOf } from '../../domain/facts/tombstone.ts';
import type { LinkedLine } from '../entry-links.ts';
import { readableHoldings } from '../damaged.ts';
import { hintAgainIfLate, hintMinute } from '../hint.ts';
import { entityRefsOf, type States, writeLagOf } from '../plan-of.ts';
import { movedSince, plannedOrPending, rePlan, writePlanned } from '../plan-writer.ts';
import { isStillAllowed, recoveryNoted, settlePage, stageDoneOf } from '../pages/settle-page.ts';
import { noteKept } from '../pages/note-kept.ts';
import type { CollectionFact } from '../../domain/collections/fold-collection.ts';
import { noteLateFact } from '../facts/fact-entries.ts';
import { isRemarked } from '../late-fact.ts';
import { readStates } from '../facts/read-states.ts';
import { afterFacts, saidSince } from '../facts/said-since.ts';
import { hintLater } from './hint-later.ts';
import { parkAll } from './park.ts';

const DAY = 86_400_000;
const MONTH = 30 * DAY;

/**
 * Step 11: what a result says becomes the holdings' state. Runs after the result is durable, by its own attempt or by
 * the one that takes over, any number of times. `known`: holdings as the attempt read them, which saves a read.
 */
export async function settleResult(
  core: LaneCore,
  lines: readonly LinkedLine[],
  known: ReadonlyMap<HoldingRef, Holding> = new Map(),
): Promise<void> {
  await settleDone(core, lines, known);
  const held = lines.flatMap((line) => (line.hold === undefined ? [] : [{ ...line, hold: line.hold }]));
  await parkAll(core, held);
  for (const line of lines) {
    if (line.outcome === 'refused' && isFarAway(line)) await leaveUntil(core, line);
  }
}

/** A store that refuses until a date more than a day away: the holding leaves the chunk and is hinted for that date. */
export function isFarAway(line: Pick<ResultLine, 'until' | 'at'>): line is { until: Instant; at: Instant } {
  return line.until !== undefined && line.until > line.at + DAY;
}

/** Records may come into a collection without an event, so it is looked at once a month, however long the others are locked. */
async function leaveUntil(
  core: LaneCore,
  { ref, at, until }: Pick<ResultLine, 'ref' | 'at'> & { readonly until: Instant },
): Promise<void> {
  const holding = (await readableHoldings(core, [ref])).get(ref);
  if (holding?.state !== 'active') return;
  const look = holding.collection === undefined ? until : Math.min(until, at + MONTH);
  if ((holding.hintAt ?? 0) < look) await hintLater(core, holding, look);
}

/** The successes among what a result says, from any attempt. */
export async function settleDone(
  core: SettleCore,
  lines: readonly LinkedLine[],
  known: ReadonlyMap<HoldingRef, Holding>,
): Promise<void> {
  const done = lines.filter(({ outcome }) => isSuccess(outcome));
  for (const line of done) {
    if (line.more === true || isOnlyKept(line)) await settlePage(core, line);
    if (isOnlyKept(line)) await noteKept(core, line);
  }
  let open = done.filter((line) => line.more !== true && !isOnlyKept(line));
  let holdings = known;
  while (open.length > 0) {
    const missing = open.filter(({ ref }) => !holdings.has(ref)).map(({ ref }) => ref);
    if (missing.length > 0) holdings = new Map([...holdings, ...(await readableHoldings(core, missing))]);
    for (const line of open) {
      if (line.generation < (holdings.get(line.ref)?.generation ?? 0)) await settlePast(core, line);
    }
    const unsettled: Current[] = [];
    for (const line of open) {
      const before = holdings.get(line.ref);
      if (before === undefined) continue;
      if (!isSettled(before, line)) unsettled.push({ line, before });
      // The run that settled it may have died before it put the entry.
      else if (before.generation === line.generation) await noteLateFact(core, before);
    }
    if (unsettled.length === 0) return;
    // A result may name a holding twice, with two stages: one after the other, and first what leaves the record there.
    const inTurn = unsettled.toSorted((a, b) => Number(isDeletion(b.line)) - Number(isDeletion(a.line)));
    const current = [...new Map(inTurn.map((one) => [one.line.ref, one])).values()];
    const later = unsettled.filter((one) => !current.includes(one)).map(({ line }) => line);
    const states = await readStates(
      core,
      entityRefsOf(current.filter(needsStates).map(({ before }) => before)),
    );
    const said = await saidAbout(core, current);
    const settlements = current.map(({ line, before }) =>
      withSaid(core, settlementOf(core, { line, before, states }), said.get(line.ref)),
    );
    for (const { tombstone } of settlements)
      if (tombstone !== undefined) await core.registry.putTombstone(tombstone);
    const { written, moved } = await writePlanned(
      core,
      settlements.map(({ change }) => change),
    );
    const active = written.filter(({ state }) => state === 'active');
    await rePlan(core, [...(await movedSince(core, active, states))]);
    await hintAgainIfLate(
      core,
      written.filter(({ state, probe }) => state === 'active' || state === 'pending' || probe !== undefined),
    );
    for (const one of settlements) {
      if (!written.includes(one.change.after)) continue;
      reportSettled(core, one);
      if (one.beforeFact) await noteLateFact(core, one.tombstone ?? one.change.after);
    }
    const again = new Set(moved);
    open = [...current.filter(({ line }) => again.has(line.ref)).map(({ line }) => line), ...later];
    holdings = new Map();
  }
}

function isDeletion({ stage }: LinkedLine): boolean {
  return stage === 'delete';
}

/** A collection was deleted but for records that stay for their own reasons: its holding goes on. */
function isOnlyKept(line: LinkedLine): line is LinkedLine & { readonly kept: number } {
  return line.kept !== undefined && line.stage === 'delete';
}

/**
 * Another generation has taken the holding's place: the outcome goes into the tombstone, which replaces an older one
 * only. So it is read again until it is there.
 */
async function settlePast(core: SettleCore, line: LinkedLine): Promise<void> {
  for (;;) {
    const before = (await core.registry.tombstones(line.ref)).find(
      ({ generation }) => generation === line.generation,
    );
    if (before === undefined) return;
    if (isSettled(before, line)) return noteLateFact(core, before);
    const done = withDone(before, line);
    const state = line.stage === 'delete' ? 'disposed' : before.state;
    const version = before.version + 1;
    const kept = { ...before, ...recoveryNoted(before, line), version, state, done: done.map(asKept) };
    await core.registry.putTombstone(kept);
    core.report('dispose.settled', { store: core.lane, stage: line.stage, outcome: line.outcome });
  }
}

interface Current {
  readonly line: LinkedLine;
  readonly before: Holding;
}

/** States are read where the plan is asked: for a next stage, and where the holding moved since the decision. */
function needsStates({ line, before }: Current): boolean {
  return line.stage !== 'delete' || before.version !== line.version;
}

/** The outcome is there already, or it is another generation's. */
function isSettled(holding: Holding, line: LinkedLine): boolean {
  if (holding.generation !== line.generation || holding.state === 'disposed') return true;
  return (holding.done ?? []).some(
    (done) => isSameStage(done, line) && (done.link === line.link || done.version > line.version),
  );
}

interface Settlement extends Current {
  readonly change: HoldingChange;
  /** Put first, where the next generation takes the item. */
  readonly tombstone?: Holding;
  readonly beforeFact: boolean;
}

/** Pure but for the clock. */
function settlementOf(
  core: SettleCore,
  { line, before, states }: Current & { readonly states: States },
): Settlement {
  const now = core.clock.now();
  const unknown = unknownVariants(before, line, writeLagOf(core, before, now));
  const knew = { ...before, variants: knownVariants(before, line.version) };
  const beforeFact =
    before.version !== line.version &&
    before.state !== 'withdrawn' &&
    knew.variants.length > 0 &&
    !isStillAllowed(core, knew, states, { ...line, at: now });
  const version = before.version + 1;
  const { partly: _partly, ...rest } = before;
  const whole = { ...rest, ...recoveryNoted(before, line) };
  // One that is remarked has its entry, which has its name from the remark.
  const marked =
    beforeFact && !isRemarked(before)
      ? { ...whole, remarks: { ...before.remarks, DISPOSED_BEFORE_FACT: now } }
      : whole;
  const done = withDone(before, line);
  const common = { line, before, beforeFact };
  if (line.stage !== 'delete') {
    // What the attempt did not know, or what may not have been written then, makes the stage due again.
    const variants = before.variants.map((one) => (unknown.includes(one) ? { ...one, since: version } : one));
    const after = afterStage(core, { ...marked, variants, done }, states, now);
    return { ...common, change: { before, after } };
  }
  const tombstone = tombstoneOf({ ...marked, variants: knew.variants, done });
  if (unknown.length === 0) {
    const disposed: Holding = { ...tombstone, state: 'disposed', version };
    return { ...common, change: { before, after: lookedAfter(core, disposed, before, now) } };
  }
  const next = nextGeneration(marked, unknown, version, Math.max(...unknown.map(({ received }) => received)));
  const after = { ...next, hintAt: hintMinute(now, now, core.configuration.timing) };
  return { ...common, change: { before, after }, tombstone: { ...tombstone, state: 'disposed' } };
}

/** With the hint for its first check, where its store has after-care. */
function lookedAfter(core: SettleCore, tombstone: Holding, before: Holding, now: Instant): Holding {
  const { configuration } = core;
  const days = checkDays(own(configuration.stores, before.store), tombstone);
  const after = withProbe(tombstone, before, { days, now });
  const { probe } = after;
  return probe === undefined ? after : { ...after, hintAt: hintMinute(probe.at, now, configuration.timing) };
}

/** Of collections whose disposal is settled: what their entities' facts say of the time after it. */
async function saidAbout(
  core: SettleCore,
  current: readonly Current[],
): Promise<ReadonlyMap<HoldingRef, readonly CollectionFact[]>> {
  const said = new Map<HoldingRef, readonly CollectionFact[]>();
  for (const { line, before } of current) {
    if (before.collection !== undefined && line.stage === 'delete')
      said.set(line.ref, await saidSince(core, before, line));
  }
  return said;
}

function withSaid(
  core: SettleCore,
  settlement: Settlement,
  said: readonly CollectionFact[] | undefined,
): Settlement {
  if (said === undefined) return settlement;
  const { before, change, tombstone, line } = settlement;
  const settled = { after: change.after, ...present({ tombstone }) };
  const then = afterFacts(before, settled, { said, at: line.at });
  const now = core.clock.now();
  const isOpen = then.after.state !== 'disposed';
  const hintAt = isOpen ? hintMinute(now, now, core.configuration.timing) : undefined;
  const after = { ...then.after, ...present({ hintAt }) };
  return { ...settlement, change: { before, after }, ...present({ tombstone: then.tombstone }) };
}

/** The record is still there: its next stage is planned. A withdrawn holding stays withdrawn. */
function afterStage(core: SettleCore, holding: Holding, states: States, now: Instant): Holding {
  if (holding.state === 'withdrawn') {
    const done = (holding.done ?? []).map(asKept);
    return { ...holding, version: holding.version + 1, done };
  }
  return plannedOrPending(core, holding, states, now);
}

/** In order: the last one is the newest. */
function withDone({ done = [] }: Holding, line: LinkedLine): readonly StageDone[] {
  const own = stageDoneOf(line);
  return [...done.filter((one) => !isSameStage(one, line)), own];
}

function reportSettled(core: SettleCore, { line, before, beforeFact }: Settlement): void {
  const actAt = before.decision?.actAt;
  const seconds = actAt === undefined ? undefined : Math.max(0, Math.round((line.at - actAt) / 1000));
  if (beforeFact) core.report('dispose.before-the-fact', { store: core.lane, stage: line.stage });
  core.report('dispose.settled', {
    store: core.lane,
    stage: line.stage,
    outcome: line.outcome,
    ...present({ seconds }),
  });
}
