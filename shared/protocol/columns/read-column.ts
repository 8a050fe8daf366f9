import { columnOfName, type DefinedColumn } from '../../domain/columns/fact-columns.ts';
import { present } from '../../domain/present.ts';
import type { ColumnBell } from '../../ports/queues.ts';
import type { Walk } from '../../ports/upkeep.ts';
import type { LaneCore } from '../core.ts';
import { isPauseOf } from '../lane/begin.ts';
import { seconds } from '../seconds.ts';
import { type ColumnPass, newPass, openPass, sealPass, walkOfColumn } from './column-pass.ts';
import { readOn } from './read-on.ts';
import { settleColumn } from './settle-column.ts';

/** A pass that is older begins again. */
const LONGEST = 6 * 3_600_000;
/** A bell that comes twice is one bell. */
const SHORTEST = 120_000;

/**
 * One bell: reads a column of facts in order, beside the entries of what was taken from it. It may run twice, and die
 * anywhere: what is told is in the registry before, and until a pass is at its end the column does not count as read.
 */
export async function readColumn(core: LaneCore, bell: ColumnBell, goOn: () => boolean): Promise<void> {
  const column = columnOfName(core.configuration, { ...bell, store: core.lane });
  if (column === undefined || column.ended === true) return;
  // A pause is for a store in trouble, too.
  if ((await core.registry.wideHolds()).some((hold) => isPauseOf(hold, core.lane))) return;
  const walk = await core.registry.walk(walkOfColumn(column));
  const now = core.clock.now();
  if (walk.leasedUntil !== undefined && walk.leasedUntil > now) return;
  const known = await openPass(core, column, walk);
  const isKnown = known !== undefined && now - known.startedAt < LONGEST;
  if (!isKnown && walk.version > 0 && now - walk.at < SHORTEST) return;
  const begun = isKnown ? known : newPass(column, now);
  const { functionTimeout, clockTolerance } = core.configuration.timing;
  const leasedUntil = now + seconds(functionTimeout + 2 * clockTolerance);
  const claimed = await write(core, { ...(await walkWith(core, column, walk, begun)), leasedUntil });
  if (claimed === undefined) return;
  const went =
    begun.phase === 'settling'
      ? await settleColumn(core, column, begun)
      : await readOn(core, column, begun, goOn);
  await write(core, { ...(await walkWith(core, column, claimed, went.pass)), at: begun.startedAt });
  if (went.ringIn !== undefined) await core.queues.ring([{ bell, delaySeconds: went.ringIn }]);
}

async function walkWith(
  core: LaneCore,
  column: DefinedColumn,
  { id, version, at }: Walk,
  pass: ColumnPass | undefined,
): Promise<Walk> {
  const after = pass && (await sealPass(core, column, pass));
  return { id, version: version + 1, at: pass?.startedAt ?? at, ...present({ after }) };
}

/** Nothing where another run has the column. */
async function write(core: LaneCore, next: Walk): Promise<Walk | undefined> {
  return (await core.registry.putWalk(next)) === 'written' ? next : undefined;
}
