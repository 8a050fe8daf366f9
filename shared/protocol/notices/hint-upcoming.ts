import type { Holding } from '../../domain/record/holding.ts';
import type { Hint } from '../../ports/hints.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { Core } from '../core.ts';
import { hintFor, hintMinute } from '../hint.ts';
import { leadOf, tellsAnything } from './is-told.ts';

/**
 * How far ahead these hints are written. The daily census looks at every record at least once within this time, so it writes
 * what comes later: a date that moves a thousand times until then leaves no hints.
 */
const REACH = 2 * 86_400_000;

/**
 * Hints when applications are to be told of the disposals that these changes plan: the lead before each date, or soon if
 * that has passed. Only of what gets another date or other policies, and what is to be told later than within two days is
 * left to the census.
 */
export async function hintUpcoming(
  core: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  changes: readonly HoldingChange[],
): Promise<void> {
  await hintToTell(
    core,
    changes.filter(isMoved).map(({ after }) => after),
  );
}

/**
 * Hints of those holdings whose policy wants to be told within two days, and that were not told yet. They ask for no
 * wake-up: the next sweep after their minute reads them, and the hourly one is never far. The same ones again change nothing.
 */
export async function hintToTell(
  { registry, configuration, clock }: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  holdings: readonly Holding[],
): Promise<void> {
  if (!tellsAnything(configuration)) return;
  const now = clock.now();
  const hints = holdings.flatMap((holding): Hint[] => {
    const actAt = holding.decision?.actAt;
    if (holding.state !== 'active' || actAt === undefined || actAt <= now || holding.toldOf === actAt)
      return [];
    const lead = leadOf(configuration, holding, now);
    if (lead === undefined || actAt - lead > now + REACH) return [];
    const minute = hintMinute(actAt - lead, now, configuration.timing);
    return minute < actAt ? [{ ...hintFor(holding, minute), tells: true }] : [];
  });
  if (hints.length > 0) await registry.putHints(hints);
}

function isMoved({ before, after }: HoldingChange): boolean {
  const [former, next] = [before?.decision, after.decision];
  return former?.actAt !== next?.actAt || former?.policies !== next?.policies;
}
