import type { LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { storeOfNote } from '../../../shared/protocol/log/bundle.ts';

export interface LogFilter {
  /**
   * Lower bound (included) and upper bound (excluded) of the time when the attempt began, in the form that entries use.
   */
  readonly from: string;
  readonly to: string;
  /** From when on tokens are looked at, in the same form. */
  readonly begun: string;
  readonly store?: string;
  readonly rule?: string;
  readonly outcome?: string;
}

const MINUTE = 60_000;

/**
 * The time of a note may be rounded up to the minute, and its token has the time of before: it may be of the hour, the day
 * and the year before. Times of attempts are as they are.
 */
export function begunFrom(from: Instant, { rule, outcome }: Pick<LogFilter, 'rule' | 'outcome'>): string {
  return isoUtc(rule === undefined && outcome === undefined ? from - MINUTE : from);
}

/** Whether a result may have lines of the time that is asked for. */
export function mayBeIn(token: string, { begun, to }: Pick<LogFilter, 'begun' | 'to'>): boolean {
  const hour = token.slice(0, 'YYYY-MM-DDTHH'.length);
  return hour >= begun.slice(0, hour.length) && hour <= to.slice(0, hour.length);
}

/** Filters by the index alone, so that results without a match are not read. */
export function mayHold(index: SealedIndex, filter: LogFilter): boolean {
  return (
    mayBeIn(index.token, filter) &&
    (filter.store === undefined || index.store === filter.store) &&
    mostMatches(index, filter) > 0
  );
}

/** The most lines of a result that can match. Exact but for the time, where the index has counts by rule and outcome. */
export function mostMatches(
  { count, rules, outcomes, sums }: SealedIndex,
  { rule, outcome }: Pick<LogFilter, 'rule' | 'outcome'>,
): number {
  if (rule === undefined && outcome === undefined) return count;
  if (sums === undefined) {
    if (rule !== undefined && !rules.includes(rule)) return 0;
    return outcome === undefined ? count : (outcomes[outcome] ?? 0);
  }
  return sums
    .filter((sum) => (rule === undefined || sum.rule === rule) && (outcome ?? sum.outcome) === sum.outcome)
    .reduce((all, { entries }) => all + entries, 0);
}

/** Entries write all instants in one form and length, so they sort as text. */
export function matches(entry: Entry, filter: LogFilter): boolean {
  return (
    entry.leased >= filter.from &&
    entry.leased < filter.to &&
    (filter.store === undefined || entry.store === filter.store) &&
    (filter.rule === undefined || entry.rule === filter.rule) &&
    (filter.outcome === undefined || entry.outcome === filter.outcome)
  );
}

/** Entries of rules and outcomes only are not about what operators or facts did. */
export function matchesAction(note: NoteEntry, filter: LogFilter): boolean {
  return (
    note.at >= filter.from &&
    note.at < filter.to &&
    filter.rule === undefined &&
    filter.outcome === undefined &&
    (filter.store === undefined || storeOfNote(note) === filter.store)
  );
}

export function entryAnswer(
  { token, line }: { readonly token: string; readonly line: number },
  entry: Entry,
  first: number | undefined,
): LogEntryAnswer {
  return { token, line, ...(first === undefined ? {} : { index: first + line }), entry };
}
