/** A function died here: the process is gone, and nothing after this line ran. */
export class Killed extends Error {
  constructor() {
    super('killed by the simulation');
    this.name = 'Killed';
  }
}

/** How many port calls a run of a function has left. The last one is made or not, and nobody hears its answer. */
export interface Life {
  <Answer>(call: () => Promise<Answer>): Promise<Answer>;
}

export function mortal(calls: number, lastIsMade: boolean): Life {
  let left = calls;
  return async (call) => {
    left -= 1;
    if (left > 0) return call();
    if (left === 0 && lastIsMade) await call();
    throw new Killed();
  };
}

/** The same port as long as the life lasts. */
export function during<Port extends object>(port: Port, life: Life): Port {
  const wrapped = Object.entries(port).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    const call = member as (...args: readonly unknown[]) => Promise<unknown>;
    return [name, (...args: readonly unknown[]) => life(async () => call(...args))];
  });
  return Object.fromEntries(wrapped) as Port;
}
