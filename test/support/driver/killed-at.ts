import type { LaneCore } from '../../../shared/protocol/core.ts';
import { noteKill } from '../model/explored-so-far.ts';

export type When = 'before' | 'after';

export class Killed extends Error {}

interface Kill {
  readonly ports: readonly ('registry' | 'store' | 'queues')[];
  readonly number: number;
  readonly when: When;
}

/** The process dies at its call `number` of these ports, before it takes effect or before it hears that it has. */
export function killedAt(
  core: LaneCore,
  { ports, number, when }: Kill,
): { readonly core: LaneCore; calls: () => number } {
  let calls = 0;
  const dying = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]) => {
          calls += 1;
          if (calls > number) throw new Killed();
          if (calls < number) return Reflect.apply(real, target, args);
          noteKill();
          if (when === 'after') await Reflect.apply(real, target, args);
          throw new Killed();
        };
      },
    });
  const killed = Object.fromEntries(ports.map((name) => [name, dying(core[name])]));
  return { core: { ...core, ...killed }, calls: () => calls };
}

/** What is killed is not reported: anything else is. */
export function unlessKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}
