import type { MemoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Source } from './agenda.ts';
import type { Message, VirtualQueue } from './virtual-queue.ts';

export interface VirtualTime {
  /** Does everything that can be done at this instant, and all that follows from it. */
  readonly settle: () => Promise<void>;
  /** Goes to a later instant through everything that happens on the way, in order. Time never goes back. */
  readonly runUntil: (instant: Instant) => Promise<void>;
  /** When something happens next; never, if undefined. Messages that wait for a function that is down do not count. */
  readonly next: () => Instant | undefined;
}

export interface TimeOptions {
  readonly clock: MemoryClock;
  /** What happens by itself. At one instant, an earlier source comes first. */
  readonly sources: readonly Source[];
  /** A queue once for each message that became visible, oldest first; filled by the queues. */
  readonly bells: VirtualQueue[];
  /** Brings what was sent since the last look into the queues. */
  readonly collect?: () => Promise<void>;
  /** Runs a function on messages; answers which of them are done with. Messages come again if it throws. */
  readonly run: (queue: VirtualQueue, messages: readonly Message[]) => Promise<readonly Message[]>;
  /** Queues whose function does not run at all: their messages wait. */
  readonly isDown?: (queue: VirtualQueue) => boolean;
  /** How many batches are worked on side by side; one after the other if left out. */
  readonly sideBySide?: () => number;
  /** Which one of `count` comes first; the oldest if left out. */
  readonly choose?: (count: number) => number;
}

/** The same for several who move the clock at the same time: they do so one after the other. */
export function oneAfterTheOther({
  settle,
  runUntil,
}: VirtualTime): Pick<VirtualTime, 'settle' | 'runUntil'> {
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return { settle: () => inTurn(settle), runUntil: (instant) => inTurn(() => runUntil(instant)) };
}

/** Virtual time stands still while anything works, and jumps from one thing that happens to the next. */
export function virtualTime(options: TimeOptions): VirtualTime {
  const { clock, sources, bells, collect, run, isDown = () => false } = options;
  const { sideBySide = () => 1, choose = () => 0 } = options;

  function next(): Instant | undefined {
    const earliest = Math.min(...sources.map((source) => source.next() ?? Infinity));
    return earliest === Infinity ? undefined : earliest;
  }

  function isDue(): boolean {
    return (next() ?? Infinity) <= clock.now();
  }

  /** Received before any of them is worked on. */
  function received(): (() => Promise<void>)[] {
    const width = sideBySide();
    const works: (() => Promise<void>)[] = [];
    for (;;) {
      const open = bells.filter((queue) => !isDown(queue));
      const queue = open[open.length === 0 ? 0 : choose(open.length)];
      if (queue === undefined || works.length === width) return works;
      bells.splice(bells.indexOf(queue), 1);
      const messages = queue.visible() === 0 ? [] : queue.receive(choose(queue.visible()));
      if (messages.length > 0) works.push(() => work(queue, messages));
    }
  }

  async function work(queue: VirtualQueue, messages: readonly Message[]): Promise<void> {
    const done = await run(queue, messages).catch(() => []);
    for (const message of done) queue.delete(message);
  }

  async function settle(): Promise<void> {
    for (;;) {
      await collect?.();
      while (isDue()) for (const source of sources) source.happen(clock.now());
      const works = received();
      if (works.length === 0) return;
      await Promise.all(works.map((one) => one()));
    }
  }

  return {
    settle,
    next,
    async runUntil(instant) {
      for (;;) {
        await settle();
        const then = next();
        if (then === undefined || then > instant) break;
        clock.set(then);
      }
      clock.set(Math.max(instant, clock.now()));
    },
  };
}
