import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { censusId, censusSegment } from '../../../shared/protocol/census.ts';
import {
  hasNoRegistered,
  markingWalk,
  markRegistered,
  noteWalked,
} from '../../../shared/protocol/facts/registered-marks.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { registeredAmong } from '../../../shared/protocol/pages/slice.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { handedOver } from '../../support/driver/dying-worker.ts';
import { STORE, type World } from '../../support/driver/world.ts';
import {
  collected,
  collectionWorld,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { aHolding } from '../../support/samples.ts';

const DAY = 86_400_000;

async function census(w: World): Promise<void> {
  const walk = censusId(w.clock.now());
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(w.core, { walk, segment }, () => true);
}

const asksNothing = (w: World, core = w.core): Promise<boolean> => hasNoRegistered(core, STORE);

describe('that no record of a store is registered on its own', () => {
  test('is known after two censuses, and not when they were too long ago', async () => {
    const w = collectionWorld();
    await collected(w, 'c-1');
    const known: boolean[] = [await asksNothing(w)];
    for (let day = 0; day < 4; day += 1) {
      await census(w);
      known.push(await asksNothing(w));
      w.clock.advance(DAY);
    }
    expect(known).toEqual([false, false, true, true, true]);
    w.clock.advance(2 * DAY);
    expect(await asksNothing(w)).toBe(false);
    // Whatever came meanwhile may have come without a mark.
    await census(w);
    expect(await asksNothing(w)).toBe(false);
    w.clock.advance(DAY);
    await census(w);
    expect(await asksNothing(w)).toBe(true);
  });

  test('is not known any more from before the first registration on', async () => {
    const w = collectionWorld();
    await collected(w, 'c-1');
    await census(w);
    w.clock.advance(DAY);
    await census(w);
    expect(await asksNothing(w)).toBe(true);
    const marked: boolean[] = [];
    const registry = {
      ...w.registry,
      async writeHoldings(changes: Parameters<World['registry']['writeHoldings']>[0]) {
        marked.push(!(await asksNothing(w)));
        return w.registry.writeHoldings(changes);
      },
    };
    await registersRow({ ...w, core: { ...w.core, registry } }, 'r-1', [w.entity('contract', 'c-2')]);
    expect(await asksNothing(w)).toBe(false);
    expect(marked.every(Boolean)).toBe(true);
    expect(await hasNoRegistered(w.core, 'other')).toBe(true);
  });

  test('is never said of what was registered before there were marks', async () => {
    const w = collectionWorld();
    await collected(w, 'c-1');
    await w.registry.writeHoldings([{ before: undefined, after: aHolding(1, { store: STORE }) }]);
    for (let day = 0; day < 3; day += 1) {
      await census(w);
      w.clock.advance(DAY);
    }
    expect(await asksNothing(w)).toBe(false);
    expect(await hasNoRegistered(w.core, 'other')).toBe(true);
  });

  test('has to be found out again for a table that was adopted', async () => {
    const w = collectionWorld();
    await census(w);
    w.clock.advance(DAY);
    await census(w);
    expect(await asksNothing(w)).toBe(true);
    const adopted = { ...w, core: { ...w.core, adopted: 'restored' } };
    expect(await asksNothing(adopted)).toBe(false);
    w.clock.advance(DAY);
    await census(adopted);
    expect(await asksNothing(adopted)).toBe(false);
    w.clock.advance(DAY);
    await census(adopted);
    expect(await asksNothing(adopted)).toBe(true);
  });

  test('spares a lane the question about each record, and costs one read a slice', async () => {
    const w = collectionWorld({ isStrict: true, hourlyCap: 10_000 });
    const { contract } = await collected(w, 'c-1');
    writes(w, 'c-1', rowNames(1500));
    w.clock.advance(28 * DAY);
    await census(w);
    w.clock.advance(DAY);
    await census(w);
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const reads = { holdings: 0, marks: 0 };
    const registry: World['core']['registry'] = {
      ...w.core.registry,
      async readHoldings(refs) {
        reads.holdings += refs.length;
        return w.core.registry.readHoldings(refs);
      },
      async registeredMarks() {
        reads.marks += 1;
        return w.core.registry.registeredMarks();
      },
    };
    await workOnChunk({ ...w.core, registry }, await handedOver(w));
    expect(w.store.size()).toBe(0);
    // The collection itself; a mark for each slice.
    expect(reads.holdings).toBeLessThan(10);
    expect(reads.marks).toBe(2);
  });
});

test('a record that was registered before a lane listed it is always seen, whatever runs at the same time', async () => {
  const came = { seen: 0, spared: 0 };
  const order = fc.record({
    registering: fc.array(fc.record({ count: fc.integer({ min: 1, max: 3 }), isLate: fc.boolean() }), {
      maxLength: 3,
    }),
    withoutMarks: fc.integer({ min: 0, max: 2 }),
    lanes: fc.integer({ min: 1, max: 3 }),
    pauses: fc.array(fc.nat({ max: 6 }), { minLength: 40, maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), order, async (s, { registering, withoutMarks, lanes, pauses }) => {
      const w = collectionWorld();
      let turn = 0;
      const pause = async (): Promise<void> => {
        for (let left = pauses[turn++ % pauses.length] ?? 0; left > 0; left -= 1)
          await s.schedule(Promise.resolve());
      };
      /** A process of its own: each call is sent at one moment, and answered later. */
      const process = () => {
        const gated = new Proxy(w.registry, {
          get(target, name: keyof World['registry']) {
            const method = target[name] as (...all: unknown[]) => Promise<unknown>;
            return async (...all: unknown[]) => {
              await s.schedule(Promise.resolve());
              const answer = await method(...all);
              await s.schedule(Promise.resolve());
              return answer;
            };
          },
        });
        return { ...w.core, registry: gated };
      };
      const write = async (core: World['core'], n: number): Promise<void> => {
        await core.registry.writeHoldings([{ before: undefined, after: aHolding(n, { store: STORE }) }]);
      };
      const all: readonly HoldingRef[] = Array.from({ length: 40 }, (_, n) => aHolding(n + 1).ref);
      const wrong: string[] = [];
      let next = 1;
      const former = (async () => {
        const core = process();
        for (let left = withoutMarks; left > 0; left -= 1) {
          await pause();
          await write(core, next++);
        }
      })();
      const walk = async (): Promise<void> => {
        const begun = w.clock.now();
        await s.schedule(Promise.resolve());
        const core = process();
        const mark = markingWalk(core);
        for (let after: string | undefined, isEnd = false; !isEnd;) {
          const page = await core.registry.scanHoldings(0, 1, after);
          await mark(page.items, page.damaged);
          after = page.next;
          isEnd = after === undefined;
        }
        w.clock.advance(1000);
        await noteWalked(core, begun);
      };
      const censuses = (async () => {
        await walk();
        // What does not mark runs for no day after it was replaced.
        await former;
        w.clock.advance(DAY);
        await walk();
      })();
      const newer = registering.map(async ({ count, isLate }) => {
        const core = process();
        if (isLate) await censuses;
        for (let left = count; left > 0; left -= 1) {
          await pause();
          await markRegistered(core, STORE);
          await write(core, next++);
        }
      });
      let isOver = false;
      const workers = Array.from({ length: lanes }, async () => {
        const core = process();
        while (!isOver) {
          await pause();
          await s.schedule(Promise.resolve());
          const before = w.registry.allHoldings().map(({ ref }) => ref);
          const found = await registeredAmong(
            core,
            all.map((ref) => ({ ref })),
          );
          if (found.size === 0) came.spared += 1;
          came.seen += found.size;
          if (before.some((ref) => !found.has(ref))) wrong.push('a registered record was not seen');
        }
      });
      const others = Promise.all([former, censuses, ...newer]).then(() => (isOver = true));
      await s.waitFor(Promise.all([others, ...workers]));
      expect(wrong).toEqual([]);
      const isEmpty = w.registry.allHoldings().length === 0;
      expect(await asksNothing(w)).toBe(isEmpty);
    }),
    { numRuns: 200 },
  );
  expect(Math.min(came.seen, came.spared)).toBeGreaterThan(0);
});
