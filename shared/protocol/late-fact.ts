import { emptyState, refold } from '../domain/facts/fold.ts';
import type { EntityState, Fact, FoldProfile } from '../domain/facts/facts.ts';
import { announcedAt } from '../domain/facts/occurrence-time.ts';
import type { Holding, StageDone } from '../domain/record/holding.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { each } from '../domain/each.ts';
import { type Core } from './core.ts';
import { entitiesOf, planOf } from './plan-of.ts';

type Reader = Pick<Core, 'registry' | 'configuration'>;

/** `late`: known in time, the facts would have kept what a stage disposed of. `untold`: this is no longer known. */
type Judged = 'in-time' | 'late' | 'untold';

/** Stages that were carried out after this instant may have been so before the fact; none, if no rule asks for it. */
export function concernsFrom(fact: Fact, { types }: FoldProfile): Instant | undefined {
  if (fact.about !== undefined || fact.occurred === undefined) return 0;
  if (types[fact.type] === undefined) return undefined;
  return announcedAt({ occurred: fact.occurred, sent: fact.sent });
}

/** What was disposed of before a fact that would have kept it is not undone, but said. */
export async function sayIfLate(
  core: Core,
  holding: Holding,
  since: Instant | undefined,
): Promise<'seen' | 'moved'> {
  if (since === undefined || holding.disposedBeforeFact === true) return 'seen';
  if (!(holding.done ?? []).some(({ at }) => at >= since)) return 'seen';
  const judged = await judgeDone(core, holding, since);
  if (judged === 'in-time') return 'seen';
  if (judged === 'untold') {
    core.report('ingest.late-fact', { store: holding.store, count: 1 });
    return 'seen';
  }
  const next: Holding = { ...holding, version: holding.version + 1, disposedBeforeFact: true };
  if ((await core.registry.putHolding(next)) === 'written') {
    core.report('dispose.before-the-fact', { store: holding.store, count: 1 });
  }
  return 'moved';
}

/**
 * Plans each stage that was carried out once more, as of then: with all that is known now, and with what was known
 * then. Only where the first forbids and the second allows a fact came late. Where both forbid, it is not known: the
 * policy was changed meanwhile, or its rule asks for an attribute, of which a tombstone has none any more.
 */
async function judgeDone(core: Reader, holding: Holding, since: Instant): Promise<Judged> {
  const done = holding.done ?? [];
  const histories = new Map<EntityRef, readonly Fact[]>();
  await each(entitiesOf(holding), 4, async ({ ref }) => {
    histories.set(ref, await core.registry.history(ref));
  });
  let judged: Judged = 'in-time';
  for (const [index, stage] of done.entries()) {
    if (stage.at < since) continue;
    const before = { ...holding, done: done.slice(0, index) };
    const now = planWith(core, before, stage, histories, () => true);
    if (isAllowed(now, stage)) continue;
    const then = planWith(core, before, stage, histories, ({ received }) => received <= stage.at);
    if (isAllowed(then, stage)) return 'late';
    judged = 'untold';
  }
  return judged;
}

/** As of when the stage was done, with some of the facts. */
function planWith(
  core: Reader,
  holding: Holding,
  { at }: StageDone,
  histories: ReadonlyMap<EntityRef, readonly Fact[]>,
  isKnown: (fact: Fact) => boolean,
): Plan {
  const states = new Map<EntityRef, EntityState>();
  for (const [entity, history] of histories) states.set(entity, stateAsOf(core, history.filter(isKnown), at));
  return planOf(core, holding, states, at);
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

function isAllowed({ next }: Plan, { stage, at }: StageDone): boolean {
  return (
    next?.action === stage && next.actAt !== undefined && next.actAt <= at && next.heldByRule === undefined
  );
}
