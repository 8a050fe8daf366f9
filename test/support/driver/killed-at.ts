import type { LaneCore } from '../../../shared/protocol/core.ts';
import { noteKill } from '../model/explored-so-far.ts';
import { eachCall, type PortName } from './each-call.ts';

export type When = 'before' | 'after';

export class Killed extends Error {}

interface Kill {
  readonly ports: readonly PortName[];
  readonly number: number;
  readonly when: When;
}

/** The process dies at its call `number` of these ports, before it takes effect or before it hears that it has. */
export function killedAt(
  core: LaneCore,
  { ports, number, when }: Kill,
): { readonly core: LaneCore; calls: () => number } {
  return eachCall(core, ports, async (call) => {
    if (call.number > number) throw new Killed();
    if (call.number < number) return call.make();
    noteKill();
    if (when === 'after') await call.make();
    throw new Killed();
  });
}

/** What is killed is not reported: anything else is. */
export function unlessKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}
