import type { Hint } from '../../ports/hints.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { Core } from '../core.ts';
import { hintFor, hintMinute } from '../hint.ts';
import { leadOf, tellsAnything } from './is-told.ts';

/**
 * Hints when applications are to be told of the disposals that these changes plan: the lead before each date, or soon if
 * that has passed. Only of what gets another date or other policies, and only where its policy wants to be told. These
 * hints ask for no wake-up: the next sweep after their minute reads them, and the hourly one is never far.
 */
export async function hintUpcoming(
  { registry, configuration, clock }: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  changes: readonly HoldingChange[],
): Promise<void> {
  if (!tellsAnything(configuration)) return;
  const now = clock.now();
  const hints = changes.flatMap(({ before, after }): Hint[] => {
    const actAt = after.decision?.actAt;
    if (after.state !== 'active' || actAt === undefined || actAt <= now || after.toldOf === actAt) return [];
    const isSame = before?.decision?.actAt === actAt && before.decision.policies === after.decision?.policies;
    const lead = isSame ? undefined : leadOf(configuration, after, now);
    if (lead === undefined) return [];
    const minute = hintMinute(actAt - lead, now, configuration.timing);
    return minute < actAt ? [{ ...hintFor(after, minute), tells: true }] : [];
  });
  if (hints.length > 0) await registry.putHints(hints);
}
