import { problem } from '../../shared/contract/problem.ts';
import { own } from '../../shared/domain/own.ts';
import { present } from '../../shared/domain/present.ts';
import type { LogRef } from '../../shared/domain/record/ids.ts';
import { stageKey } from '../../shared/domain/record/stage-name.ts';
import { type OpenRequest, openRequestsAbout } from '../../shared/protocol/vendor/confirm-asked.ts';
import type { Operation } from './api-ports.ts';
import { noteActions } from './note-actions.ts';

/**
 * A person says that a vendor has done what it was asked for. The entry that says who it was comes first; the sweep
 * writes it into the chunk that waits for it, which may be sent again, and the lane tells what came of it within an hour.
 * It is about one stage: what else is open about the record is another request, and nothing that is asked for later is meant.
 */
export const confirmVendor: Operation<'confirmVendor'> = async (ports, { lane, principal, input }) => {
  if (own(ports.configuration.stores, lane) === undefined) return refuse('NOT_FOUND', 'lane');
  const record = input.record as LogRef;
  const open = await openRequestsAbout({ ...ports, lane }, record);
  const meant = open.filter((one) => isMeant(one, input));
  const [first] = meant;
  if (first === undefined) return refuse('VENDOR_NOT_ASKED', open.length === 0 ? 'record' : 'stage');
  if (new Set(meant.map(stageKey)).size > 1) return refuse('STAGE_NEEDED', 'stage');
  await noteActions(ports, principal, [
    { did: 'confirm-vendor', lane, ...present({ record: first.record }) },
  ]);
  const requests = [...new Set(meant.map(({ request }) => request))];
  await ports.queues.toSweep([{ kind: 'confirm-vendor', lane, record, requests }]);
  return { kind: 'answer', answer: { confirmed: true } };
};

function isMeant(open: OpenRequest, { stage, part }: { readonly stage?: string; readonly part?: string }) {
  return (stage === undefined || stage === open.stage) && (part === undefined || part === open.part);
}

function refuse(code: 'NOT_FOUND' | 'VENDOR_NOT_ASKED' | 'STAGE_NEEDED', path: string) {
  return { kind: 'problem', problem: problem(code, path) } as const;
}
