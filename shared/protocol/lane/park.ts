import type { Holding } from '../../domain/record/holding.ts';
import type { ResultLine } from '../../domain/record/work.ts';
import { present } from '../../domain/present.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { LaneCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { rePlan } from '../plan-writer.ts';

type HeldLine = ResultLine & { readonly hold: NonNullable<ResultLine['hold']> };

/**
 * Park, then read that very hold again: a release that came in between did not see what was parked. A hold that is gone
 * leaves the holding to the plan writer, which hints it.
 */
export async function parkAll(core: LaneCore, lines: readonly HeldLine[]): Promise<void> {
  for (const [name, held] of Map.groupBy(lines, ({ hold }) => `${hold.id} ${hold.entity ?? ''}`)) {
    const hold = held[0]?.hold;
    if (hold === undefined) throw new TypeError(`no lines for ${name}`);
    const refs = held.map(({ ref }) => ref);
    await core.registry.park(hold.id, refs);
    if (await isInForce(core, hold)) await markParked(core, held, hold);
    else {
      await core.registry.unpark(hold.id, refs);
      await rePlan(core, refs);
      continue;
    }
    core.report('dispose.parked', { store: core.lane, count: refs.length });
  }
}

export async function isInForce(
  core: Pick<LaneCore, 'registry'>,
  { id, entity }: HeldLine['hold'],
): Promise<boolean> {
  if (entity === undefined) return (await core.registry.wideHold(id))?.state === 'placed';
  return (await core.registry.states([entity])).get(entity)?.holds.includes(id) === true;
}

async function markParked(core: LaneCore, held: readonly HeldLine[], hold: HeldLine['hold']): Promise<void> {
  const holdings = await readableHoldings(
    core,
    held.map(({ ref }) => ref),
  );
  const changes: HoldingChange[] = [];
  for (const { ref, generation } of held) {
    const before = holdings.get(ref);
    if (before?.state !== 'active' || before.generation !== generation || before.parked?.hold === hold.id)
      continue;
    const after: Holding = {
      ...before,
      version: before.version + 1,
      parked: { hold: hold.id, ...present({ entity: hold.entity }) },
    };
    changes.push({ before, after });
  }
  if (changes.length === 0) return;
  const answers = await core.registry.writeHoldings(changes);
  const moved = changes.filter((_, index) => answers[index] === 'moved').map(({ after }) => after.ref);
  // What moved was planned since, and has the hint that its plan needs; one that was due already gets a new one.
  if (moved.length > 0) await rePlan(core, moved);
}
