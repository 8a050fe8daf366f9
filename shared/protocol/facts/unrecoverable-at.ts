import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { Outcome } from '../../domain/record/actions.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';

const DAY = 86_400_000;

/**
 * Until when backups and old versions may still have what was deleted at that time, by the store's settings. Nothing
 * where nothing was deleted, or where the settings do not say it.
 */
export function unrecoverableAt(
  { configuration }: Pick<Core, 'configuration'>,
  { store, outcome, at }: { readonly store: string; readonly outcome: Outcome; readonly at: Instant },
): string | undefined {
  const days = configuration.stores[store]?.backupDays;
  return outcome === 'deleted' && days !== undefined ? isoUtc(at + days * DAY) : undefined;
}
