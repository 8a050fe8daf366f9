import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ResultLine } from '../../domain/record/work.ts';
import { present } from '../../domain/present.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { LaneCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { hintSoon } from '../hint.ts';
import { letEntityGo } from '../people/entity-hold.ts';
import { rePlan } from '../plan-writer.ts';

type HeldLine = ResultLine & { readonly hold: NonNullable<ResultLine['hold']> };

/**
 * Park, then read that very hold again: a release that came in between did not see what was parked. A hold that is gone
 * leaves the holding with a hint, as its release does. The plan writer would not do: a holding may still be marked as
 * parked under another hold that was released, and then it needs no hint by its plan.
 */
export async function parkAll(core: LaneCore, lines: readonly HeldLine[]): Promise<void> {
  for (const [name, held] of Map.groupBy(lines, ({ hold }) => `${hold.id} ${hold.entity ?? ''}`)) {
    const hold = held[0]?.hold;
    if (hold === undefined) throw new TypeError(`no lines for ${name}`);
    const refs = held.map(({ ref }) => ref);
    await core.registry.park(hold.id, refs);
    if (await isInForce(core, hold)) await markParked(core, held, hold);
    else {
      await endHalfPlaced(core, hold);
      await hintSoon(core, (await readableHoldings(core, refs)).values());
      await core.registry.unpark(hold.id, refs);
      continue;
    }
    core.report('dispose.parked', { store: core.lane, count: refs.length });
  }
}

/** Of a hold on an entity, its record decides, too: a run that died while it placed may have left it in the state. */
export async function isInForce(
  { registry }: Pick<LaneCore, 'registry'>,
  { id, entity }: HeldLine['hold'],
): Promise<boolean> {
  if (entity === undefined) return (await registry.wideHold(id))?.state === 'placed';
  if ((await registry.holdRecord(id))?.state === 'released') return false;
  return (await registry.states([entity])).get(entity)?.holds.includes(id) === true;
}

/** Else the worker that looks at the holding next would find it in the state again, for ever. */
async function endHalfPlaced(core: LaneCore, { id, entity }: HeldLine['hold']): Promise<void> {
  if (entity !== undefined) await letEntityGo(core, id, entity);
}

/**
 * Only what is as the attempt saw it: a mark on a holding that was planned for another date since would outlive the
 * hold, because nothing is due then that would take it away.
 */
async function markParked(core: LaneCore, held: readonly HeldLine[], hold: HeldLine['hold']): Promise<void> {
  const holdings = await readableHoldings(
    core,
    held.map(({ ref }) => ref),
  );
  const changes: HoldingChange[] = [];
  const moved: HoldingRef[] = [];
  for (const { ref, generation, version } of held) {
    const before = holdings.get(ref);
    if (before?.state !== 'active' || before.generation !== generation || before.parked?.hold === hold.id)
      continue;
    if (before.version !== version) {
      moved.push(ref);
      continue;
    }
    const after: Holding = {
      ...before,
      version: before.version + 1,
      parked: { hold: hold.id, ...present({ entity: hold.entity }) },
    };
    changes.push({ before, after });
  }
  const answers = changes.length === 0 ? [] : await core.registry.writeHoldings(changes);
  moved.push(...changes.filter((_, index) => answers[index] === 'moved').map(({ after }) => after.ref));
  // What moved was planned since, and has the hint that its plan needs; one that was due already gets a new one.
  if (moved.length > 0) await rePlan(core, moved);
}
