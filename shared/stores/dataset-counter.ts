import type { JsonValue } from '../domain/canonical-json.ts';
import type { Count, DatasetCounts, DatasetQuestion } from '../domain/coverage/survey.ts';
import { readClock } from '../domain/datasets/clock-value.ts';
import type { Instant } from '../domain/record/ids.ts';

/** Counts records by their clock, one after the other. */
export interface DatasetCounter {
  /** A record of the store, as JSON: it may be in another dataset. */
  add(fields: Readonly<Record<string, JsonValue | undefined>>): void;
  /** `scale`: how many records each of those stands for that were added. */
  counts(counted: Count['counted'], scale?: number): DatasetCounts;
}

export function datasetCounter({ category, clock, where = {}, edges }: DatasetQuestion): DatasetCounter {
  const rows = Array.from({ length: edges.length + 1 }, () => 0);
  let noClock = 0;
  let oldest: Instant = Infinity;
  return {
    add(fields) {
      if (!Object.entries(where).every(([field, wanted]) => fields[field] === wanted)) return;
      const read = readClock(fields[clock.column], clock, { until: Infinity, declared: [] });
      if (read.kind === 'absent') noClock += 1;
      if (read.kind === 'undated') rows[0] = (rows[0] ?? 0) + 1;
      if (read.kind !== 'dated') return;
      const place = placeOf(read.occurred, edges);
      rows[place] = (rows[place] ?? 0) + 1;
      if (place > 0) oldest = Math.min(oldest, Date.parse(read.occurred));
    },
    counts(counted, scale = 1) {
      const countOf = (count: number): Count => ({ count: Math.round(count * scale), counted });
      return {
        category,
        rows: rows.map(countOf),
        noClock: countOf(noClock),
        ...(Number.isFinite(oldest) && { oldest }),
      };
    },
  };
}

/** How many edges it is not before. */
function placeOf(occurred: string, edges: DatasetQuestion['edges']): number {
  const isDate = occurred.length === 'YYYY-MM-DD'.length;
  const at = isDate ? Number.NaN : Date.parse(occurred);
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const edge = edges[middle];
    const isBefore = edge !== undefined && (isDate ? occurred < edge.date : at < edge.at);
    if (isBefore) high = middle;
    else low = middle + 1;
  }
  return low;
}
