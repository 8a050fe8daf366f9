import { problem } from '../../shared/contract/problem.ts';
import { own } from '../../shared/domain/own.ts';
import type { LogRef } from '../../shared/domain/record/ids.ts';
import { isAsked } from '../../shared/protocol/vendor/confirm-asked.ts';
import type { Operation } from './api-ports.ts';
import { noteActions } from './note-actions.ts';

/**
 * A person says that a vendor has done what it was asked for. The entry that says who it was comes first; the sweep
 * writes it into the chunk that waits for it, which may be sent again, and the lane tells what came of it within an hour.
 */
export const confirmVendor: Operation<'confirmVendor'> = async (ports, { lane, principal, input }) => {
  if (own(ports.configuration.stores, lane) === undefined) return refuse('NOT_FOUND', 'lane');
  const record = input.record as LogRef;
  const core = { ...ports, lane };
  if (!(await isAsked(core, record))) return refuse('VENDOR_NOT_ASKED', 'record');
  await noteActions(ports, principal, [{ did: 'confirm-vendor', lane, record }]);
  await ports.queues.toSweep([{ kind: 'confirm-vendor', lane, record }]);
  return { kind: 'answer', answer: { confirmed: true } };
};

function refuse(code: 'NOT_FOUND' | 'VENDOR_NOT_ASKED', path: string) {
  return { kind: 'problem', problem: problem(code, path) } as const;
}
