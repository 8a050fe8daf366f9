import { describe, expect, test } from 'vitest';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import { censusId, censusSegment } from '../../../shared/protocol/census.ts';
import { endHold, hintParked, placeHold } from '../../../shared/protocol/hold.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { at, beat, due, type World } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function census(w: World): Promise<number> {
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(w.core, { walk: censusId(w.clock.now()), segment }, () => true);
  return w.reports.lines.filter(({ code }) => code === 'census.re-hinted').length;
}

const HOLDS: Readonly<Record<string, (w: World) => LegalHold>> = {
  'an entity': (w) => aHoldOn(w.entity('contract', 'c-1').ref),
  everything: () => ({ id: 'h-1', kind: 'hold', scope: { everything: true }, state: 'placed', at: 0 }),
};

/** Three records that came due under a hold. */
async function parked(hold: (w: World) => LegalHold): Promise<World> {
  const { w } = await due({ pageSize: 2 }, ['n-1', 'n-2', 'n-3']);
  await placeHold(w.core, hold(w));
  while (w.fanOuts.length > 0) await w.deliver();
  await w.run(at('2026-04-02T00:05:00Z'));
  expect(w.registry.allParked()).toHaveLength(3);
  return w;
}

function released(w: World, hold: (w: World) => LegalHold): LegalHold {
  return { ...hold(w), state: 'released', released: { at: w.clock.now() } };
}

describe.each(Object.entries(HOLDS))('the census after the release of a hold on %s', (_, hold) => {
  test.for([
    ['before anything is hinted', 0],
    ['after the first page of it is hinted', 1],
    ['after all of it is hinted', 2],
    ['when the hints are in a chunk', 3],
  ] as const)('has nothing to report %s', async ([, steps]) => {
    const w = await parked(hold);
    await endHold(w.core, released(w, hold));
    if (steps > 0) await hintParked(w.core, 'h-1', () => steps > 1);
    if (steps > 2) {
      w.clock.advance(6 * MINUTE);
      await sweepWake(w.core);
      w.bells.splice(0);
      await beat(w);
      expect(w.registry.allChunks()).toHaveLength(1);
    }
    expect(await census(w)).toBe(0);
    await hintParked(w.core, 'h-1');
    await w.run(w.clock.now() + 2 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(await census(w)).toBe(0);
  });

  test('reports and hints what nothing hinted, on the day after it at the latest', async () => {
    const w = await parked(hold);
    await endHold(w.core, released(w, hold));
    expect(await census(w)).toBe(0);
    await w.run(w.clock.now() + DAY);
    expect(w.store.size()).toBe(3);
    expect(await census(w)).toBe(3);
    await w.run(w.clock.now() + HOUR);
    expect(w.store.size()).toBe(0);
  });

  test('goes on if the records of holds cannot be read, and says so', async () => {
    const w = await parked(hold);
    await endHold(w.core, released(w, hold));
    w.clock.advance(3 * HOUR);
    const registry = { ...w.registry, holdRecords: () => Promise.reject(new Error('down')) };
    expect(await census({ ...w, core: { ...w.core, registry } })).toBe(3);
    expect(w.reports.lines.filter(({ code }) => code === 'sweep.failed')).toHaveLength(1);
  });

  test('asks for a release again that has left something, and for no other', async () => {
    const w = await parked(hold);
    w.sweeps.splice(0);
    await census(w);
    expect(w.sweeps).toEqual([]);
    await endHold(w.core, released(w, hold));
    w.clock.set(w.clock.now() + DAY);
    await census(w);
    expect(w.sweeps).toEqual([{ kind: 'release', hold: 'h-1' }]);
    await hintParked(w.core, 'h-1');
    w.sweeps.splice(0);
    w.clock.set(w.clock.now() + DAY);
    await census(w);
    expect(w.sweeps).toEqual([]);
  });

  test('reports and hints at once what nothing has hinted for two hours', async () => {
    const w = await parked(hold);
    await endHold(w.core, released(w, hold));
    await w.run(w.clock.now() + 2 * HOUR);
    expect(await census(w)).toBe(3);
    await w.run(w.clock.now() + HOUR);
    expect(w.store.size()).toBe(0);
  });
});
