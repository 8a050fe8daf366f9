import type { JsonValue } from '../domain/canonical-json.ts';
import { readClock } from '../domain/datasets/clock-value.ts';
import { earliest } from '../domain/facts/occurrence-time.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Range } from '../ports/store.ts';

/**
 * Where a row with this clock is in a range; `undefined` if it is not in it. What is not a date comes first: the caller that reads the
 * range keeps such a row, and counts it.
 */
export function placeInRange(
  value: JsonValue | undefined,
  { clock, until }: Pick<Range, 'clock' | 'until'>,
): Instant | undefined {
  const read = readClock(value, clock, { until: Infinity, declared: [] });
  if (read.kind === 'absent') return undefined;
  if (read.kind !== 'dated') return -1;
  const { occurred } = read;
  const isInRange = occurred.length === 10 ? occurred <= until.date : Date.parse(occurred) <= until.at;
  return isInRange ? earliest(occurred) : undefined;
}
