import { describe, expect, test } from 'vitest';
import { memoryBus } from '../../../shared/adapters/memory/memory-bus.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { type MemoryRegistry, memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { memoryTokens } from '../../../shared/adapters/memory/memory-tokens.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
import { everythingIn } from '../../support/everything-in.ts';
import { aRequest } from '../../support/people-requests.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  at,
  aState,
  walk,
} from '../../support/samples.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('memory transport', () => {
  test('queues give what was sent, in order, once', async () => {
    const queues = memoryQueues();
    const bell = (lane: string) => {
      return { kind: 'chunk', lane, producer: 'portal', minute: 0, id: 'c' } as const;
    };
    await queues.ring([{ bell: bell('crm'), delaySeconds: 0 }]);
    await queues.ring([{ bell: bell('shop'), delaySeconds: 20 }]);
    await queues.toSweep([{ kind: 'hourly' }, { kind: 'wake' }]);
    await queues.toIngest({ kind: 'fan-out', walk: 'w-1', version: 1 });
    await queues.toSeal({ kind: 'seal' });
    await queues.sendHeartbeat();
    await queues.sendHeartbeat();
    await queues.replay('{"id":"1"}');
    expect(queues.isEmpty()).toBe(false);
    expect(queues.drainBells('shop')).toEqual([{ bell: bell('shop'), delaySeconds: 20 }]);
    expect(queues.drainBells()).toEqual([{ bell: bell('crm'), delaySeconds: 0 }]);
    expect(queues.drainSweep().map(({ kind }) => kind)).toEqual(['hourly', 'wake']);
    expect(queues.drainIngest()).toHaveLength(1);
    expect(queues.drainSeal()).toHaveLength(1);
    expect(queues.drainReplayed()).toEqual(['{"id":"1"}']);
    expect(queues.isEmpty()).toBe(false);
    expect(queues.drainHeartbeats()).toBe(2);
    expect(queues.isEmpty()).toBe(true);
  });

  test('timers keep a minute once, fire in order and can be asked again after they fired', async () => {
    const timers = memoryTimers();
    const minutes = ['10:05', '10:01', '10:05', '10:03'].map((time) => at(`2026-03-01T${time}:00Z`));
    for (const minute of minutes) await timers.wake(minute);
    expect(timers.next()).toBe(at('2026-03-01T10:01:00Z'));
    expect(timers.takeDue(at('2026-03-01T10:00:59Z'))).toEqual([]);
    expect(timers.takeDue(at('2026-03-01T10:03:00Z'))).toEqual([
      at('2026-03-01T10:01:00Z'),
      at('2026-03-01T10:03:00Z'),
    ]);
    expect(timers.waiting()).toEqual([at('2026-03-01T10:05:00Z')]);
    await timers.wake(at('2026-03-01T10:01:00Z'));
    expect(timers.next()).toBe(at('2026-03-01T10:01:00Z'));
  });

  test('the bus answers for every detail, and can be made to fail', async () => {
    const bus = memoryBus();
    bus.failNext(1);
    const details = [
      { type: 'a', detail: '1' },
      { type: 'b', detail: '2' },
    ];
    expect(await bus.publish(details)).toEqual(['failed', 'durable']);
    expect(await bus.publish(details)).toEqual(['durable', 'durable']);
    expect(bus.drain().map(({ type }) => type)).toEqual(['b', 'a', 'b']);
    expect(bus.published).toEqual([]);
  });

  test('the clock goes where it is set, also backwards', () => {
    const clock = memoryClock(at('2026-03-01T10:00:00Z'));
    clock.advance(90_000);
    expect(clock.now()).toBe(at('2026-03-01T10:01:30Z'));
    clock.set(at('2025-01-01T00:00:00Z'));
    expect(clock.now()).toBe(at('2025-01-01T00:00:00Z'));
  });

  test('the system clock is this machine’s', () => {
    const before = Date.now();
    const now = systemClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('tokens differ and repeat with the run', () => {
    const run = (): string[] => {
      const tokens = memoryTokens();
      return [tokens.next(), tokens.next(), tokens.next()];
    };
    expect(new Set(run()).size).toBe(3);
    expect(run()).toEqual(run());
  });

  test('reports are collected with their fields', () => {
    const { report, lines } = memoryReport();
    report('sweep.swept', { count: 3 });
    report('seal.sealed');
    expect(lines).toEqual([
      { code: 'sweep.swept', fields: { count: 3 } },
      { code: 'seal.sealed', fields: {} },
    ]);
  });

  test('an object of the log is written once and never changes, neither by a writer nor by a reader', async () => {
    const bucket = memoryLogBucket();
    const mine = bytes('first');
    expect(await bucket.putIfAbsent('chunks/a/0', mine)).toBe('written');
    expect(await bucket.putIfAbsent('chunks/a/0', bytes('second'))).toBe('exists');
    mine.fill(0);
    (await bucket.get('chunks/a/0'))?.fill(0);
    expect(await bucket.get('chunks/a/0')).toEqual(bytes('first'));
    expect(await bucket.get('chunks/a/1')).toBeUndefined();
    expect(bucket.allObjects().map(({ key }) => key)).toEqual(['chunks/a/0']);
  });
});

describe('looking into the memory registry', () => {
  const minute = at('2026-03-01T10:05:00Z');
  const key = { lane: 'crm', producer: 'portal', minute, id: 'c-1' };
  const fact = { entity: anEntityRef(1), fact: aFact(1) };
  const holding = aFullHolding(1, { version: 1 });
  const tombstone = aHolding(1, { state: 'disposed' });
  const hint = { minute, holding: aHoldingRef(1), lane: 'crm', producer: 'portal' };
  const cursor = { shard: 3, version: 1, after: { minute, holding: aHoldingRef(1) } };
  const chunk = { ...key, version: 7, refs: [aHoldingRef(1)], attempts: 0, failures: 0, uncertain: [] };
  const work = { lane: 'crm', chunk: key, token: 't', begunAt: minute, until: minute, refs: [], actedOn: [] };
  const result = { token: '2026-03-01T10.t', store: 'crm', entries: [], lines: [] };
  const open = { token: result.token, putAt: minute, until: minute };
  const sealed = { token: result.token, first: 0, count: 0, store: 'crm', rules: [], outcomes: {} };
  const setAside = { store: 'crm', holding: aHoldingRef(1), code: 'PLAN_FAILED', at: minute };
  const pause = { id: 'p-1', kind: 'pause', scope: { store: 'crm' }, state: 'placed', at: minute } as const;
  const legalHold = {
    id: 'h-1',
    kind: 'hold',
    scope: { entity: anEntityRef(1) },
    state: 'placed',
    at: minute,
  } as const;
  const quarantined = { id: 'q', receivedAt: minute, code: 'BODY_INVALID', reason: '', sealed: 's' };

  async function filled(): Promise<MemoryRegistry> {
    const registry = memoryRegistry();
    await registry.putFact(fact.entity, fact.fact);
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointers([anEntityRef(1)], aHoldingRef(1));
    await registry.writeHoldings([{ before: undefined, after: holding }]);
    await registry.putTombstone(tombstone);
    await registry.putHints([hint]);
    await registry.moveCursors([cursor]);
    await registry.park('hold-1', [aHoldingRef(1)]);
    await registry.putChunks([chunk]);
    await registry.putWork(work);
    await registry.putResult(result);
    await registry.voidResult('2026-03-01T10.v');
    await registry.putToBeSealed(open);
    await registry.putSealed([sealed]);
    await registry.setAside(setAside);
    await registry.putQuarantined(quarantined);
    await registry.putRequest(aRequest());
    await registry.listRequest({ ref: aRequest().ref, at: minute });
    await registry.placeWideHold(pause);
    await registry.recordHold(legalHold);
    return registry;
  }

  test('everything that was put is found, and nothing else', async () => {
    const registry = await filled();
    expect(await everythingIn(registry)).toEqual({
      facts: [fact],
      states: [[anEntityRef(1), { ...aState(), version: 1 }]],
      pointers: [{ entity: anEntityRef(1), holding: aHoldingRef(1) }],
      holdings: [holding],
      tombstones: [tombstone],
      hints: [hint],
      cursors: [cursor],
      parked: [{ hold: 'hold-1', holding: aHoldingRef(1) }],
      chunks: [chunk],
      work: [work],
      results: [result, { token: '2026-03-01T10.v', void: true }],
      sealed: [sealed],
      toBeSealed: [open],
      setAside: [setAside],
      quarantined: [quarantined],
      requests: [aRequest()],
      listedRequests: [{ ref: aRequest().ref, at: minute }],
      wideHolds: [pause],
      holdRecords: [legalHold],
    });
    await registry.unpark('hold-1', [aHoldingRef(1)]);
    expect(await everythingIn(registry)).toEqual({ ...(await everythingIn(await filled())), parked: [] });
  });

  test('looking changes nothing, and what is handed out cannot be changed', async () => {
    const registry = await filled();
    const before = JSON.stringify(await everythingIn(registry));
    expect(JSON.stringify(await everythingIn(registry))).toBe(before);
    const [first] = registry.allHoldings();
    expect(() => Object.assign(first ?? {}, { version: 9 })).toThrow(TypeError);
    expect(JSON.stringify(await everythingIn(registry))).toBe(before);
  });

  test('pages can be made small, so that few items show what many do', async () => {
    const registry = memoryRegistry({ pageSize: 2 });
    for (const n of [1, 2, 3, 4, 5]) await registry.putPointers([anEntityRef(1)], aHoldingRef(n));
    expect((await registry.pointers(anEntityRef(1))).items).toHaveLength(2);
    expect(await walk((after) => registry.pointers(anEntityRef(1), after))).toHaveLength(5);
  });

  test('hints expire when their minute is before the given one, and no others', async () => {
    const registry = memoryRegistry();
    for (const time of ['09:59', '10:05', '11:00']) {
      const earlier = at(`2026-03-01T${time}:00Z`);
      await registry.putHints([{ ...hint, minute: earlier }]);
    }
    expect(registry.expireHints(at('2026-03-01T10:05:00Z'))).toBe(1);
    expect(registry.allHints().map(({ minute: left }) => left)).toEqual([
      at('2026-03-01T10:05:00Z'),
      at('2026-03-01T11:00:00Z'),
    ]);
  });
});
