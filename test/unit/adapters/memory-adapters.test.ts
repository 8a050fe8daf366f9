import { describe, expect, test } from 'vitest';
import { memoryBus } from '../../../shared/adapters/memory/memory-bus.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { memoryTokens } from '../../../shared/adapters/memory/memory-tokens.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
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
    await queues.toLane({ kind: 'chunk', store: 'crm', holdings: [aHoldingRef(1)] });
    await queues.toLane({ kind: 'chunk', store: 'shop', holdings: [aHoldingRef(2)] });
    await queues.toSweep([{ kind: 'hourly' }, { kind: 'weekly' }]);
    await queues.toIngest({ kind: 'fan-out', cursor: 'c-1' });
    await queues.toSeal({ kind: 'seal', hour: '2026-03-01T10' });
    await queues.replay('{"id":"1"}');
    expect(queues.isEmpty()).toBe(false);
    expect(queues.drainLane('shop').map(({ store }) => store)).toEqual(['shop']);
    expect(queues.drainLane().map(({ store }) => store)).toEqual(['crm']);
    expect(queues.drainSweep().map(({ kind }) => kind)).toEqual(['hourly', 'weekly']);
    expect(queues.drainIngest()).toHaveLength(1);
    expect(queues.drainSeal()).toHaveLength(1);
    expect(queues.drainReplayed()).toEqual(['{"id":"1"}']);
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
  test('everything that was put is found, and equal registries have equal snapshots', async () => {
    const fill = async (): Promise<ReturnType<typeof memoryRegistry>> => {
      const registry = memoryRegistry();
      await registry.putFact(anEntityRef(1), aFact(1));
      await registry.putState(anEntityRef(1), aState());
      await registry.putPointer(anEntityRef(1), aHoldingRef(1));
      await registry.putHolding(aFullHolding(1));
      await registry.putTombstone(aHolding(1, { state: 'disposed' }));
      await registry.putHint({ minute: at('2026-03-01T10:05:00Z'), holding: aHoldingRef(1) });
      await registry.park('hold-1', aHoldingRef(1));
      await registry.putInFlight({ lane: 'crm', token: 'a', holdings: [aHoldingRef(1)], until: 0 });
      await registry.takeAllowance('crm', at('2026-03-01T10:00:00Z'), 1, 10);
      return registry;
    };
    const registry = await fill();
    expect(registry.allFacts()).toEqual([{ entity: anEntityRef(1), fact: aFact(1) }]);
    expect([...registry.allStates().keys()]).toEqual([anEntityRef(1)]);
    expect(registry.allPointers()).toEqual([{ entity: anEntityRef(1), holding: aHoldingRef(1) }]);
    expect(registry.allHoldings()).toEqual([aFullHolding(1)]);
    expect(registry.allTombstones()).toHaveLength(1);
    expect(registry.allHints()).toHaveLength(1);
    expect(registry.allParked()).toEqual([{ hold: 'hold-1', holding: aHoldingRef(1) }]);
    expect(registry.allInFlight()).toHaveLength(1);
    expect(registry.allQuarantined()).toEqual([]);
    expect(JSON.stringify(registry.snapshot())).toBe(JSON.stringify((await fill()).snapshot()));
    await registry.unpark('hold-1', aHoldingRef(1));
    expect(JSON.stringify(registry.snapshot())).not.toBe(JSON.stringify((await fill()).snapshot()));
  });

  test('pages can be made small, so that few items show what many do', async () => {
    const registry = memoryRegistry({ pageSize: 2 });
    for (const n of [1, 2, 3, 4, 5]) await registry.putPointer(anEntityRef(1), aHoldingRef(n));
    expect((await registry.pointers(anEntityRef(1))).items).toHaveLength(2);
    expect(await walk((after) => registry.pointers(anEntityRef(1), after))).toHaveLength(5);
  });

  test('hints expire by their hour only', async () => {
    const registry = memoryRegistry();
    for (const time of ['09:59', '10:05', '11:00']) {
      await registry.putHint({ minute: at(`2026-03-01T${time}:00Z`), holding: aHoldingRef(1) });
    }
    expect(registry.expireHints(at('2026-03-01T10:06:00Z'))).toBe(1);
    expect(registry.allHints().map(({ minute }) => minute)).toEqual([
      at('2026-03-01T10:05:00Z'),
      at('2026-03-01T11:00:00Z'),
    ]);
  });
});
