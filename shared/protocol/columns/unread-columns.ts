import { columnNamed, columnOfName } from '../../domain/columns/fact-columns.ts';
import { present } from '../../domain/present.ts';
import type { Intake } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';

/** Columns are read every hour. The third one that does not come through is a fault. */
const UNREAD = 3 * 3_600_000;

/** Columns of facts that were not read to their end for long, or are not read any more: nothing goes by them. */
export function unreadColumns({ configuration, clock }: Core, columns: Intake['columns']) {
  const now = clock.now();
  return [...(columns ?? [])].flatMap(([name, readAt]) => {
    const column = columnNamed(name);
    const isEnded = configuration.endedColumns?.includes(name) === true;
    if (column === undefined || isEnded) return [];
    const isRead = columnOfName(configuration, column) !== undefined && now - readAt <= UNREAD;
    if (isRead) return [];
    const { store, producer } = column;
    const lasting = present({ seconds: readAt === 0 ? undefined : Math.floor((now - readAt) / 1000) });
    return [{ code: 'column-unread' as const, store, producer, count: 1, ...lasting }];
  });
}
