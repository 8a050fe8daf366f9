import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { present } from '../../shared/domain/present.ts';
import type { Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';
import { DISCARD_MESSAGE } from './four-eyes/discard-message.ts';
import { doOrPropose } from './four-eyes/do-or-propose.ts';
import { noteActions } from './note-actions.ts';

const QUERY = { list: 'quarantine', filters: {} };

export const listQuarantine: Operation<'listQuarantine'> = async (ports, { input }) => {
  const cursor = await decryptCursor<string>(ports, QUERY, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const page = await ports.registry.quarantined(cursor.place);
  return {
    kind: 'answer',
    answer: {
      items: page.items.map(({ id, receivedAt, code, reason, producer, cut }) => ({
        id,
        receivedAt: isoUtc(receivedAt),
        code,
        reason,
        ...present({ producer, cut }),
      })),
      ...(await nextOf(ports, QUERY, page.next)),
    },
  };
};

/**
 * Sends first, then settles: if this function stops in between, the item stays in the list, and ingesting it twice
 * counts once. The additional line end gives the new message its own quarantine id, so that it is not settled together
 * with this one if it is refused again.
 */
export const replayQuarantined: Operation<'replayQuarantined'> = async (ports, { input, principal }) => {
  const item = await ports.registry.quarantinedItem(input.id);
  if (item === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
  if (item.cut !== undefined) return { kind: 'problem', problem: problem('MESSAGE_CUT', 'id') };
  const body = await ports.keys.decrypt({ scope: 'quarantine', context: item.id }, item.sealed);
  await noteActions(ports, principal, [{ did: 'replay', quarantined: item.id }]);
  await ports.queues.replay(`${new TextDecoder().decode(body)}\n`, present({ group: item.producer }));
  await ports.registry.removeQuarantined(item.id);
  return { kind: 'answer', answer: { id: item.id, settled: 'replayed' } };
};

/** Deletes the item for good. */
export const discardQuarantined: Operation<'discardQuarantined'> = async (ports, { input, principal }) => {
  const item = await ports.registry.quarantinedItem(input.id);
  const unknown = { kind: 'problem', problem: problem('NOT_FOUND', 'id') } as const;
  if (item === undefined) return unknown;
  const what = { quarantined: item.id, receivedAt: item.receivedAt };
  const reply = await doOrPropose(ports, principal, DISCARD_MESSAGE, what);
  if (typeof reply !== 'string') return reply;
  return reply === 'void' ? unknown : { kind: 'answer', answer: { id: input.id, settled: 'discarded' } };
};
