import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import {
  aDataset,
  chunksOfDatasets,
  leaves,
  sweptWorld,
  withStores,
} from '../../support/datasets/swept-world.ts';
import { eachCall } from '../../support/driver/each-call.ts';
import { killedAt, unlessKilled } from '../../support/driver/killed-at.ts';
import { STORE, type World } from '../../support/driver/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURLY = [aDataset('logs'), aDataset('mails')];
const DAILY = [aDataset('uploads', { daily: true })];
const ALL: readonly DatasetConfiguration[] = [...HOURLY, ...DAILY];

/** Hours go by; sweeps run alone, two at once, or die; passes end or go on; and datasets come and go. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('sweep' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('time' as const), minutes: fc.integer({ min: 1, max: 400 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('die' as const),
      number: fc.integer({ min: 1, max: 30 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('meet' as const),
      number: fc.integer({ min: 1, max: 30 }),
      minutes: fc.integer({ min: 0, max: 70 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('end' as const), which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('leave' as const), which: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('configure' as const), datasets: fc.subarray([...ALL]) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Life {
  readonly w: World = sweptWorld([], { start: '2026-03-01T10:05:00Z' });
  datasets = ALL;
  /** When each dataset was without a chunk first, after a pass that ended. */
  readonly endedAt = new Map<string, number>();

  private core() {
    return withStores(this.w.core, { [STORE]: { datasets: this.datasets } });
  }

  async does(one: Step): Promise<void> {
    const { w } = this;
    switch (one.does) {
      case 'time':
        w.clock.advance(one.minutes * MINUTE);
        break;
      case 'sweep':
        await sweepHourly(this.core());
        this.expectSwept();
        break;
      case 'die': {
        const { core } = killedAt(this.core(), { ports: ['registry', 'queues'], ...one });
        await sweepHourly(core).catch(unlessKilled);
        break;
      }
      case 'meet': {
        const { core } = eachCall(this.core(), ['registry', 'queues'], async ({ number, make }) => {
          if (number === one.number) {
            w.clock.advance(one.minutes * MINUTE);
            await sweepHourly(this.core());
          }
          return make();
        });
        await sweepHourly(core);
        this.expectSwept();
        break;
      }
      case 'end': {
        const chunk = this.nth(one.which);
        if (chunk === undefined) break;
        await w.registry.deleteChunk(chunk);
        this.endedAt.set(chunk.dataset ?? '', w.clock.now());
        break;
      }
      case 'leave': {
        const chunk = this.nth(one.which);
        if (chunk !== undefined)
          await leaves(w, chunk, { notBefore: w.clock.now(), failures: chunk.failures + 1 });
        break;
      }
      case 'configure':
        this.datasets = one.datasets;
    }
    this.expectOneEach();
  }

  private nth(which: number): Chunk | undefined {
    return chunksOfDatasets(this.w)[which];
  }

  private expectOneEach(): void {
    const names = chunksOfDatasets(this.w).map(({ dataset }) => dataset);
    expect(names).toEqual([...new Set(names)]);
  }

  /** After a sweep, a dataset without a chunk has had a pass: it began in this hour, or on this day. */
  private expectSwept(): void {
    const now = this.w.clock.now();
    const there = new Set(chunksOfDatasets(this.w).map(({ dataset }) => dataset));
    for (const { category, daily } of this.datasets) {
      if (there.has(category)) continue;
      const ended = this.endedAt.get(category);
      expect(ended, `${category} has never had a pass`).toBeDefined();
      expect(now - (ended ?? 0)).toBeLessThan(daily === true ? 25 * HOUR : HOUR);
    }
  }
}

test('at any time a dataset has at most one chunk, and after each sweep one, or a pass that has just ended', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const life = new Life();
      for (const one of steps) await life.does(one);
    }),
    { numRuns: 300 },
  );
});
