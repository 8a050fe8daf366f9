import { holdDetail } from '../../../shared/contract/people/hold-message.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { present } from '../../../shared/domain/present.ts';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import type { SentHold } from '../../../shared/contract/people/hold-message.ts';
import { endHold } from '../../../shared/protocol/hold.ts';
import { type HoldText, openHoldText, sealReleaseText } from '../../../shared/protocol/people/hold-text.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { noteActions } from '../note-actions.ts';
import { wholeHoldAnswer } from './hold-answer.ts';
import { waitingUnder } from './would-cover.ts';

/**
 * Releases a legal hold, for ever: its entry, the bus, the message that has everything hinted that waits for it, then the
 * hold out of force, so that the answer is true at once. The message also releases it: if this function stops in between,
 * nothing stays under a hold that is half released. Released again, it only sends that message again.
 */
export const releaseHold: Operation<'releaseHold'> = async (ports, { principal, input }) => {
  const { id, reason } = input;
  const known = await ports.registry.holdRecord(id);
  if (known === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
  if (input.dryRun !== true) {
    const isRepeated = known.state === 'released';
    if (!isRepeated) {
      const words = await openHoldText(ports.keys, id, known.sealed);
      await noteActions(ports, principal, [
        { did: 'release', hold: id, ...present({ matter: words?.matter }) },
      ]);
      const at = ports.clock.now();
      const released = { at, by: principal, reason };
      const detail = holdDetail({ id, released, ...present({ hold: sentHold(known, words) }) });
      if ((await ports.bus.publish([detail]))[0] !== 'durable')
        return { kind: 'problem', problem: problem('NOT_DURABLE') };
    }
    await ports.queues.toSweep([{ kind: 'release', hold: id }]);
    if (!isRepeated) await end(ports, known, principal, reason);
  }
  const record = (await ports.registry.holdRecord(id)) ?? known;
  return {
    kind: 'answer',
    answer: {
      dryRun: input.dryRun === true,
      hold: await wholeHoldAnswer(ports, record),
      waiting: await waitingUnder(ports, id),
    },
  };
};

async function end(ports: ApiPorts, known: LegalHold, by: string, reason: string): Promise<void> {
  const at = ports.clock.now();
  const sealed = await sealReleaseText(ports.keys, known.id, at, { reason, by });
  await endHold(ports, { ...known, state: 'released', released: { at, sealed } });
}

/** Nothing where the entity's id is lost with the texts. */
function sentHold(
  { scope, at, reviewBy, freeze, categories }: LegalHold,
  words: HoldText | undefined,
): SentHold | undefined {
  if (words === undefined) return undefined;
  const { matter, reason, by, entity } = words;
  const named = 'entity' in scope ? entity && { entity } : scope;
  return named && { scope: named, at, by, matter, reason, ...present({ reviewBy, freeze, categories }) };
}
