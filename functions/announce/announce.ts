import type { Queues } from '../../shared/ports/queues.ts';

/** CloudFormation's request when a deployment creates, updates or deletes the custom resource of this function. */
export type Change = 'Create' | 'Update' | 'Delete';

/**
 * Every deployment ends by sending one sweep: it finds new policies, and holdings that became due while the service was
 * not deployed.
 */
export async function announce(queues: Pick<Queues, 'toSweep'>, change: Change): Promise<void> {
  if (change === 'Delete') return;
  await queues.toSweep([{ kind: 'hourly' }]);
}
