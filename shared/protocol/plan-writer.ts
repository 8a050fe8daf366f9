import { codeOf } from '../domain/error-code.ts';
import { present } from '../domain/present.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { HoldingChange } from '../ports/holdings.ts';
import { type Decision, type Holding, lookAtOf } from '../domain/record/holding.ts';
import type { Core } from './core.ts';
import { parts } from '../domain/each.ts';
import { readableHoldings } from './damaged.ts';
import { hintAgainIfLate, hintFor, hintMinute, hintSoon, isHintedBy, putHints } from './hint.ts';
import { hintUpcoming } from './notices/hint-upcoming.ts';
import { decisionOf, entitiesOf, entityRefsOf, planOf, type States } from './plan-of.ts';
import { setAside } from './set-aside.ts';
import { readStates } from './facts/read-states.ts';

/** Holdings that are read in one request. */
const BATCH = 100;
const DAY = 86_400_000;

/**
 * Brings the stored decisions of holdings up to their facts. For each: its version first, then the states of all its
 * entities, then the hint, then the decision on the version read. A decision that changes nothing is not written;
 * instead, a run that did write reads the states again and plans again if they moved, so that it cannot put back what
 * a fact changed whose own run had nothing to write. Last, a look at the clock. A holding that cannot be planned is set
 * aside and stops no other. Answers the holdings as they were last read or written, tombstones included.
 */
export async function rePlan(core: Core, refs: readonly HoldingRef[]): Promise<Map<HoldingRef, Holding>> {
  const known = new Map<HoldingRef, Holding>();
  for (const part of parts([...new Set(refs)], BATCH)) await planUntilDone(core, part, known);
  return known;
}

/** The same for holdings that a walk has just read: only those that moved since are read again. */
export async function rePlanRead(
  core: Core,
  holdings: readonly Holding[],
): Promise<Map<HoldingRef, Holding>> {
  const known = new Map<HoldingRef, Holding>();
  for (const part of parts(holdings, BATCH))
    await planUntilDone(core, await planOnce(core, part, known), known);
  return known;
}

async function planUntilDone(
  core: Core,
  refs: readonly HoldingRef[],
  known: Map<HoldingRef, Holding>,
): Promise<void> {
  let open = refs;
  while (open.length > 0) {
    const holdings = await readableHoldings(core, open);
    open = await planOnce(core, [...holdings.values()], known);
  }
}

/** Answers the holdings that have to be planned again. */
async function planOnce(
  core: Core,
  holdings: readonly Holding[],
  known: Map<HoldingRef, Holding>,
): Promise<readonly HoldingRef[]> {
  for (const holding of holdings) known.set(holding.ref, holding);
  const plannable = holdings.filter(({ state }) => state === 'active' || state === 'pending');
  const states = await readStates(core, entityRefsOf(plannable));
  const now = core.clock.now();
  const settled: Holding[] = [];
  const changes: HoldingChange[] = [];
  for (const before of plannable) {
    const after = await plannedOrSetAside(core, before, states, now);
    if (after === undefined) continue;
    if (isSame(before, after)) settled.push(before);
    else changes.push({ before, after });
  }
  const { written, moved } = await writePlanned(core, changes);
  for (const holding of written) known.set(holding.ref, holding);
  const again = await movedSince(core, written, states);
  const done = [...settled, ...written.filter(({ ref }) => !again.has(ref))];
  await hintAgainIfLate(core, done);
  return [...moved, ...again];
}

/**
 * Hints first, then out of `parked`, then the holdings on their versions: dying in between leaves one hint too many. What
 * is parked has one more hint, and is taken out before the write: a worker that sees the write may park it again, and a
 * write that has moved leaves it as it was. In both cases somebody looks at it once more, and parks it if it is still held.
 */
export async function writePlanned(
  core: Core,
  changes: readonly HoldingChange[],
): Promise<{ readonly written: readonly Holding[]; readonly moved: readonly HoldingRef[] }> {
  if (changes.length === 0) return { written: [], moved: [] };
  const hinted = changes.filter(({ before, after }) => after.hintAt !== before?.hintAt);
  await putHints(
    core,
    hinted.flatMap(({ after }) =>
      after.hintAt === undefined ? [] : [hintFor(after, after.hintAt, deadlineOf(after, after.hintAt))],
    ),
  );
  await hintUpcoming(core, changes);
  await takeOut(core, changes);
  const answers = await core.registry.writeHoldings(changes);
  const written: Holding[] = [];
  const moved: HoldingRef[] = [];
  for (const [index, { after }] of changes.entries()) {
    if (answers[index] === 'written') written.push(after);
    else moved.push(after.ref);
  }
  return { written, moved };
}

/** What waits for a reason in its store is not late before it could be looked at for a day. */
function deadlineOf({ waitsUntil = 0, decision }: Holding, hintAt: Instant): Instant | undefined {
  const { deadline } = decision ?? {};
  return deadline === undefined || waitsUntil < hintAt ? deadline : Math.max(deadline, hintAt + DAY);
}

async function takeOut(core: Core, changes: readonly HoldingChange[]): Promise<void> {
  const parked = changes.flatMap(({ before, after }) =>
    before?.parked === undefined || after.parked !== undefined ? [] : [{ after, hold: before.parked.hold }],
  );
  if (parked.length === 0) return;
  await hintSoon(
    core,
    parked.map(({ after }) => after),
  );
  for (const [hold, same] of Map.groupBy(parked, (one) => one.hold))
    await core.registry.unpark(
      hold,
      same.map(({ after }) => after.ref),
    );
}

/** Holdings whose entities' states are no longer those that they were planned with. One read, only after a write. */
export async function movedSince(
  core: Core,
  written: readonly Holding[],
  states: States,
): Promise<ReadonlySet<HoldingRef>> {
  if (written.length === 0) return new Set();
  const now = await core.registry.states(entityRefsOf(written));
  const isMoved = (holding: Holding): boolean =>
    entitiesOf(holding).some(({ ref }) => (now.get(ref)?.version ?? 0) !== (states.get(ref)?.version ?? 0));
  return new Set(written.filter(isMoved).map(({ ref }) => ref));
}

async function plannedOrSetAside(
  core: Core,
  holding: Holding,
  states: States,
  now: Instant,
): Promise<Holding | undefined> {
  try {
    return planned(core, holding, states, now);
  } catch (error) {
    await setAside(core, holding, codeOf(error), now);
    return undefined;
  }
}

/** The holding with its new decision and the hint that this needs. Pure. */
function planned(core: Pick<Core, 'configuration'>, holding: Holding, states: States, now: Instant): Holding {
  const plan = planOf(core, holding, states, now);
  const decision = decisionOf(core, { holding, plan, states }, now);
  const { hintAt, parked: _parked, ...rest } = holding;
  const lookAt = lookAtOf(decision);
  const minute = lookAt === undefined ? undefined : hintMinute(lookAt, now, core.configuration.timing);
  return {
    ...rest,
    version: holding.version + 1,
    state: 'active',
    decision,
    ...present({
      hintAt:
        minute === undefined || isHintedBy(hintAt, minute, now) || isKeptAsBefore(holding, decision, now)
          ? hintAt
          : minute,
    }),
  };
}

/** A collection that has nothing left to do, and has a hint for when it is looked at again. */
function isKeptAsBefore({ kept, hintAt = 0, decision }: Holding, next: Decision, now: Instant): boolean {
  return (
    kept !== undefined && hintAt > now && decision?.stage === next.stage && decision?.actAt === next.actAt
  );
}

/** A plan that throws leaves the holding pending, with a hint: the plan writer sets it aside. Pure. */
export function plannedOrPending(
  core: Pick<Core, 'configuration'>,
  holding: Holding,
  states: States,
  now: Instant,
): Holding {
  try {
    return planned(core, holding, states, now);
  } catch {
    const { parked: _parked, ...rest } = holding;
    const hintAt = hintMinute(now, now, core.configuration.timing);
    return { ...rest, version: holding.version + 1, state: 'pending', hintAt };
  }
}

/**
 * Nothing to write: the same decision, and a hint on record or none needed. A parked holding stays parked: releasing its
 * hold hints it.
 */
function isSame(before: Holding, after: Holding): boolean {
  if (before.state !== after.state || before.decision === undefined) return false;
  if (before.parked === undefined && before.hintAt !== after.hintAt) return false;
  return (
    before.decision.status === after.decision?.status &&
    before.decision.policies === after.decision.policies &&
    before.decision.stage === after.decision.stage &&
    before.decision.actAt === after.decision.actAt &&
    before.decision.deadline === after.decision.deadline &&
    before.decision.changesAt === after.decision.changesAt &&
    before.decision.reason === after.decision.reason
  );
}
