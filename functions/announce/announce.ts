import type { Queues } from '../../shared/ports/queues.ts';

/** What CloudFormation asks when a deployment creates, changes or removes the resource behind this function. */
export type Change = 'Create' | 'Update' | 'Delete';

/** Every deployment ends by sending one sweep: it finds new policies, and what fell due while nothing was deployed. */
export async function announce(queues: Pick<Queues, 'toSweep'>, change: Change): Promise<void> {
  if (change === 'Delete') return;
  await queues.toSweep([{ kind: 'hourly' }]);
}
