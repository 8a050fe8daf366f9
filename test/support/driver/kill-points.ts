import type { Interceptor, PortCall } from '../../../local/virtual/run-function.ts';

const NEVER = new Promise<never>(() => undefined);

/** Writes down the calls of an undisturbed run. */
export function counting(calls: string[]): Interceptor {
  return ({ name, make }) => {
    calls.push(name);
    return make();
  };
}

/** The process dies before its call `number` takes effect, or before it hears that it has. Nothing of it runs on. */
export function killAt(number: number, when: 'before' | 'after'): Interceptor {
  let dead = false;
  return async (call) => {
    if (dead) return NEVER;
    if (call.number !== number) return call.make();
    dead = true;
    // Whatever the call came to: the process never hears of it.
    if (when === 'after') await call.make().catch(() => undefined);
    call.abandon();
    return NEVER;
  };
}

/** Something happens before the run's call `number`, which then goes on. */
export function beforeCall(number: number, happens: () => Promise<void>): Interceptor {
  return async (call) => {
    if (call.number === number) await happens();
    return call.make();
  };
}

/** A process that sleeps over its lease: everybody gives it up, and then it goes on. */
export interface Zombie {
  readonly interceptor: Interceptor;
  /** The calls that it made after it woke, without the one that it slept in. */
  readonly later: readonly PortCall[];
  readonly sleeps: () => boolean;
  wake(): Promise<void>;
}

export function sleepAt(number: number, when: 'before' | 'after'): Zombie {
  let wakeUp = (): void => undefined;
  const woken = new Promise<void>((resolve) => {
    wakeUp = resolve;
  });
  const later: PortCall[] = [];
  let asleep = false;
  let awake = false;
  return {
    later,
    sleeps: () => asleep,
    async interceptor(call) {
      if (awake) later.push(call);
      else if (call.number === number) {
        asleep = true;
        const answer = when === 'after' ? await call.make() : undefined;
        call.abandon();
        await woken;
        return when === 'after' ? answer : call.make();
      } else if (asleep) await woken;
      return call.make();
    },
    /** Memory ports answer within microtasks, so after a turn of the event loop the zombie has come to its end. */
    async wake() {
      awake = true;
      wakeUp();
      for (let turn = 0; turn < 3; turn += 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    },
  };
}
