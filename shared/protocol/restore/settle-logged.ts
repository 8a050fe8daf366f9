import { logRef } from '../../domain/configuration/references.ts';
import { yearOf } from '../../domain/calendar/utc-time.ts';
import { present } from '../../domain/present.ts';
import { strength } from '../../domain/record/actions.ts';
import { isSameStage, partsOf } from '../../domain/record/stage-name.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, LogRef } from '../../domain/record/ids.ts';
import type { LoggedStage } from '../../ports/results.ts';
import type { SettleCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { linkLines, type LinkedLine } from '../entry-links.ts';
import { logKeyOf } from '../facts/refs-of.ts';
import { settleDone } from '../lane/settle.ts';
import { seconds } from '../seconds.ts';

/** Stages and generations of one holding that the log may tell in a row. */
const MOST_ROUNDS = 100;

/**
 * Settles what the log of an adopted table says was done to these holdings, and the table has forgotten. It ends in what
 * the former table had: a tombstone with the link to its entry, or the next stage. What came on record after the
 * attempt began is the next generation, in whatever order the archive brings it. Answers all of them as they are then.
 */
export async function settleLogged(
  core: SettleCore,
  holdings: ReadonlyMap<HoldingRef, Holding>,
): Promise<ReadonlyMap<HoldingRef, Holding>> {
  const all = new Map(holdings);
  let open: readonly Holding[] = [...holdings.values()];
  for (let round = 0; open.length > 0 && round < MOST_ROUNDS; round += 1) {
    const lines = await nextLines(core, open);
    await settleDone(core, lines, all);
    const refs = lines.map(({ ref }) => ref);
    open = refs.length === 0 ? [] : [...(await readableHoldings(core, refs)).values()];
    for (const holding of open) all.set(holding.ref, holding);
  }
  return all;
}

/** Of each holding the stage that is logged and not settled, and was done first; of several at once the weakest. */
async function nextLines(core: SettleCore, holdings: readonly Holding[]): Promise<readonly LinkedLine[]> {
  const named = new Map<LogRef, Holding>();
  for (const holding of holdings) {
    if (holding.state === 'disposed') continue;
    // Without its year's key nothing leads from the holding to the log: the store will tell that the record is gone.
    const key = await logKeyOf(core.keys, holding);
    if (key !== undefined) named.set(logRef(key, holding.ref), holding);
  }
  const asked = [...named].map(([holding, own]) => {
    return { holding, generation: own.generation, parts: partsOf(own) };
  });
  const logged = asked.length === 0 ? [] : await core.registry.logged(asked);
  const lines: LinkedLine[] = [];
  for (const [name, stages] of Map.groupBy(logged, ({ holding }) => holding)) {
    const holding = named.get(name);
    if (holding === undefined) continue;
    const [first] = stages
      .filter((stage) => isForgotten(holding, stage))
      .toSorted((a, b) => a.at - b.at || strength(a.stage) - strength(b.stage));
    if (first !== undefined) lines.push(...(await linkedLine(core, holding, first)));
  }
  return lines;
}

/** What was settled already, or done again since, stays. */
function isForgotten({ generation, done = [] }: Holding, logged: LoggedStage): boolean {
  if (logged.generation !== generation) return false;
  return !done.some((one) => isSameStage(one, logged) && one.at >= logged.at);
}

/**
 * As a worker would tell it now. The log does not say on which version the attempt decided, only when it began: what
 * was received later, or a write lag before, it may not have known.
 */
function linkedLine(
  { keys, configuration }: Pick<SettleCore, 'configuration' | 'keys'>,
  { ref, version, registeredAt }: Holding,
  { generation, stage, part, outcome, token, line: entry, begunAt, at }: LoggedStage,
): Promise<readonly LinkedLine[]> {
  const lookedAt = begunAt - seconds(configuration.timing.clockTolerance);
  const common = { ref, generation, stage, version, outcome, entry, at, lookedAt, ...present({ part }) };
  // Without the digests of what decided it: as with a tombstone, only what happens later makes the stage due again.
  return linkLines(keys, token, [
    { year: yearOf(registeredAt), line: { ...common, facts: '', policies: '' } },
  ]);
}
