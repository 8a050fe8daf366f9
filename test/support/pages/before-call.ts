import type { LaneCore } from '../../../shared/protocol/core.ts';
import { eachCall, type PortName } from '../driver/each-call.ts';

/** Something happens before the run's call `number` of these ports, which then goes on. */
export function beforeCall(
  core: LaneCore,
  ports: readonly PortName[],
  { number, happens }: { readonly number: number; readonly happens: (call: string) => Promise<void> },
): { readonly core: LaneCore; calls: () => number } {
  return eachCall(core, ports, async (call) => {
    if (call.number === number) await happens(call.name);
    return call.make();
  });
}
