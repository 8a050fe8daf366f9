import { describe, expect, it } from 'vitest';
import { exploreAll, exploreSample, reportOf, type Build } from '../../support/model/explore.ts';
import type { Gate, ProcessPlan } from '../../support/model/model.ts';

/** A counter that is read and then written: two processes that do so lose each other's increments. */
interface Cell {
  read(): Promise<number>;
  write(next: number): Promise<void>;
  /** Writes if the value is still what was read. */
  replace(read: number, next: number): Promise<boolean>;
}

function cell(): Cell & { readonly value: () => number } {
  let value = 0;
  return {
    value: () => value,
    read: async () => value,
    write: async (next) => {
      value = next;
    },
    async replace(read, next) {
      if (value !== read) return false;
      value = next;
      return true;
    },
  };
}

const adds = async (gate: Gate, shared: Cell): Promise<void> => {
  const mine = gate(shared);
  await mine.write((await mine.read()) + 1);
};
const addsSafely = async (gate: Gate, shared: Cell): Promise<void> => {
  const mine = gate(shared);
  for (;;) {
    const read = await mine.read();
    if (await mine.replace(read, read + 1)) return;
  }
};

function counters(work: typeof adds, count: number, more: Partial<ProcessPlan> = {}): Build {
  return () => {
    const shared = cell();
    return {
      processes: Array.from({ length: count }, (_, index) => ({
        name: `process ${index + 1}`,
        run: (gate: Gate) => work(gate, shared),
        ...more,
      })),
      state: () => shared.value(),
      wrongAtEnd: () => (shared.value() === count ? undefined : `${count} added, ${shared.value()} counted`),
    };
  };
}

describe('the explorer', () => {
  it('takes every interleaving: six of two processes with two calls, ninety of three', async () => {
    expect((await exploreAll(counters(adds, 2))).interleavings).toBe(6);
    expect((await exploreAll(counters(adds, 3))).interleavings).toBe(90);
  });

  it('enters no state twice', async () => {
    const { interleavings, runs } = await exploreAll(counters(adds, 4));
    expect(interleavings).toBe(2520);
    expect(runs).toBeLessThan(interleavings / 4);
  });

  it('finds a lost update and tells it with its shortest schedule', async () => {
    const { wrong } = await exploreAll(counters(adds, 2));
    expect(wrong).toEqual([
      {
        what: '2 added, 1 counted',
        schedules: expect.any(Number) as number,
        trace: [
          expect.stringMatching(/^process 1: read\(\) -> 0$/),
          expect.stringMatching(/^process \d: /),
          expect.stringMatching(/^process \d: /),
          expect.stringMatching(/^process \d: /),
          expect.stringMatching(/^process \d: /),
          expect.stringMatching(/^process \d: /),
        ] as string[],
      },
    ]);
  });

  it('finds nothing where nothing is lost', async () => {
    expect((await exploreAll(counters(addsSafely, 3))).wrong).toEqual([]);
  });

  it('lets a process die before every call, and come again or not', async () => {
    const again = await exploreAll(counters(addsSafely, 1, { deaths: 1 }));
    // Undisturbed, or dead before either of the two calls.
    expect(again.interleavings).toBe(3);
    expect(again.wrong).toEqual([]);
    const gone = await exploreAll(counters(addsSafely, 1, { deaths: 1, afterDeath: 'gone' }));
    expect(gone.wrong.map(({ what }) => what)).toEqual(['1 added, 0 counted']);
  });

  it('lets a put lose its answer or land late, and be tried again', async () => {
    const build: Build = () => {
      const shared = cell();
      return {
        processes: [
          {
            name: 'writer',
            latePuts: 1,
            run: (gate) => gate(shared, { late: ['write'] }).write(shared.value() + 1),
          },
        ],
        state: () => shared.value(),
      };
    };
    // In time; answered late; late, taking effect before or after the second attempt.
    expect((await exploreAll(build)).interleavings).toBe(4);
  });

  it('starts a process only when it may, and lets moves happen as often as they may', async () => {
    const order: string[][] = [];
    const build: Build = () => {
      const happened: string[] = [];
      let hours = 0;
      order.push(happened);
      return {
        processes: [
          { name: 'sleeper', after: () => hours > 0, run: async () => void happened.push('wakes') },
        ],
        moves: [
          { name: 'an hour', times: 2, may: () => true, make: () => void (hours += happened.push('hour')) },
        ],
        state: () => happened,
      };
    };
    expect((await exploreAll(build)).interleavings).toBe(2);
    expect(new Set(order.map((happened) => happened.join(' ')))).toEqual(
      new Set(['hour wakes hour', 'hour hour wakes']),
    );
  });

  it('reports an unexpected error as wrong', async () => {
    const build: Build = () => ({
      processes: [
        {
          name: 'careless',
          async run(gate) {
            await gate.step('looks', () => undefined);
            throw new TypeError('no such thing');
          },
        },
      ],
      state: () => '',
    });
    expect((await exploreAll(build)).wrong.map(({ what }) => what)).toEqual([
      'careless threw TypeError: no such thing',
    ]);
  });

  it('gives up instead of passing over what does not fit, and says so of a model that chance is in', async () => {
    await expect(exploreAll(counters(adds, 4), { limit: 10 })).rejects.toThrow('take a sample instead');
    let built = 0;
    const moody: Build = () => {
      built += 1;
      return counters(adds, built === 1 ? 3 : 2)() as ReturnType<Build>;
    };
    await expect(exploreAll(moody)).rejects.toThrow('depends on chance');
  });

  it('draws the same different schedules every time', async () => {
    const first = await exploreSample(counters(adds, 3), { schedules: 50 });
    const second = await exploreSample(counters(adds, 3), { schedules: 50 });
    expect(first.states).toBe(50);
    expect({ ...first, seconds: 0 }).toEqual({ ...second, seconds: 0 });
    expect(reportOf('a sample', first)).toContain('50 random schedules (seed ');
    expect(first.wrong.length).toBeGreaterThan(0);
  });
});
