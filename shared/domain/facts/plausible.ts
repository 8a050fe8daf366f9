import type { Occurred } from '../record/ids.ts';

/** `YYYY-MM-DD`, both included; what is absent is not limited. */
export interface PlausibleDays {
  readonly from?: string;
  readonly to?: string;
}

/** Days before it are written where a date is missing, and no event that a rule waits for is so old. Births may be. */
const FIRST_DAY = '1950-01-01';
/** The first instant that computers count from, and its day: what a program writes when it has no date. */
const EPOCH = '1970-01-01';
/** Offsets behind UTC show the epoch as one of this day. */
const DAY_BEFORE_EPOCH = '1969-12-31';

/**
 * Whether an event can have happened then: a date that stands for a missing one would have its records deleted at once.
 * What the policy declares counts alone. Otherwise everything but the epoch and what is before 1950 is plausible, and for
 * personal events, such as births, every date. An event with a time counts by the date that is written.
 */
export function isPlausible(
  occurred: Occurred,
  { plausible, personal }: { readonly plausible?: PlausibleDays; readonly personal: boolean },
): boolean {
  const day = occurred.slice(0, EPOCH.length);
  if (plausible !== undefined) return day >= (plausible.from ?? '') && day <= (plausible.to ?? '9999');
  return personal || (day >= FIRST_DAY && !isEpoch(occurred, day));
}

/** As a date, as that instant with any offset, or as the midnight of another zone. */
function isEpoch(occurred: Occurred, day: string): boolean {
  if (day < DAY_BEFORE_EPOCH || day > EPOCH) return false;
  if (occurred === EPOCH || Date.parse(occurred) === 0) return true;
  return day === EPOCH && /T00:00(:00(\.0+)?)?(Z|[+-])/.test(occurred);
}
