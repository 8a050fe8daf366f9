import type { Registry } from '../../shared/ports/registry.ts';

export interface Dying {
  /** The call that kills, from 0. Absent: none does. */
  readonly at?: number;
  /** `after`: its write is durable, and its answer is lost. */
  readonly when?: 'before' | 'after';
  /** The names of all calls are added here. */
  readonly calls?: string[];
}

/** A registry whose caller is killed at one of its calls. */
export function dyingRegistry<Real extends Registry>(
  real: Real,
  { at, when = 'before', calls = [] }: Dying,
): { readonly registry: Real; readonly calls: string[] } {
  const registry = new Proxy(real, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const isLast = calls.push(name) - 1 === at;
        if (isLast && when === 'before') throw new Error('killed');
        const answer: unknown = await Reflect.apply(method, target, args);
        if (isLast) throw new Error('killed');
        return answer;
      };
    },
  });
  return { registry, calls };
}
