import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { Outcome } from '../../domain/record/actions.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';

const DAY = 86_400_000;

/**
 * Until when backups and old versions may still have what was deleted at that time. `unknown`: neither the configuration
 * nor the store's settings say it. Nothing where nothing was deleted. `days`: as `recoveryDays` gives them.
 */
export function unrecoverableAt(outcome: Outcome, at: Instant, days: number | undefined): string | undefined {
  if (outcome !== 'deleted') return undefined;
  return days === undefined ? 'unknown' : isoUtc(at + days * DAY);
}

/** The same of a holding's stage that was carried out before; its lane has noted the days. */
export function knownUnrecoverableAt(
  { configuration }: Pick<Core, 'configuration'>,
  { store, recoveryDays }: { readonly store: string; readonly recoveryDays?: number },
  { outcome, at }: { readonly outcome: Outcome; readonly at: Instant },
): string | undefined {
  return unrecoverableAt(outcome, at, recoveryDays ?? configuration.stores[store]?.backupDays);
}
