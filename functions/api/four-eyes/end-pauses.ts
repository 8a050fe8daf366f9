import { RESTORED, type WideHold } from '../../../shared/domain/record/hold.ts';
import type { ApiPorts } from '../api-ports.ts';

/**
 * The message is sent first: it also releases the pause, and hints what is parked. If this function stops in between,
 * nothing stays parked under a released pause. The write then makes the answer true at once.
 */
export async function endPauses(ports: ApiPorts, holds: readonly WideHold[]): Promise<void> {
  for (const hold of holds) {
    // Before the message: it rings the lanes, and a worker that still finds the pause drops the bell.
    if (hold.id === RESTORED) await ports.registry.confirmRestored(ports.clock.now());
    await ports.queues.toSweep([{ kind: 'release', hold: hold.id }]);
    if (hold.id !== RESTORED) await ports.registry.releaseWideHold({ ...hold, state: 'released' });
  }
}
