import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import { logKeyOf } from '../../shared/protocol/facts/refs-of.ts';
import { listOverdue as overduePage, type OverdueCursor } from '../../shared/protocol/overdue.ts';
import { type DuePlace, listDue } from '../../shared/protocol/statement/list-due.ts';
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

const DAY = 86_400_000;

/**
 * Single holdings that were due on a day or before, by what the registry knows now. No dates: where the log leaves them
 * out, they may be dates of persons.
 */
export const listDueHoldings: Operation<'listDueHoldings'> = async (
  ports,
  { input: { day, cursor: given } },
) => {
  const query = { list: 'overdue/holdings', filters: { day } };
  const cursor = await decryptCursor<DuePlace>(ports, query, given);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const page = await listDue(ports, Date.parse(day) + DAY, cursor.place);
  const named = await Promise.all(
    page.holdings.map(async (holding) => {
      const key = await logKeyOf(ports.keys, holding);
      const { ref, generation, store } = holding;
      return key && { ref: logRef(key, ref), generation, store };
    }),
  );
  const holdings = named.filter((one) => one !== undefined);
  const unlinked = named.length - holdings.length;
  return {
    kind: 'answer',
    answer: {
      asOf: isoUtc(ports.clock.now()),
      holdings,
      ...present({ unlinked: unlinked > 0 ? unlinked : undefined }),
      ...(await nextOf(ports, query, page.next)),
    },
  };
};
