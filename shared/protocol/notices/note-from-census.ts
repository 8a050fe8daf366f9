import { codeOf } from '../../domain/error-code.ts';
import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { WideHold } from '../../domain/record/hold.ts';
import { handleOf, type Notice, noticeId } from '../../domain/record/notice.ts';
import type { Core } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { decidedBy } from '../lane/entry-of.ts';
import { heldBy } from '../lane/held-by.ts';
import { categoriesOf, entityRefsOf, planOf, policyNamesOf, type States } from '../plan-of.ts';
import { hintToTell } from './hint-upcoming.ts';
import { isTold, leadOf, tellsAnything } from './is-told.ts';

/**
 * Notes what the daily census finds that applications want to be told: what will soon be disposed of and was not told yet,
 * because its hint was lost, and what a conflict of rules keeps, under the same id each day. What is to be told within the
 * next two days gets its hint.
 */
export async function noteFromCensus(core: Core, page: readonly Holding[], now: Instant): Promise<void> {
  if (!tellsAnything(core.configuration)) return;
  await noteUpcoming(core, page, now);
  await hintToTell(
    core,
    page.filter((holding) => !isComing(core, holding, now)),
  );
  const kept = page.filter((holding) => isConflict(core, holding, now));
  if (kept.length > 0) await core.registry.putNotices(kept.map((holding) => conflict(holding, now)));
}

/**
 * Notes which of these will soon be disposed of, once for each date that one gets. Where the facts of one cannot be read, it
 * is reported and left for the next census, and stops no other.
 */
export async function noteUpcoming(core: Core, page: readonly Holding[], now: Instant): Promise<void> {
  const coming = page.filter((holding) => isComing(core, holding, now));
  const [first] = coming;
  if (first === undefined) return;
  try {
    await noteComing(core, coming, now);
  } catch (error) {
    const code = codeOf(error);
    if (!UNREADABLE.includes(code)) throw error;
    if (coming.length === 1) core.report('sweep.failed', { store: first.store, code, count: 1 });
    else for (const one of coming) await noteUpcoming(core, [one], now);
  }
}

/** What repeating does not change. */
const UNREADABLE: readonly string[] = ['ITEM_INVALID', 'ITEM_SCHEMA_UNKNOWN'];

/** The notices first, then the mark on each holding: a run that dies in between notes them again, under the same ids. */
async function noteComing(core: Core, coming: readonly Holding[], now: Instant): Promise<void> {
  const states = await readStates(core, entityRefsOf(coming));
  const holds = await core.registry.wideHolds();
  const told = coming.flatMap((holding) => {
    const stage = nextOf(core, holding, { states, holds }, now);
    return stage === undefined ? [] : [{ holding, notice: upcoming(holding, stage, now) }];
  });
  if (told.length === 0) return;
  await core.registry.putNotices(told.map(({ notice }) => notice));
  // One that moved meanwhile is looked at again by the next census.
  const marks = told.map(({ holding: before }) => ({
    before,
    after: { ...before, version: before.version + 1, ...present({ toldOf: before.decision?.actAt }) },
  }));
  await core.registry.writeHoldings(marks);
}

function isComing({ configuration }: Core, holding: Holding, now: Instant): boolean {
  const { state, decision, toldOf } = holding;
  const actAt = decision?.actAt;
  if (state !== 'active' || actAt === undefined || actAt <= now || toldOf === actAt) return false;
  const lead = leadOf(configuration, holding, now);
  return lead !== undefined && actAt <= now + lead;
}

function isConflict({ configuration }: Core, holding: Holding, now: Instant): boolean {
  if (holding.state !== 'active' || holding.decision?.status !== 'conflict') return false;
  return isTold(configuration, 'blocked', { categories: categoriesOf(holding), now });
}

/**
 * As it is planned now. What cannot be planned is set aside by others. What a rule, a request or a legal hold keeps as things
 * are will not be disposed of then: it is told by the first census after that has ended.
 */
function nextOf(
  core: Core,
  holding: Holding,
  { states, holds }: { readonly states: States; readonly holds: readonly WideHold[] },
  now: Instant,
): PlannedStage | undefined {
  try {
    const { next } = planOf(core, holding, states, now);
    if (next === undefined || next.heldByRule === true || next.actAt !== holding.decision?.actAt)
      return undefined;
    const policies = [next.policy, ...policyNamesOf(core, holding, now)];
    const hold = heldBy({ holding, policies, states, holds, action: next.action });
    return hold === undefined ? next : undefined;
  } catch {
    return undefined;
  }
}

function upcoming(holding: Holding, planned: PlannedStage, now: Instant): Notice {
  const { ref, generation, store, toldOf } = holding;
  const { action: stage, part, actAt } = planned;
  const { policy, policyVersion, due } = decidedBy(planned);
  return {
    // Named after the date that was told before, too: what gets a date back is told once more.
    id: noticeId('upcoming', ref, generation, stage, part ?? '', actAt, toldOf ?? ''),
    kind: 'upcoming',
    at: now,
    data: {
      store,
      categories: categoriesOf(holding).toSorted(),
      stage,
      ...present({ part }),
      policy,
      policyVersion,
      records: [{ handle: handleOf(ref), generation, ...present({ due }) }],
    },
  };
}

function conflict(holding: Holding, now: Instant): Notice {
  const { ref, generation, store, decision } = holding;
  const categories = categoriesOf(holding).toSorted();
  return {
    id: noticeId('blocked', ref, generation, 'conflict', decision?.policies),
    kind: 'blocked',
    at: now,
    data: { store, categories, outcome: 'conflict', records: [{ handle: handleOf(ref), generation }] },
  };
}
