import { localDate, startOf } from './calendar.ts';
import { canonicalTimestamp } from './canonical-time.ts';
import { isoUtc } from './utc-time.ts';

/**
 * The first instant of the local year, month or day that contains an instant, in UTC: `1980-01-01 00:00+06` in
 * `Asia/Almaty` stays that midnight, although in UTC it lies in 1979. `undefined` for what `canonicalTimestamp` does not
 * read.
 */
export function cutInstant(text: string, to: 'year' | 'month' | 'day', zone: string): string | undefined {
  const canonical = canonicalTimestamp(text);
  if (canonical === undefined) return undefined;
  const day = localDate({ kind: 'instant', at: Date.parse(canonical) }, zone);
  const date = day.with({ day: to === 'day' ? day.day : 1, month: to === 'year' ? 1 : day.month }).toString();
  return canonicalTimestamp(isoUtc(startOf({ kind: 'midnight', date }, zone)));
}
