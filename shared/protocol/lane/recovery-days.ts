import { own } from '../../domain/own.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, mayStart } from './begin.ts';
import type { Told } from './told.ts';

/**
 * For how many days backups may still have what this attempt has deleted: the longer of what the configuration says and
 * what the store's settings say now. Nothing where they do not say it. A store without copies of its own does not show
 * that none are made elsewhere, so the configuration has to say that. Where settings cannot be read, the configuration
 * alone counts, and that is reported.
 */
export async function recoveryDays(
  core: LaneCore,
  { work }: Pick<Begun, 'work'>,
  told: readonly Pick<Told, 'outcome'>[],
): Promise<number | undefined> {
  if (!told.some(({ outcome }) => outcome === 'deleted')) return undefined;
  const declared = own(core.configuration.stores, core.lane)?.backupDays;
  if (!mayStart(core, work)) return declared;
  const { days, isWhole, code } = await core.store.recovery();
  if (code !== undefined) core.report('dispose.recovery-unread', { store: core.lane, code });
  if (declared !== undefined) return Math.max(declared, days);
  return isWhole && days > 0 ? days : undefined;
}
