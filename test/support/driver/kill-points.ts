import type { Interceptor } from '../../../local/virtual/run-function.ts';
import { noteKill, noteSleep } from '../model/explored-so-far.ts';

/** Writes down the calls of an undisturbed run. */
export function counting(calls: string[]): Interceptor {
  return ({ name, make }) => {
    calls.push(name);
    return make();
  };
}

const NEVER = new Promise<never>(() => undefined);

/** The process dies before its call `number` takes effect, or before it hears that it has. Nothing of it runs on. */
export function killAt(number: number, when: 'before' | 'after'): Interceptor {
  let dead = false;
  return async (call) => {
    if (dead) return NEVER;
    if (call.number !== number) return call.make();
    dead = true;
    noteKill();
    // Whatever the call came to: the process never hears of it.
    if (when === 'after') await call.make().catch(() => undefined);
    call.abandon();
    return NEVER;
  };
}

/**
 * A process that sleeps over its lease: it is given up, and later goes on as if nothing had happened. Not in a store
 * call: one that is on the wire ends within the store's timeout.
 */
export interface Sleeper {
  readonly interceptor: Interceptor;
  wake(): void;
}

export function sleepAt(number: number, fellAsleep: () => void): Sleeper {
  const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
  let asleep = false;
  return {
    wake,
    async interceptor(call) {
      if (asleep) await woken;
      if (asleep || call.number !== number || call.name.startsWith('store.')) return call.make();
      asleep = true;
      noteSleep();
      call.abandon();
      fellAsleep();
      await woken;
      return call.make();
    },
  };
}

/** Something happens before the run's call `number`, which then goes on. */
export function beforeCall(number: number, happens: () => Promise<void>): Interceptor {
  return async (call) => {
    if (call.number === number) await happens();
    return call.make();
  };
}
