import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import type { Entry } from '../../shared/domain/plan/entry.ts';
import type { ChunkIndex } from '../../shared/ports/log.ts';

export interface LogFilter {
  /**
   * Lower bound (included) and upper bound (excluded) of the time when the attempt began, in the form that entries use.
   */
  readonly from: string;
  readonly to: string;
  readonly store?: string;
  readonly rule?: string;
  readonly outcome?: string;
}

/** Filters by the index alone, so that chunks without a match are not read. */
export function mayHold(chunk: ChunkIndex, filter: LogFilter): boolean {
  if (chunk.state === 'void') return false;
  const hour = chunk.chunk.slice(0, 13);
  return (
    hour >= filter.from.slice(0, 13) &&
    hour <= filter.to.slice(0, 13) &&
    (filter.store === undefined || chunk.store === filter.store) &&
    (filter.rule === undefined || chunk.rules.includes(filter.rule)) &&
    (filter.outcome === undefined || (chunk.counts[filter.outcome] ?? 0) > 0)
  );
}

/** Entries write all instants in one form and length, so they sort as text. */
export function matches(entry: Entry, filter: LogFilter): boolean {
  return (
    entry.claimed >= filter.from &&
    entry.claimed < filter.to &&
    (filter.store === undefined || entry.store === filter.store) &&
    (filter.rule === undefined || entry.rule === filter.rule) &&
    (filter.outcome === undefined || entry.outcome === filter.outcome)
  );
}

export function entryAnswer(
  chunk: string,
  line: number,
  entry: Entry,
  first: number | undefined,
): LogEntryAnswer {
  return { chunk, line, ...(first === undefined ? {} : { index: first + line }), entry };
}
