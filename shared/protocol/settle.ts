import type { Action } from '../domain/record/actions.ts';
import type { Holding, StageDone } from '../domain/record/holding.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { HeldBy } from '../domain/plan/verdict.ts';
import { each, seconds } from './core.ts';
import { WIDTH } from './claim.ts';
import { hintAgainIfLate, hintMinute, putHint } from './hint.ts';
import type { Attempt, LaneCore, Result } from './lane-core.ts';
import type { ReportFields } from '../ports/report.ts';
import { holdStands } from './look-at-hints.ts';
import { decisionOf, entitiesOf, planOf } from './plan-of.ts';
import { readStates } from './read-states.ts';
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
      // It stays claimed, and whoever takes it over reads first: let go of, a renewal could keep what is gone.
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
    const next = await afterStage(core, holding, done, beforeFact);
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
  return next?.action === stage && next.actAt !== undefined && next.actAt <= now;
}

async function statesOf(core: LaneCore, holding: Holding) {
  return readStates(
    core,
    entitiesOf(holding).map((entity) => entity.ref),
  );
}

async function afterStage(
  core: LaneCore,
  holding: Holding,
  done: StageDone,
  beforeFact: boolean,
): Promise<Holding> {
  const { claim: _claim, parked: _parked, attempts: _attempts, failures: _failures, ...rest } = holding;
  const settled = {
    ...rest,
    version: holding.version + 1,
    done: [...(holding.done ?? []), done],
    ...(beforeFact ? { disposedBeforeFact: true } : {}),
  };
  if (done.stage === 'delete') return tombstone(settled);
  const now = core.clock.now();
  const following = planOf(core, holding, await statesOf(core, holding), now, [done.stage]);
  if (following.status === 'done') return tombstone(settled);
  const { hintAt: _hintAt, ...unhinted } = settled;
  const decision = decisionOf(following);
  if (decision.actAt === undefined) return { ...unhinted, state: 'active', decision };
  const minute = hintMinute(decision.actAt, now, core.configuration.timing);
  await putHint(core, holding.ref, minute, decision.deadline);
  return { ...unhinted, state: 'active', decision, hintAt: minute };
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

/** Whoever lets go writes the next hint first. An event that moved the claim meanwhile is planned with. */
export async function letGo(core: LaneCore, attempt: Attempt, result: Result): Promise<void> {
  let holding: Holding | undefined = attempt.holding;
  let plan = attempt.plan;
  for (; holding !== undefined; holding = await current(core, attempt)) {
    const now = core.clock.now();
    if (plan === undefined || holding !== attempt.holding) {
      plan = planOf(core, holding, await statesOf(core, holding), now);
    }
    const decision = decisionOf(plan);
    const failures = result.kind === 'failed' || result.kind === 'refused' ? (holding.failures ?? 0) + 1 : 0;
    const stands = result.kind === 'held' && (await park(core, holding, result.by));
    const wanted = stands ? undefined : nextLook(core, result, decision.actAt, failures, now);
    const minute = wanted === undefined ? undefined : hintMinute(wanted, now, core.configuration.timing);
    if (minute !== undefined) await putHint(core, holding.ref, minute, decision.deadline);
    const { claim: _claim, parked: _parked, hintAt, failures: _failures, ...rest } = holding;
    const kept = minute ?? hintAt;
    const next: Holding = {
      ...rest,
      version: holding.version + 1,
      state: 'active',
      decision,
      ...(failures > 0 ? { failures } : {}),
      ...(kept === undefined ? {} : { hintAt: kept }),
      ...(attempt.presence?.state === 'present' ? { seen: true } : {}),
      ...(stands && result.kind === 'held' ? { parked: parkedUnder(result.by) } : {}),
    };
    if ((await core.registry.putHolding(next)) === 'moved') continue;
    core.report(result.kind === 'held' ? 'dispose.parked' : 'dispose.let-go', reportOf(core, result));
    if (minute !== undefined) await hintAgainIfLate(core, next);
    return;
  }
}

/** Park, then read that very hold again: a release that came in between did not see the parked holding. */
async function park(core: LaneCore, holding: Holding, by: HeldBy): Promise<boolean> {
  await core.registry.park(by.hold, holding.ref);
  return holdStands(core, by);
}

function parkedUnder(by: HeldBy): NonNullable<Holding['parked']> {
  return { hold: by.hold, ...(by.entity === undefined ? {} : { entity: by.entity }) };
}

/** When it should be looked at again. */
function nextLook(
  core: LaneCore,
  result: Result,
  actAt: Instant | undefined,
  failures: number,
  now: Instant,
): Instant | undefined {
  const { firstBackoff, longestBackoff } = core.configuration.timing;
  switch (result.kind) {
    case 'failed':
    case 'refused': {
      const backoff = now + seconds(Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff));
      if (result.until === undefined || result.until <= now) return backoff;
      // On that date; but never later than the longest back-off: the overdue list reads no hints beyond it.
      return Math.min(result.until, now + seconds(longestBackoff));
    }
    case 'not-written':
      return result.until;
    case 'too-early':
      return actAt;
    case 'held':
    case 'changed':
    case 'stopped':
    case 'success':
      return now;
  }
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
