import type { LaneCore } from '../../../shared/protocol/core.ts';

export type PortName = 'registry' | 'store' | 'queues';

interface Call {
  /** From 1, over all of these ports. */
  readonly number: number;
  readonly name: string;
  readonly make: () => unknown;
}

/** Each call of these ports goes through `on`. */
export function eachCall(
  core: LaneCore,
  ports: readonly PortName[],
  on: (call: Call) => Promise<unknown>,
): { readonly core: LaneCore; calls: () => number } {
  let calls = 0;
  const watched = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (typeof real !== 'function') return real;
        return (...args: unknown[]) => {
          calls += 1;
          return on({ number: calls, name: String(name), make: () => Reflect.apply(real, target, args) });
        };
      },
    });
  const altered = Object.fromEntries(ports.map((name) => [name, watched(core[name])]));
  return { core: { ...core, ...altered }, calls: () => calls };
}
