import { problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { GatedAction } from './gated-action.ts';

export interface DiscardedMessage {
  readonly quarantined: string;
  /** The same message that comes once more is another question. */
  readonly receivedAt: Instant;
}

/** A message is deleted for good. The archive of the bus still has those that came over the bus. */
export const DISCARD_MESSAGE: GatedAction<DiscardedMessage> = {
  kind: 'discard',
  notes: ({ quarantined }) => [{ did: 'discard', quarantined }],
  shown: ({ quarantined, receivedAt }) => ({ quarantined, receivedAt: isoUtc(receivedAt) }),
  refusal: async (ports, what) => ((await isThere(ports, what)) ? undefined : problem('NOT_FOUND', 'id')),
  async carryOut(ports, what) {
    if (!(await isThere(ports, what))) return 'void';
    return (await ports.registry.removeQuarantined(what.quarantined)) === 'removed' ? 'done' : 'void';
  },
};

async function isThere(
  { registry }: ApiPorts,
  { quarantined, receivedAt }: DiscardedMessage,
): Promise<boolean> {
  return (await registry.quarantinedItem(quarantined))?.receivedAt === receivedAt;
}
