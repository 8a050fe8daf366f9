import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { type Keys, LogKeyMissing } from '../../ports/keys.ts';
import type { Core } from '../core.ts';

/**
 * The year in which a registration is received has the key of its entries. The key of a past year is never made: what
 * comes again of a year whose key is gone is registered now.
 */
export async function registeredOn(
  { keys, clock }: Pick<Core, 'clock'> & { readonly keys: Pick<Keys, 'ensureLogKey'> },
  { received, isReplayed }: { readonly received: Instant; readonly isReplayed: boolean },
): Promise<Instant> {
  try {
    await keys.ensureLogKey(yearOf(received));
    return received;
  } catch (error) {
    if (!isReplayed || !(error instanceof LogKeyMissing)) throw error;
  }
  const now = clock.now();
  await keys.ensureLogKey(yearOf(now));
  return now;
}
