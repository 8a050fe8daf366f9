import type { Action } from '../domain/record/actions.ts';
import type { Holding, StageDone } from '../domain/record/holding.ts';
import type { Timing } from '../domain/configuration/configuration.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { HeldBy } from '../domain/plan/verdict.ts';
import { each } from '../domain/each.ts';
import { seconds } from './core.ts';
import { WIDTH } from './claim.ts';
import { hintAgainIfLate, hintMinute, putHint } from './hint.ts';
import type { Attempt, LaneCore, Result } from './lane-core.ts';
import type { ReportFields } from '../ports/report.ts';
import { holdStands } from './look-at-hints.ts';
import { decisionOf, entitiesOf, planOf } from './plan-of.ts';
import { readStates } from './facts/read-states.ts';
import type { Written } from './write-entries.ts';

/** Outcomes, each conditional on the version that the claim wrote; only after the entries are durable. */
export async function settle(core: LaneCore, written: readonly Written[]): Promise<void> {
  await each(written, WIDTH, async ({ finished: { attempt, result }, place }) => {
    if (result.kind === 'success' && place !== undefined) {
      const done = {
        stage: attempt.holding.claim.stage,
        outcome: result.outcome,
        at: result.readBackAt,
        ...place,
      };
      await settleStage(core, attempt, done);
    } else if (result.kind === 'failed' && result.unread === true) {
      // It stays claimed, and the worker that takes it over reads first: after letting go, a renewal could keep what is
      // gone.
      core.report('dispose.failed', { store: core.lane, code: result.code, count: 1 });
    } else await letGo(core, attempt, result);
  });
}

/** The claimed holding as it is now: as claimed, or moved by an event since; nothing when somebody took it over. */
async function current(core: LaneCore, attempt: Attempt): Promise<Holding | undefined> {
  const holding = await core.registry.holding(attempt.holding.ref);
  return holding?.claim?.token === attempt.holding.claim.token ? holding : undefined;
}

/**
 * The stage is done. If facts arrived since the claim, the plan may no longer allow it: it is settled as done all the
 * same, because it is, and reported as disposed of before the fact. What has a next stage gets its hint first.
 */
export async function settleStage(core: LaneCore, attempt: Attempt, done: StageDone): Promise<void> {
  let holding: Holding | undefined = attempt.holding;
  for (let moved = false; holding !== undefined; moved = true) {
    const beforeFact =
      (moved || attempt.plan === undefined) && !(await isStillPlanned(core, holding, done.stage));
    const now = core.clock.now();
    const following =
      done.stage === 'delete'
        ? undefined
        : planOf(core, holding, await statesOf(core, holding), now, [done.stage]);
    const settled = withDone(holding, done, beforeFact);
    const { holding: next, minute } = afterStage(settled, following, now, core.configuration.timing);
    if (minute !== undefined) await putHint(core, next.ref, minute, next.decision?.deadline);
    if ((await core.registry.putHolding(next)) === 'written') {
      if (beforeFact) core.report('dispose.before-the-fact', { store: core.lane, stage: done.stage });
      core.report('dispose.settled', {
        store: core.lane,
        stage: done.stage,
        outcome: done.outcome,
        ...lateness(attempt, done.at),
      });
      if (next.state === 'active') await hintAgainIfLate(core, next);
      return;
    }
    holding = await current(core, attempt);
  }
}

/** How long after its date, when the attempt knew one. */
function lateness({ holding }: Attempt, at: Instant): { readonly seconds?: number } {
  const actAt = holding.decision?.actAt;
  return actAt === undefined ? {} : { seconds: Math.max(0, Math.round((at - actAt) / 1000)) };
}

async function isStillPlanned(core: LaneCore, holding: Holding, stage: Action): Promise<boolean> {
  const now = core.clock.now();
  const next = planOf(core, holding, await statesOf(core, holding), now).next;
  return (
    next?.action === stage && next.actAt !== undefined && next.actAt <= now && next.heldByRule === undefined
  );
}

async function statesOf(core: LaneCore, holding: Holding) {
  return readStates(
    core,
    entitiesOf(holding).map((entity) => entity.ref),
  );
}

/** What a holding becomes, and the minute of the hint that has to be durable before that is written. */
interface Next {
  readonly holding: Holding;
  readonly minute?: Instant;
}

/** After a stage that is done: the tombstone, or the stage that the plan has next. */
function afterStage(settled: Holding, following: Plan | undefined, now: Instant, timing: Timing): Next {
  if (following === undefined || following.status === 'done') return { holding: tombstone(settled) };
  const { hintAt: _hintAt, ...unhinted } = settled;
  const decision = decisionOf(following);
  if (decision.actAt === undefined) return { holding: { ...unhinted, state: 'active', decision } };
  const minute = hintMinute(decision.actAt, now, timing);
  return { holding: { ...unhinted, state: 'active', decision, hintAt: minute }, minute };
}

/** The holding without its claim, with the stage among those that are done. */
function withDone(holding: Holding, done: StageDone, beforeFact: boolean): Holding {
  const { claim: _claim, parked: _parked, attempts: _attempts, failures: _failures, ...rest } = holding;
  return {
    ...rest,
    version: holding.version + 1,
    done: [...(holding.done ?? []), done],
    ...(beforeFact ? { disposedBeforeFact: true } : {}),
  };
}

/** What remains: who registered what, when, and where the entries lie. No locator, no attributes. */
function tombstone(holding: Holding): Holding {
  const { locator: _locator, decision: _decision, hintAt: _hintAt, ...rest } = holding;
  return {
    ...rest,
    state: 'disposed',
    registrations: holding.registrations.map(({ attributes: _attributes, ...registration }) => registration),
  };
}

/** Letting go writes the next hint first. An event that moved the claim meanwhile is planned with. */
export async function letGo(core: LaneCore, attempt: Attempt, result: Result): Promise<void> {
  let holding: Holding | undefined = attempt.holding;
  let plan = attempt.plan;
  for (; holding !== undefined; holding = await current(core, attempt)) {
    const now = core.clock.now();
    if (plan === undefined || holding !== attempt.holding) {
      plan = planOf(core, holding, await statesOf(core, holding), now);
    }
    const parked = result.kind === 'held' && (await park(core, holding, result.by)) ? result.by : undefined;
    const ended = { result, parked, isSeen: attempt.presence?.state === 'present', plan, now };
    const { holding: next, minute } = afterLettingGo(holding, ended, core.configuration.timing);
    if (minute !== undefined) await putHint(core, next.ref, minute, next.decision?.deadline);
    if ((await core.registry.putHolding(next)) === 'moved') continue;
    core.report(result.kind === 'held' ? 'dispose.parked' : 'dispose.let-go', reportOf(core, result));
    if (minute !== undefined) await hintAgainIfLate(core, next);
    return;
  }
}

/** How an attempt ended that did not settle its stage. */
interface EndedAttempt {
  readonly result: Result;
  /** The hold under which the holding is parked now. */
  readonly parked: HeldBy | undefined;
  /** The record was there when the attempt looked. */
  readonly isSeen: boolean;
  readonly plan: Plan;
  readonly now: Instant;
}

/** Active again, with the plan of now: parked under a hold, or hinted for the next look. */
function afterLettingGo(holding: Holding, ended: EndedAttempt, timing: Timing): Next {
  const { result, parked, isSeen, now } = ended;
  const { claim: _claim, parked: _parked, hintAt, failures: before = 0, ...rest } = holding;
  const decision = decisionOf(ended.plan);
  const failures = result.kind === 'failed' || result.kind === 'refused' ? before + 1 : 0;
  const wanted =
    parked === undefined ? nextLook(result, decision.actAt, backoff(failures, timing), now) : undefined;
  const minute = wanted === undefined ? undefined : hintMinute(wanted, now, timing);
  const next: Holding = {
    ...rest,
    version: holding.version + 1,
    state: 'active',
    decision,
    ...(failures > 0 ? { failures } : {}),
    ...present({ hintAt: minute ?? hintAt, parked: parked && parkedUnder(parked) }),
    ...(isSeen ? { seen: true } : {}),
  };
  return { holding: next, ...present({ minute }) };
}

/** Park, then read that very hold again: a release that came in between did not see the parked holding. */
async function park(core: LaneCore, holding: Holding, by: HeldBy): Promise<boolean> {
  await core.registry.park(by.hold, holding.ref);
  return holdStands(core, by);
}

function parkedUnder(by: HeldBy): NonNullable<Holding['parked']> {
  return { hold: by.hold, ...present({ entity: by.entity }) };
}

/** When it should be looked at again. */
function nextLook(
  result: Result,
  actAt: Instant | undefined,
  { next, longest }: Backoff,
  now: Instant,
): Instant | undefined {
  switch (result.kind) {
    case 'failed':
    case 'refused':
      if (result.until === undefined || result.until <= now) return now + next;
      // On that date; but never later than the longest back-off: the overdue list reads no hints beyond it.
      return Math.min(result.until, now + longest);
    case 'not-written':
      return result.until;
    case 'too-early':
      // Each fact plans it again. The longest back-off is for an end that was announced, which comes without a fact.
      return result.heldByRule === true ? now + longest : actAt;
    case 'held':
    case 'changed':
    case 'stopped':
    case 'success':
      return now;
  }
}

/** In milliseconds. */
interface Backoff {
  readonly next: number;
  readonly longest: number;
}

/** Twice as long after each failure. */
function backoff(failures: number, { firstBackoff, longestBackoff }: Timing): Backoff {
  return {
    next: seconds(Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff)),
    longest: seconds(longestBackoff),
  };
}

function reportOf(core: LaneCore, result: Result): ReportFields {
  return {
    store: core.lane,
    ...(isOutcome(result.kind) ? { outcome: result.kind } : {}),
    code: 'code' in result ? result.code : result.kind,
    count: 1,
  };
}

function isOutcome(kind: Result['kind']): kind is 'failed' | 'refused' | 'changed' | 'held' | 'too-early' {
  return kind !== 'success' && kind !== 'stopped' && kind !== 'not-written';
}
