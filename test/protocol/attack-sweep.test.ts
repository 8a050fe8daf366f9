import { describe, expect, test } from 'vitest';
import type { HoldingRef, Instant } from '../../shared/domain/record/ids.ts';
import { censusCounts, censusId, censusSegment } from '../../shared/protocol/census.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { hintAgainIfLate } from '../../shared/protocol/hint.ts';
import { placeHold, release } from '../../shared/protocol/hold.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { checkPolicies, rePlanSegment } from '../../shared/protocol/policies.ts';
import { ringAfterPause, sweepHourly, sweepWake } from '../../shared/protocol/sweep-lanes.ts';
import { SEGMENTS, segmentId } from '../../shared/protocol/walk.ts';
import { type Chunk, isStatementToken } from '../../shared/domain/record/work.ts';
import { at, due, type World } from '../support/driver/dying-worker.ts';
import { STORE, world } from '../support/driver/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function waiting(producer: string, number: number, refs: number, minute: Instant): Chunk {
  return {
    lane: STORE,
    producer,
    minute,
    id: `${producer}-${number}`.padEnd(22, '_'),
    version: 1,
    refs: Array.from({ length: refs }, (_, index) => `${producer}-${number}-${index}` as HoldingRef),
    attempts: 0,
    failures: 0,
    uncertain: [],
  };
}

function rungBy(w: World): readonly string[] {
  return w.bells.splice(0).map(({ message }) => message.producer);
}

describe('chunks that wait', () => {
  test('of one producer with a long backlog under a cap keep no other from its turn', async () => {
    const w = world({ start: '2026-03-01T10:00:00Z', hourlyCap: 100 });
    const old = at('2026-02-01T00:00:00Z');
    await w.registry.putChunks([
      ...[1, 2, 3, 4, 5, 6].map((number) => waiting('a', number, 100, old + number * MINUTE)),
      waiting('b', 1, 1, at('2026-02-20T00:00:00Z')),
    ]);
    const rung = new Set<string>();
    for (let hour = 0; hour < 2; hour += 1) {
      await sweepHourly(w.core);
      for (const producer of rungBy(w)) rung.add(producer);
      w.clock.advance(HOUR);
    }
    expect([...rung].toSorted()).toEqual(['a', 'b']);
  });

  test.for(['a person', 'a person, until the end of a pause'] as const)(
    'for %s, keep no other chunk of the producer from its turn',
    async (what) => {
      const w = world({ start: '2026-03-01T10:00:00Z', hourlyCap: 100 });
      const isPause = what !== 'a person';
      const stop = { policy: 'p', rule: 'r', at: 0, because: 'VOLUME', taken: 1, most: 1 } as const;
      const day = { at: 0, count: 1 };
      await w.registry.writeLaneGuard(STORE, {
        version: 1,
        by: 't',
        rules: { k: { day, ...(!isPause && { stop }) } },
      });
      if (isPause)
        await w.registry.placeWideHold({
          id: 'p',
          kind: 'pause',
          scope: { store: STORE },
          only: { policy: 'p' },
          state: 'placed',
          at: 0,
        });
      const old = at('2026-02-01T00:00:00Z');
      const waits = isPause
        ? [{ code: 'RULE_PAUSED', count: 100 } as const]
        : [{ code: 'RULE_STOPPED', count: 100, rule: 'k' } as const];
      const kept = Array.from({ length: 12 }, (_, number) => ({
        ...waiting('a', number, 100, old + number * MINUTE),
        waits,
        notBefore: at('2026-03-01T09:00:00Z'),
      }));
      await w.registry.putChunks([...kept, waiting('a', 99, 1, at('2026-02-20T00:00:00Z'))]);
      const rung = new Set<string>();
      for (let hour = 0; hour < 14; hour += 1) {
        await sweepHourly(w.core);
        const ids = w.bells.splice(0).map(({ message }) => message.id);
        if (hour === 0) expect(ids).toContain('a-99'.padEnd(22, '_'));
        for (const id of ids) rung.add(id);
        // Each is looked at, and waits for six hours more.
        for (const chunk of w.registry.allChunks())
          if (ids.includes(chunk.id))
            await w.registry.writeChunk({
              ...chunk,
              version: chunk.version + 1,
              notBefore: w.clock.now() + 6 * HOUR,
            });
        w.clock.advance(HOUR);
      }
      expect(rung.size).toBe(13);
    },
  );

  test('for a rule that goes on again, come before those of a rule that is still stopped', async () => {
    const w = world({ start: '2026-03-01T10:00:00Z', hourlyCap: 100 });
    const stop = { policy: 'p', rule: 'r', at: 0, because: 'VOLUME', taken: 1, most: 1 } as const;
    const rules = { k: { day: { at: 0, count: 1 }, stop } };
    await w.registry.writeLaneGuard(STORE, { version: 1, by: 't', rules });
    const old = at('2026-02-01T00:00:00Z');
    const chunks = Array.from({ length: 9 }, (_, number) => ({
      ...waiting('a', number, 100, old + number * MINUTE),
      waits: [{ code: 'RULE_STOPPED', count: 100, rule: number === 8 ? 'approved' : 'k' } as const],
      notBefore: at('2026-03-01T15:00:00Z') + number * MINUTE,
    }));
    await w.registry.putChunks(chunks);
    await ringAfterPause(w.core, () => true);
    expect(w.bells.map(({ message }) => message.id)).toContain('a-8'.padEnd(22, '_'));
  });

  test('are rung until the cap is used up, however few holdings each has', async () => {
    const w = world({ hourlyCap: 100 });
    await w.registry.putChunks(
      Array.from({ length: 60 }, (_, number) => waiting('a', number, 1, at('2026-02-01T00:00:00Z'))),
    );
    await sweepHourly(w.core);
    expect(rungBy(w)).toHaveLength(60);
  });

  test('are found after every page of another producer', async () => {
    const w = world({ pageSize: 2 });
    const minute = at('2026-02-01T00:00:00Z');
    await w.registry.putChunks(Array.from({ length: 60 }, (_, number) => waiting('a', number, 1, minute)));
    await w.registry.putChunks([{ ...waiting('b', 1, 1, minute), deadline: minute }]);
    await sweepHourly(w.core);
    expect(rungBy(w)).toContain('b');
    expect(w.reports.lines.findLast(({ code }) => code === 'sweep.overdue')?.fields?.count).toBe(1);
  });
});

describe('a work record that is over', () => {
  test('does not stay as long as its chunk waits, after a worker died between the two', async () => {
    const { w } = await due();
    w.clock.set(at('2026-04-01T00:05:00Z'));
    await sweepWake(w.core);
    await w.registry.putHeartbeat(w.clock.now());
    const [chunk] = w.registry.allChunks();
    if (chunk === undefined) throw new Error('no chunk');
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    // Failed for a long time: the next attempt is a day away.
    await w.registry.writeChunk({ ...chunk, version: chunk.version + 1, failures: 20 });
    const core: LaneCore = {
      ...w.core,
      registry: {
        ...w.registry,
        deleteWork: async () => {
          throw new Error('died');
        },
      },
    };
    await expect(workOnChunk(core, chunk)).rejects.toThrow('died');
    expect(w.registry.allWorkRecords()).toHaveLength(1);
    w.bells.splice(0);
    await w.run(at('2026-04-01T02:30:00Z'));
    expect(w.registry.allWorkRecords()).toEqual([]);
    expect(w.registry.allChunks()).toMatchObject([{ failures: 21 }]);
    expect(w.store.calls.delete).toBe(1);
  });
});

describe('a walk that another walker has', () => {
  test('is left alone: its message is not sent again at once', async () => {
    const w = world();
    const id = censusId(w.clock.now());
    await checkPolicies(w.core);
    const [sent] = w.sweeps.splice(0);
    if (sent?.kind !== 'walk') throw new Error('no walk was sent');
    for (const walk of [id, sent.walk]) {
      const read = await w.registry.walk(segmentId(walk, 1));
      await w.registry.putWalk({ ...read, version: 1, leasedUntil: w.clock.now() + HOUR });
    }
    await censusSegment(w.core, { walk: id, segment: 1 }, () => true);
    await rePlanSegment(w.core, { walk: sent.walk, segment: 1 }, () => true);
    expect(w.sweeps).toEqual([]);
  });
});

async function census(w: World): Promise<string> {
  const id = censusId(w.clock.now());
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(w.core, { walk: id, segment }, () => true);
  return id;
}

describe('the census', () => {
  test('leaves a withdrawn record its locator as long as a chunk has to read it back', async () => {
    const { w } = await due();
    w.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', acts: true });
    w.store.fail({ call: 'readBack', code: 'STORE_UNREACHABLE' });
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.store.size()).toBe(0);
    expect(w.registry.allChunks()).toMatchObject([{ uncertain: [{ stage: 'delete' }] }]);
    await w.withdraw(await w.withdrawal('n-1'));
    await w.run(at('2026-04-20T00:00:00Z'));
    await census(w);
    expect(w.holding('n-1')?.locator).toBeDefined();
    w.store.repair();
    await w.run(at('2026-04-22T00:00:00Z'));
    expect(w.holding('n-1')?.state).toBe('disposed');
    const ofAttempts = w.registry.allSealed().filter(({ token }) => !isStatementToken(token));
    expect(ofAttempts).toMatchObject([{ outcomes: { 'already-so': 1 } }]);
  });

  test('takes the locator of a withdrawn record that no chunk names', async () => {
    const { w } = await due();
    await w.withdraw(await w.withdrawal('n-1'));
    await w.run(at('2026-04-20T00:00:00Z'));
    await census(w);
    expect(w.holding('n-1')?.locator).toBeUndefined();
  });

  test('lists what is overdue outside the lanes, and what is in a store that is not configured any more', async () => {
    const { w } = await due();
    w.store.fail({ call: 'delete', code: 'STORE_LOCKED', until: at('2030-01-01T00:00:00Z') });
    await w.run(at('2026-04-20T00:00:00Z'));
    expect(w.registry.allChunks()).toEqual([]);
    const first = await census(w);
    expect(await censusCounts(w.core, first)).toMatchObject([{ status: 'due', reason: 'overdue', count: 1 }]);
    await w.run(at('2026-04-21T00:00:00Z'));
    const core = { ...w.core, configuration: { ...w.core.configuration, stores: {} } };
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(core, { walk: id, segment }, () => true);
    expect(await censusCounts(core, id)).toMatchObject([{ reason: 'store-not-configured', count: 1 }]);
  });

  test('reads the backlog of a lane once, not once a page', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `n-${index}`);
    const { w } = await due({ pageSize: 2 }, ids);
    while (w.fanOuts.length > 0) await w.deliver();
    let reads = 0;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      chunks: async (lane, after) => {
        reads += 1;
        return w.registry.chunks(lane, after);
      },
    };
    const core = { ...w.core, registry };
    w.clock.set(at('2026-04-03T00:00:00Z'));
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(core, { walk: id, segment }, () => true);
    expect(reads).toBeLessThanOrEqual(SEGMENTS);
  });
});

describe('a hint', () => {
  test('of a release that is written after its minute was swept is written again', async () => {
    const { w } = await due();
    const hold = { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.registry.allParked()).toHaveLength(1);
    let isFirst = true;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      putHints: async (hints) => {
        if (isFirst) {
          isFirst = false;
          // Throttled for a long time. Meanwhile another hint moves the cursor past this minute.
          w.clock.advance(20 * MINUTE);
          await w.registry.putHints(hints.map((hint) => ({ ...hint, minute: hint.minute + 10 * MINUTE })));
          await sweepWake(w.core);
          for (const bell of w.bells.splice(0)) void bell;
          for (const chunk of w.registry.allChunks()) await w.registry.deleteChunk(chunk);
        }
        return w.registry.putHints(hints);
      },
    };
    await release({ ...w.core, registry }, hold);
    await w.run(at('2026-04-01T02:30:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('relied on is too near when a sweep may have read it on any clock', async () => {
    const { w } = await due({ timing: { clockTolerance: 120, minimumHintDistance: 240 } });
    const holding = w.holding('n-1');
    if (holding === undefined) throw new Error('no holding');
    let put = 0;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      putHints: async (hints) => {
        put += hints.length;
        return w.registry.putHints(hints);
      },
    };
    await hintAgainIfLate({ ...w.core, registry }, [{ ...holding, hintAt: w.clock.now() + 100_000 }]);
    expect(put).toBe(1);
    await hintAgainIfLate({ ...w.core, registry }, [{ ...holding, hintAt: w.clock.now() + 121_000 }]);
    expect(put).toBe(1);
  });
});
