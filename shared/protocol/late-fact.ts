import type { EntityState, Fact, FoldProfile } from '../domain/facts/facts.ts';
import { emptyState, refold } from '../domain/facts/fold.ts';
import { announcedAt } from '../domain/facts/occurrence-time.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { isFromThenOn } from '../domain/people/linked.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import { carriedOut, type Holding, type StageDone } from '../domain/record/holding.ts';
import type { Core } from './core.ts';
import { each } from '../domain/each.ts';
import { entitiesOf, planOf } from './plan-of.ts';

type Reader = Pick<Core, 'registry' | 'configuration'>;

/** `late`: known in time, the facts would have kept what a stage disposed of. `unknown`: it cannot be told any more. */
type Judged = 'in-time' | 'late' | 'unknown';

/** Stages that were carried out after this instant may have been carried out before the fact. */
export function concernsFrom(fact: Fact, { types }: FoldProfile): Instant | undefined {
  if (isFromThenOn(fact)) return fact.sent;
  if (fact.about !== undefined || fact.occurred === undefined) return 0;
  if (types[fact.type] === undefined) return undefined;
  return announcedAt({ occurred: fact.occurred, sent: fact.sent });
}

/**
 * What was disposed of before a fact that would have kept it is not undone, but remarked on its generation. Answers the
 * generations that are remarked. One that another holding has taken the place of is a tombstone; then the present one
 * is remarked, too, so that it is listed, as of before its registration: the remark is not about it.
 */
export async function remarkIfLate(core: Core, read: Holding, since: Instant): Promise<readonly Holding[]> {
  let holding: Holding | undefined = read;
  while (holding !== undefined) {
    const earlier = await remarkEarlier(core, holding, since);
    const after = await remarkedOrListed(core, holding, since, earlier.length > 0);
    if (after === holding) return [...earlier, ...(isRemarked(holding) ? [holding] : [])];
    const [written] = await core.registry.writeHoldings([{ before: holding, after }]);
    if (written === 'written') {
      if (isRemarked(after)) core.report('dispose.before-the-fact', { store: holding.store, count: 1 });
      return [...earlier, ...(isRemarked(after) ? [after] : [])];
    }
    holding = (await core.registry.holdings([holding.ref])).get(holding.ref);
  }
  return [];
}

/** The holding itself where there is nothing to write. */
async function remarkedOrListed(
  core: Core,
  holding: Holding,
  since: Instant,
  hasEarlier: boolean,
): Promise<Holding> {
  if (isRemarked(holding)) return holding;
  const isNowLate = await isLateSince(core, holding, since);
  if (!isNowLate && (!hasEarlier || holding.remarks?.DISPOSED_BEFORE_FACT !== undefined)) return holding;
  const now = core.clock.now();
  const at = isNowLate ? now : Math.min(now, holding.registeredAt - 1);
  return {
    ...holding,
    version: holding.version + 1,
    remarks: { ...holding.remarks, DISPOSED_BEFORE_FACT: at },
  };
}

/** Answers the earlier generations that were disposed of before the fact, or before another one. */
async function remarkEarlier(core: Core, holding: Holding, since: Instant): Promise<readonly Holding[]> {
  const remarked: Holding[] = [];
  for (const earlier of await earlierGenerations(core, holding, since)) {
    let tombstone: Holding | undefined = earlier;
    while (tombstone !== undefined && !isRemarked(tombstone) && (await isLateSince(core, tombstone, since))) {
      const remarks = { ...tombstone.remarks, DISPOSED_BEFORE_FACT: core.clock.now() };
      // It replaces an older one only, so another run may have been faster: it is read again until it is there.
      await core.registry.putTombstone({ ...tombstone, version: tombstone.version + 1, remarks });
      core.report('dispose.before-the-fact', { store: holding.store, count: 1 });
      tombstone = (await core.registry.tombstones(holding.ref)).find(
        ({ generation }) => generation === earlier.generation,
      );
    }
    if (tombstone !== undefined && isRemarked(tombstone)) remarked.push(tombstone);
  }
  return remarked;
}

async function isLateSince(core: Core, holding: Holding, since: Instant): Promise<boolean> {
  const judged = await judgeDone(core, holding, since);
  if (judged === 'unknown') core.report('ingest.late-fact', { store: holding.store, count: 1 });
  return judged === 'late';
}

/** Whether it was disposed of before a fact that would have kept it, as far as this can be told. */
export async function isLate(core: Reader, holding: Holding): Promise<boolean> {
  return (await judgeDone(core, holding, 0)) === 'late';
}

/** One that it took along from an earlier generation is not about this one. */
export function isRemarked({ remarks, registeredAt }: Holding): boolean {
  return (remarks?.DISPOSED_BEFORE_FACT ?? -Infinity) >= registeredAt;
}

/** A settlement may have made the present generation a lease after its registration came. */
const SETTLED_WITHIN = 86_400_000;

/** Tombstones whose stages may have been carried out from `since` on. */
async function earlierGenerations(
  core: Reader,
  { ref, generation, registeredAt }: Holding,
  since: Instant,
): Promise<readonly Holding[]> {
  if (generation === 1 || since > registeredAt + SETTLED_WITHIN) return [];
  return core.registry.tombstones(ref);
}

/**
 * Plans each stage that was carried out once more, as of then: with all that is known now, and with what was known
 * then. Only where the first forbids and the second allows did a fact come late. Where both forbid, it cannot be told:
 * the policy was changed since, or its rule asks for an attribute, which a tombstone does not have any more.
 */
async function judgeDone(core: Reader, holding: Holding, since: Instant): Promise<Judged> {
  const done = carriedOut(holding);
  if (!done.some(({ at }) => at >= since)) return 'in-time';
  const histories = new Map<EntityRef, readonly Fact[]>();
  await each(entitiesOf(holding), 4, async ({ ref }) => {
    histories.set(ref, await core.registry.history(ref));
  });
  let judged: Judged = 'in-time';
  for (const [index, stage] of done.entries()) {
    if (stage.at < since) continue;
    const as = { holding: { ...holding, done: done.slice(0, index) }, stage, histories };
    const now = wasAllowed(core, as, (fact) => !isFromThenOn(fact) || fact.sent <= stage.at);
    if (now === true) continue;
    const then = wasAllowed(core, as, ({ received }) => received <= stage.at);
    if (now === false && then === true) return 'late';
    judged = 'unknown';
  }
  return judged;
}

/** As of when the stage was done, with some of the facts. A plan that throws tells nothing, and stops no other. */
function wasAllowed(
  core: Reader,
  {
    holding,
    stage,
    histories,
  }: {
    readonly holding: Holding;
    readonly stage: StageDone;
    readonly histories: ReadonlyMap<EntityRef, readonly Fact[]>;
  },
  isKnown: (fact: Fact) => boolean,
): boolean | undefined {
  const states = new Map<EntityRef, EntityState>();
  try {
    for (const [entity, history] of histories)
      states.set(entity, stateAsOf(core, history.filter(isKnown), stage.at));
    return isAllowed(planOf(core, holding, states, stage.at), stage);
  } catch {
    return undefined;
  }
}

/** What happened or was announced by then: what came afterwards came in time, and too late to keep anything. */
function stateAsOf(
  { configuration: { foldProfile } }: Reader,
  history: readonly Fact[],
  at: Instant,
): EntityState {
  const state = refold(emptyState(foldProfile), history, foldProfile, 'everything');
  const occurrences = Object.fromEntries(
    Object.entries(state.occurrences).map(([type, list]) => [
      type,
      list.filter((one) => announcedAt(one) <= at),
    ]),
  );
  return { ...state, occurrences };
}

/**
 * Whether the stage itself may be carried out at that instant: also where another one would come before it, and for a part
 * of the record where the whole may be deleted.
 */
export function isAllowed(
  { stages }: Plan,
  { stage, part, at }: Pick<StageDone, 'stage' | 'part' | 'at'>,
): boolean {
  const marks = stage === 'restrict' || stage === 'lift';
  if (!marks && stages.some(({ status }) => status === 'conflict')) return false;
  return stages.some(
    (one) =>
      ((one.action === stage && one.part === part) || (part !== undefined && one.action === 'delete')) &&
      one.status === 'due' &&
      one.actAt !== undefined &&
      one.actAt <= at &&
      one.heldByRule === undefined,
  );
}
