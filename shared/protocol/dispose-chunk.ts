import { decide } from '../domain/plan/verdict.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { PlannedStage } from '../domain/plan/plan.ts';
import type { LaneMessage } from '../ports/queues.ts';
import type { Locator, Presence } from '../ports/store.ts';
import type { WideHold } from '../domain/record/hold.ts';
import { act, mayStart, readBack } from './act.ts';
import { claimChunk, WIDTH, type Claimed } from './claim.ts';
import { each } from '../domain/each.ts';
import type { Attempt, Finished, LaneCore, Result, States } from './lane-core.ts';
import { logKeyOf } from './facts/refs-of.ts';
import { entitiesOf, planOf } from './plan-of.ts';
import { readStates } from './facts/read-states.ts';
import { letGo, settle, settleStage } from './settle.ts';
import { isResult, sayUnread, settleFormer, type FormerResult } from './take-over.ts';
import { writeEntries } from './write-entries.ts';

/**
 * One chunk, in the only order that loses nothing: in-flight record, claims, (former attempts settled), look, states
 * and holds, decide, act, read back, entries, outcomes, in-flight record gone. May run twice, late, or die anywhere:
 * what it leaves claimed is taken over when the lease ends. `again`: the message has to come again, because somebody
 * else has one of its holdings.
 */
export async function disposeChunk(core: LaneCore, message: LaneMessage): Promise<'done' | 'again'> {
  const claims = await claimChunk(core, message.holdings);
  if (claims.fresh.length + claims.takenOver.length > 0) {
    core.report('dispose.claimed', {
      store: core.lane,
      count: claims.fresh.length + claims.takenOver.length,
    });
    const { open, finished } = await takeOver(core, claims.takenOver, claims.fresh);
    const all = [...finished, ...(await carryThrough(core, open))];
    await settle(core, await writeEntries(core, claims.token, claims.claimedAt, all));
    await core.registry.deleteInFlight(core.lane, claims.token);
  }
  return claims.again ? 'again' : 'done';
}

/**
 * What former attempts left is the result where it is in the log; else the store is asked whether the interrupted
 * stage's promise holds. Where it does not, the holding is decided again together with the fresh claims. Where this is
 * not known (no time left, or the store does not answer) it stays claimed, and the next take-over asks again: letting
 * go could leave a holding whose record is gone and for which nothing is due any more.
 */
async function takeOver(
  core: LaneCore,
  takenOver: readonly Claimed[],
  fresh: readonly Claimed[],
): Promise<{ readonly open: readonly Attempt[]; readonly finished: readonly Finished[] }> {
  const open: Attempt[] = [];
  const unlinked: Claimed[] = [];
  const former = await settleFormer(core, takenOver);
  for (const holding of takenOver) {
    const left = former.get(holding.ref);
    if (left === undefined) {
      unlinked.push(holding);
      continue;
    }
    const attempt = { ...(await attemptOf(core, holding)), interrupted: left.interrupted };
    if (left.found === undefined || mayBeDone(left.found)) open.push(attempt);
    else await settleByEntry(core, attempt, left.found);
  }
  if (takenOver.length > 0) core.report('dispose.taken-over', { store: core.lane, count: takenOver.length });
  if (unlinked.length > 0) {
    await each(unlinked, WIDTH, (holding) => sayUnread(core, holding));
    core.report('dispose.failed', { store: core.lane, code: LOG_KEY_MISSING, count: unlinked.length });
  }
  const { finished, broken, unread } = await readFormer(core, open);
  if (unread.length > 0) {
    await each(unread, WIDTH, ({ holding }) => sayUnread(core, holding));
    core.report('dispose.failed', { store: core.lane, code: 'FORMER_ATTEMPT_UNREAD', count: unread.length });
  }
  const freshAttempts = await Promise.all(fresh.map((holding) => attemptOf(core, holding)));
  return { open: [...freshAttempts, ...broken], finished };
}

/** A failed call of which the entry does not say what it came to. */
function mayBeDone({ entry }: NonNullable<FormerResult['found']>): boolean {
  return entry.outcome === 'failed' && entry.acted !== undefined;
}

/** The entry is there, so the attempt has its result: only the outcome was missing. */
async function settleByEntry(
  core: LaneCore,
  attempt: Attempt,
  found: NonNullable<FormerResult['found']>,
): Promise<void> {
  const { entry, place } = found;
  if (!isResult(entry) || entry.outcome === 'interrupted') {
    await letGo(
      core,
      attempt,
      entry.outcome === 'failed' ? { kind: 'failed', code: 'INTERRUPTED' } : { kind: 'stopped' },
    );
    return;
  }
  const at = Date.parse(entry.readBack ?? entry.claimed);
  await settleStage(core, attempt, { stage: entry.stage, outcome: entry.outcome, at, ...place });
}

async function attemptOf(core: LaneCore, holding: Claimed): Promise<Attempt> {
  if (holding.locator === undefined)
    throw new TypeError('a claimed holding has no locator: the registry is damaged');
  const bytes = await core.keys.decrypt({ scope: holding.store, context: holding.ref }, holding.locator);
  return { holding, locator: JSON.parse(Buffer.from(bytes).toString('utf8')) as Locator, interrupted: [] };
}

/**
 * Asks the store what interrupted stages came to. `finished`: it shows what was promised, by an attempt that could not
 * say so. `broken`: it does not. The others are unread.
 */
async function readFormer(
  core: LaneCore,
  attempts: readonly Attempt[],
): Promise<{
  readonly finished: readonly Finished[];
  readonly broken: readonly Attempt[];
  readonly unread: readonly Attempt[];
}> {
  const mayRead = attempts.filter((attempt) => mayStart(core, [attempt]));
  const unread = attempts.filter((attempt) => !mayRead.includes(attempt));
  if (mayRead.length === 0) return { finished: [], broken: [], unread };
  const answers = await readBack(core, mayRead);
  const readBackAt = core.clock.now();
  const states = await statesFor(core, mayRead);
  const finished: Finished[] = [];
  const broken: Attempt[] = [];
  for (const attempt of mayRead) {
    const answer = answers.get(attempt)?.state;
    if (answer !== 'kept' && answer !== 'broken') {
      unread.push(attempt);
      continue;
    }
    if (answer === 'broken' || mayBeUnwritten(core, attempt, readBackAt)) {
      broken.push(attempt);
      continue;
    }
    const planned = planOf(core, attempt.holding, states, readBackAt);
    const stage = planned.stages.find(({ action }) => action === attempt.holding.claim.stage);
    const result: Result = { kind: 'success', outcome: 'already-so', readBackAt };
    finished.push({ attempt: { ...attempt, ...(stage === undefined ? {} : { stage }) }, result });
  }
  return { finished, broken, unread };
}

/** Nothing there, never seen, and young: the application may not have written it yet. */
function mayBeUnwritten(core: LaneCore, { holding }: Attempt, now: Instant): boolean {
  if (holding.seen === true || (holding.done ?? []).length > 0) return false;
  return now < holding.registeredAt + longestWriteLag(core) * 1000;
}

function longestWriteLag(core: LaneCore): number {
  return Math.max(0, ...core.configuration.policies.policies.map((policy) => policy.writeLagSeconds));
}

async function statesFor(core: LaneCore, attempts: readonly Attempt[]): Promise<States> {
  return readStates(
    core,
    attempts.flatMap(({ holding }) => entitiesOf(holding).map((entity) => entity.ref)),
  );
}

/** Look, then states and holds (after the claim; a read that fails throws, and nothing is done), then decide, then act. */
async function carryThrough(core: LaneCore, claimed: readonly Attempt[]): Promise<readonly Finished[]> {
  if (claimed.length === 0) return [];
  const { linked, unlinked } = await linkedOf(core, claimed);
  const late = linked.filter((attempt) => !mayStart(core, [attempt]));
  const inTime = linked.filter((attempt) => !late.includes(attempt));
  const presences = inTime.length === 0 ? [] : await core.store.look(inTime.map(({ locator }) => locator));
  const lookedAt = core.clock.now();
  const states = await statesFor(core, inTime);
  const holds = (await core.registry.wideHolds()).filter(({ state }) => state === 'placed');
  const finished: Finished[] = [
    ...late.map((attempt) => ({ attempt, result: { kind: 'stopped' as const } })),
    ...unlinked.map((attempt) => ({ attempt, result: { kind: 'failed' as const, code: LOG_KEY_MISSING } })),
  ];
  const todo: Attempt[] = [];
  for (const [index, attempt] of inTime.entries()) {
    const presence = presences[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    const seen: Attempt = { ...attempt, presence };
    const decided = decideOn(core, seen, presence, states, holds, lookedAt);
    if (decided.result === undefined) todo.push(decided.attempt);
    else finished.push({ attempt: decided.attempt, result: decided.result });
  }
  return [...finished, ...(await act(core, todo))];
}

const LOG_KEY_MISSING = 'LOG_KEY_MISSING';

/** What is unlinked from the log could not be proved to be gone: it fails by itself, and the others go on. */
async function linkedOf(
  core: LaneCore,
  attempts: readonly Attempt[],
): Promise<{ readonly linked: readonly Attempt[]; readonly unlinked: readonly Attempt[] }> {
  const keys = await Promise.all(attempts.map(({ holding }) => logKeyOf(core.keys, holding)));
  return {
    linked: attempts.filter((_, index) => keys[index] !== undefined),
    unlinked: attempts.filter((_, index) => keys[index] === undefined),
  };
}

interface Decided {
  readonly attempt: Attempt;
  /** Absent: act. */
  readonly result?: Result;
}

function decideOn(
  core: LaneCore,
  attempt: Attempt,
  presence: Presence,
  states: States,
  holds: readonly WideHold[],
  lookedAt: Instant,
): Decided {
  const now = core.clock.now();
  const plan = planOf(core, attempt.holding, states, now);
  const verdict = decide({
    holding: attempt.holding,
    plan,
    found: presence.state === 'gone' ? 'gone' : 'present',
    states,
    holds,
    writeLagSeconds: writeLag(core, plan.next),
    now,
    clockToleranceSeconds: core.configuration.timing.clockTolerance,
  });
  const decided: Attempt = { ...attempt, plan, ...(plan.next === undefined ? {} : { stage: plan.next }) };
  switch (verdict.kind) {
    case 'act':
      if (presence.state === 'unknown')
        return { attempt: decided, result: { kind: 'failed', code: presence.code } };
      return { attempt: decided };
    case 'absent':
      return { attempt: decided, result: { kind: 'success', outcome: 'already-so', readBackAt: lookedAt } };
    case 'held':
      return { attempt: decided, result: { kind: 'held', by: verdict.by } };
    case 'not-written':
      return { attempt: decided, result: { kind: 'not-written', until: verdict.until } };
    case 'too-early':
      return { attempt: decided, result: verdict };
  }
}

function writeLag(core: LaneCore, stage: PlannedStage | undefined): number {
  const policy = core.configuration.policies.policies.find(
    ({ name, version }) => name === stage?.policy && version === stage.policyVersion,
  );
  return policy?.writeLagSeconds ?? longestWriteLag(core);
}
