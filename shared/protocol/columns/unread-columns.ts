import { unreadSince } from '../../domain/columns/column-mark.ts';
import { columnNamed } from '../../domain/columns/fact-columns.ts';
import type { Intake } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';

/** Columns are read every hour. The third one that does not come through is a fault. */
const UNREAD = 3 * 3_600_000;

/**
 * Columns of facts that were not read to their end for long, or are not read any more: nothing goes by them, and what is new
 * in them is not seen.
 */
export function unreadColumns({ configuration, clock }: Core, columns: Intake['columns']) {
  const now = clock.now();
  const { readColumns = [], endedColumns = [] } = configuration;
  return [...(columns ?? [])].flatMap(([name, mark]) => {
    const column = columnNamed(name);
    if (column === undefined || endedColumns.includes(name)) return [];
    const since = unreadSince(mark) ?? mark;
    if (readColumns.includes(name) && now - since <= UNREAD) return [];
    const { store, producer } = column;
    const seconds = Math.floor((now - since) / 1000);
    return [{ code: 'column-unread' as const, store, producer, count: 1, seconds }];
  });
}
