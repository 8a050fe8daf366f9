import type { LaneCore } from '../../../shared/protocol/core.ts';

/** Something happens before the run's call `number` of these ports, which then goes on. */
export function beforeCall(
  core: LaneCore,
  ports: readonly ('registry' | 'store' | 'queues')[],
  { number, happens }: { readonly number: number; readonly happens: (call: string) => Promise<void> },
): { readonly core: LaneCore; calls: () => number } {
  let calls = 0;
  const watched = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]) => {
          calls += 1;
          if (calls === number) await happens(String(name));
          return Reflect.apply(real, target, args);
        };
      },
    });
  const altered = Object.fromEntries(ports.map((name) => [name, watched(core[name])]));
  return { core: { ...core, ...altered }, calls: () => calls };
}
