import { describe, expect, test } from 'vitest';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { sweepWake } from '../../shared/protocol/sweep-lanes.ts';
import { at, due, type World } from '../support/driver/dying-worker.ts';

const MINUTE = 60_000;

/** Every wake-up is lost, and only the hourly sweep runs. */
async function runWithoutWakeUps(w: World, until: string): Promise<void> {
  while (w.clock.now() < at(until)) {
    w.timers.takeDue(Infinity);
    await w.run(w.clock.now() + MINUTE);
  }
}

describe('a wake-up', () => {
  test.for([-1, 0, 1])('finds its hint with a clock that is off by %i min', async (off) => {
    const { w } = await due();
    const core: LaneCore = { ...w.core, clock: { now: () => w.clock.now() + off * MINUTE } };
    const [hinted] = w.registry.allHoldings();
    for (let wakes = 0; wakes < 2 && w.registry.allChunks().length === 0; wakes += 1) {
      const [wake] = w.timers.takeDue(Infinity);
      if (wake === undefined) throw new Error('no wake-up was asked for');
      w.clock.set(wake);
      await sweepWake(core);
    }
    expect(w.registry.allChunks()).toHaveLength(1);
    expect(w.clock.now()).toBeLessThanOrEqual((hinted?.hintAt ?? 0) + 2 * MINUTE);
  });

  test('is not asked for again by a sweep with a true clock', async () => {
    const { w } = await due();
    const [wake] = w.timers.takeDue(Infinity);
    w.clock.set(wake ?? 0);
    await sweepWake(w.core);
    expect(w.timers.takeDue(Infinity)).toEqual([]);
  });
});

describe('without any wake-up', () => {
  test('a registration that comes after the date is disposed of by the next hourly sweep', async () => {
    const { w, contract } = await due();
    await w.run(at('2026-04-02T10:10:00Z'));
    w.store.put(['n-2'], { email: 'a' });
    await w.register(await w.registration('n-2', [contract]));
    await runWithoutWakeUps(w, '2026-04-02T11:05:00Z');
    expect(w.store.fields(['n-2'])).toBeUndefined();
  });

  test('what was disposed of within its write lag is disposed of for good by the next hourly sweep', async () => {
    const { w, contract } = await due();
    await w.run(at('2026-04-02T10:10:00Z'));
    w.store.put(['n-2'], { email: 'a' });
    await w.register(await w.registration('n-2', [contract]));
    await runWithoutWakeUps(w, '2026-04-02T11:05:00Z');
    expect(w.holding('n-2')).toMatchObject({ state: 'pending', generation: 2 });
    // The application writes once more; its hour ends at 11:10.
    w.store.put(['n-2'], { email: 'b' });
    await runWithoutWakeUps(w, '2026-04-02T12:05:00Z');
    expect(w.store.fields(['n-2'])).toBeUndefined();
    expect(w.holding('n-2')).toMatchObject({ state: 'disposed', generation: 2 });
  });
});
