import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { listOverdue as overduePage, type OverdueCursor } from '../../shared/protocol/overdue.ts';
import type { Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';

const QUERY = { list: 'overdue', filters: {} };

export const listOverdue: Operation<'listOverdue'> = async (ports, { input }) => {
  const cursor = await decryptCursor<OverdueCursor>(ports, QUERY, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const now = ports.clock.now();
  const page = await overduePage(ports, now, cursor.place);
  return {
    kind: 'answer',
    answer: {
      asOf: isoUtc(now),
      groups: page.groups.map((group) => ({
        ...group,
        oldestDeadline: isoUtc(group.oldestDeadline),
      })),
      ...(await nextOf(ports, QUERY, page.next)),
    },
  };
};
