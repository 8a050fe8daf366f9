import type { SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { ingestHandler } from '../../functions/ingest/handler.ts';
import { takeDelivery } from '../../functions/ingest/own-faults.ts';
import { retryOwnFault } from '../../functions/ingest/retry-quarantined.ts';
import { localBus } from '../../local/event-bus.ts';
import { type Interceptor, runFunction } from '../../local/virtual/run-function.ts';
import { virtualDeployment } from '../../local/virtual/virtual-deployment.ts';
import { memoryKeys } from '../../shared/adapters/memory/memory-keys.ts';
import { memoryQueues } from '../../shared/adapters/memory/memory-queues.ts';
import { memoryReport } from '../../shared/adapters/memory/memory-report.ts';
import { eventRef } from '../../shared/domain/configuration/references.ts';
import type { Registry } from '../../shared/ports/registry.ts';
import { sweepQuarantine } from '../../shared/protocol/sweep-quarantine.ts';
import { killAt } from '../support/driver/kill-points.ts';
import { happened } from '../support/driver/envelopes.ts';
import { PRODUCER, SOURCE, world } from '../support/driver/world.ts';
import { memoryPorts } from '../support/memory-ports.ts';
import { at } from '../support/samples.ts';

const START = at('2026-03-01T10:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;
/** Of `world`. */
const KEY = await world().core.keys.registryKey();
const { configuration } = world().core;

function event(id: string): string {
  const sending = { source: SOURCE, id, arrived: START };
  return happened(sending, 'contract.ended', { type: 'contract', id: `c-${id}-MARKER` }, '2026-02-28');
}

type Broken = ReturnType<typeof brokenWorld>;

/** The process dies whenever it comes to this call. */
function killWhere(name: string): Interceptor {
  return async (call) => {
    if (call.name !== name) return call.make();
    call.abandon();
    return new Promise<never>(() => undefined);
  };
}

/** A deployment whose registry takes no facts, or not these, while it is broken; the hourly sweep runs. */
function brokenWorld() {
  const memory = memoryPorts(configuration, START);
  const { report, lines } = memoryReport();
  const state = { isBroken: true, kills: new Set<string>(), tries: 0 };
  const runs: number[] = [];
  const registry: Registry = {
    ...memory.registry,
    async putFact(entity, fact) {
      state.tries += 1;
      if (state.isBroken) throw Object.assign(new Error('c-MARKER'), { code: 'REGISTRY_DOWN' });
      return memory.registry.putFact(entity, fact);
    },
  };
  const keys = memoryKeys(new Uint8Array(32).fill(7));
  const deployment = virtualDeployment({
    configuration,
    clock: memory.clock,
    timers: memory.timers,
    settings: (_, deployed) => ({ ...deployed, batchSize: 1 }),
    async run(to, [message]) {
      if (message === undefined) return [];
      const isKiller = [...state.kills].some((id) => message.body.includes(`"${id}"`));
      if (to.queue === 'ingest' && message.body.includes('MARKER'))
        runs.push((memory.clock.now() - START) / MINUTE);
      const interceptor = isKiller ? { interceptor: killWhere('keys.registryKey') } : {};
      try {
        return (await runFunction(to, functions, message, interceptor)) === 'done' ? [message] : [];
      } catch {
        return [];
      }
    },
  });
  const queues = deployment.queuesOn(memory.clock);
  const functions = { ...memory, registry, keys, queues, report, stores: {} };
  return {
    ...memory,
    functions,
    core: functions,
    tries: () => state.tries,
    keys,
    state,
    runs,
    lines,
    send: (id: string) => deployment.queue('ingest').send(event(id)),
    waiting: () => deployment.queue('ingest').messages(),
    async until(instant: number): Promise<void> {
      for (let hour = memory.clock.now() + HOUR; hour <= instant; hour += HOUR) {
        await deployment.runUntil(hour);
        await queues.toSweep([{ kind: 'hourly' }]);
      }
      await deployment.runUntil(instant);
    },
  };
}

describe('a message that fails for our own reasons', () => {
  test('comes again after growing delays, and counts once the fault is repaired', async () => {
    const w = brokenWorld();
    w.send('e-1');
    await w.until(START + 2 * HOUR);
    expect(w.runs).toEqual([0, 1, 3, 7, 15, 31, 63]);
    expect(w.registry.allQuarantined()).toEqual([]);
    w.state.isBroken = false;
    await w.until(START + 3 * HOUR);
    expect(w.registry.allFacts()).toHaveLength(1);
    expect(w.waiting()).toEqual([]);
    expect(JSON.stringify(w.lines)).not.toContain('MARKER');
  });

  test('is quarantined on the twelfth day, tried again once a day, and leaves when it counts', async () => {
    const w = brokenWorld();
    w.send('e-1');
    await w.until(START + 12 * DAY - HOUR);
    expect(w.registry.allQuarantined()).toEqual([]);
    expect(w.waiting()).toHaveLength(1);
    await w.until(START + 12 * DAY + 5 * HOUR);
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'OWN_FAULT', reason: '' }]);
    expect(w.waiting()).toEqual([]);
    const before = w.tries();
    await w.until(START + 17 * DAY + 5 * HOUR);
    expect(w.tries() - before).toBe(5);
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'OWN_FAULT' }]);
    w.state.isBroken = false;
    await w.until(START + 19 * DAY);
    expect(w.registry.allFacts()).toHaveLength(1);
    expect(w.registry.allQuarantined()).toEqual([]);
    expect(JSON.stringify(w.lines)).not.toContain('MARKER');
  });

  test('is processed though it is as old, when nothing ran before', async () => {
    const w = brokenWorld();
    w.state.isBroken = false;
    const old = { body: event('e-1'), deliveries: 1, sentAt: START - 13 * DAY, receipt: 'r' };
    expect(await takeDelivery(w.core, old)).toBe('done');
    expect(w.registry.allFacts()).toHaveLength(1);
    w.state.isBroken = true;
    expect(await takeDelivery(w.core, { ...old, body: event('e-2') })).toBe('done');
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'OWN_FAULT' }]);
  });

  test('and stops the function each time is hidden before it is touched, and does not end in nothing', async () => {
    const w = brokenWorld();
    w.state.isBroken = false;
    w.state.kills.add('e-1');
    w.send('e-1');
    w.send('e-2');
    await w.until(START + HOUR);
    expect(w.registry.allFacts()).toHaveLength(1);
    await w.until(START + 12 * DAY + 5 * HOUR);
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'OWN_FAULT' }]);
    // 0, 6, 12 minutes: its own time; then 8, 16 … minutes and every four hours.
    expect(w.runs.length).toBeLessThan(85);
    w.state.kills.clear();
    await w.until(START + 14 * DAY);
    expect(w.registry.allFacts()).toHaveLength(2);
    expect(w.registry.allQuarantined()).toEqual([]);
  });
});

describe('in a batch', () => {
  test('one that fails is hidden, reported with its age, and stops no other', async () => {
    const { core, handler, registry, queues, lines } = handledWorld('e-2');
    const Records = ['e-1', 'e-2', 'e-3'].map((id) => recordOf(id, 5, core.clock.now() - 15 * MINUTE));
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-e-2' }] });
    expect(registry.allFacts()).toHaveLength(2);
    // Hidden before they were touched; those that were processed are deleted.
    expect(queues.hidden.get('r-e-2')).toBe(960);
    const failed = lines.filter(({ code }) => code === 'ingest.failed');
    expect(failed).toEqual([
      { code: 'ingest.failed', fields: { code: 'REGISTRY_DOWN', count: 1, seconds: 900 } },
    ]);
  });

  test('the first delivery asks the queue for nothing when it succeeds, and for a minute when it fails', async () => {
    const { core, handler, queues } = handledWorld('e-2');
    await handler({ Records: ['e-1', 'e-2'].map((id) => recordOf(id, 1, core.clock.now())) });
    expect([...queues.hidden]).toEqual([['r-e-2', 60]]);
  });

  test('a queue that cannot hide a message changes nothing else', async () => {
    const { core, handler, registry } = handledWorld('e-2', true);
    const Records = ['e-1', 'e-2', 'e-3'].map((id) => recordOf(id, 6, core.clock.now()));
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-e-2' }] });
    expect(registry.allFacts()).toHaveLength(2);
  });

  test('the same deliveries twice count once', async () => {
    const { core, handler, registry } = handledWorld('none');
    const Records = ['e-1', 'e-2'].map((id) => recordOf(id, 4, core.clock.now()));
    for (const _ of [1, 2]) expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(registry.allFacts()).toHaveLength(2);
  });

  test('one that cannot even be quarantined on its last day comes again', async () => {
    const { core, handler, registry } = handledWorld('e-1');
    const down = { ...core.registry, putQuarantined: () => Promise.reject(new Error('down')) };
    const Records = [recordOf('e-1', 60, core.clock.now() - 12 * DAY)];
    const failing = ingestHandler({ ...core, registry: down });
    expect((await failing({ Records })).batchItemFailures).toHaveLength(1);
    expect((await handler({ Records })).batchItemFailures).toEqual([]);
    expect(registry.allQuarantined()).toHaveLength(1);
  });
});

describe('what is tried again from quarantine', () => {
  const retryOf = async (w: Broken): Promise<string> => {
    const [item] = w.registry.allQuarantined();
    const bodies: string[] = [];
    await localBus(w.clock, async (body) => void bodies.push(body)).retry([item?.id ?? '']);
    return bodies[0] ?? '';
  };

  async function quarantinedWorld() {
    const w = brokenWorld();
    const old = { body: event('e-1'), deliveries: 60, sentAt: START - 12 * DAY, receipt: 'r' };
    await takeDelivery(w.core, old);
    w.state.isBroken = false;
    w.clock.advance(DAY);
    return w;
  }

  const deliveryOf = (w: Broken, body: string, deliveries = 1) =>
    ({ body, deliveries, sentAt: w.clock.now(), receipt: 'r' }) as const;

  test('may die before or after every call: the fact counts once, and nothing is lost', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let call = 1, isOver = false; !isOver; call += 1) {
        const w = await quarantinedWorld();
        const retry = deliveryOf(w, await retryOf(w));
        const message = { id: 'm', ...retry };
        const to = { queue: 'ingest', verb: 'ingest' } as const;
        const ended = await runFunction(to, w.functions, message, { interceptor: killAt(call, when) });
        isOver = ended === 'done';
        const isKept = w.registry.allQuarantined().length === 1 || w.registry.allFacts().length === 1;
        expect(isKept, `${when} call ${call}`).toBe(true);
        // Its message comes again at once; on the next day the sweep sends another one.
        await takeDelivery(w.core, { ...retry, deliveries: 2 });
        w.clock.advance(DAY);
        if (w.registry.allQuarantined().length > 0)
          await takeDelivery(w.core, deliveryOf(w, await retryOf(w)));
        expect(w.registry.allFacts(), `${when} call ${call}`).toHaveLength(1);
        expect(w.registry.allQuarantined(), `${when} call ${call}`).toEqual([]);
        if (call > 40) throw new Error('the run never ends');
      }
    }
  });

  test('is tried once a day, however many messages ask for it', async () => {
    const w = await quarantinedWorld();
    w.state.isBroken = true;
    const retry = await retryOf(w);
    for (const deliveries of [1, 2, 3])
      expect(await takeDelivery(w.core, deliveryOf(w, retry, deliveries))).toBe('done');
    expect(w.tries()).toBe(1);
    expect(w.registry.allQuarantined()).toMatchObject([{ triedAt: w.clock.now() }]);
  });

  test('is nothing when an operator settled it, and asks for nothing that was refused for another reason', async () => {
    const w = await quarantinedWorld();
    const retry = await retryOf(w);
    const [item] = w.registry.allQuarantined();
    if (item === undefined) throw new Error('nothing is quarantined');
    await w.registry.putQuarantined({ ...item, code: 'EVENT_ID_REUSED' });
    await takeDelivery(w.core, deliveryOf(w, retry));
    expect(w.registry.allFacts()).toEqual([]);
    await w.registry.removeQuarantined(item.id);
    await takeDelivery(w.core, deliveryOf(w, retry));
    expect([w.registry.allFacts(), w.registry.allQuarantined()]).toEqual([[], []]);
  });

  test('stays with the code of its refusal when it is refused now', async () => {
    const w = await quarantinedWorld();
    const producers = { portal: { ...Object.values(configuration.producers)[0]!, events: [] } };
    const core = { ...w.core, configuration: { ...configuration, producers } };
    await takeDelivery(core, deliveryOf(w, await retryOf(w)));
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'EVENT_NOT_GRANTED', producer: 'portal' }]);
  });

  test('stays settled when an operator settles it while it is refused', async () => {
    const w = await quarantinedWorld();
    const [item] = w.registry.allQuarantined();
    const retry = deliveryOf(w, await retryOf(w));
    const producers = { portal: { ...Object.values(configuration.producers)[0]!, events: [] } };
    const keys: typeof w.core.keys = {
      ...w.core.keys,
      async decrypt(from, sealed) {
        expect(await w.registry.removeQuarantined(item?.id ?? '')).toBe('removed');
        return w.core.keys.decrypt(from, sealed);
      },
    };
    await takeDelivery({ ...w.core, keys, configuration: { ...configuration, producers } }, retry);
    expect(w.registry.allQuarantined()).toEqual([]);
  });

  test('is kept when it waits for a worker, and is refused before this run has ended', async () => {
    const w = await quarantinedWorld();
    const [item] = w.registry.allQuarantined();
    const refused = { ...w.core, configuration: { ...configuration, producers: {} } };
    const queues: typeof w.core.queues = {
      ...w.core.queues,
      // Another run is faster.
      replay: async (body) => void (await takeDelivery(refused, deliveryOf(w, body))),
    };
    await retryOwnFault({ ...w.core, queues }, item?.id ?? '', async () => ({ ok: true, value: 'again' }));
    expect(w.registry.allFacts()).toEqual([]);
    expect(w.registry.allQuarantined()).toMatchObject([{ code: 'UNKNOWN_PRODUCER' }]);
  });

  test('is found wherever it lies in a long quarantine', async () => {
    const w = brokenWorld();
    w.state.isBroken = false;
    const core = {
      ...w.core,
      queues: { ...w.core.queues, retry: async (ids: readonly string[]) => void sent.push(...ids) },
    };
    const sent: string[] = [];
    const item = (n: number, code: string) =>
      w.registry.putQuarantined({
        id: String(n).padStart(5, '0'),
        receivedAt: w.clock.now() - DAY,
        code,
        reason: '',
        sealed: 'x',
      });
    for (let n = 0; n < 4500; n += 1) await item(n, n % 1000 === 999 ? 'OWN_FAULT' : 'EVENT_ID_REUSED');
    for (let hour = 0; hour < 3; hour += 1) await sweepQuarantine(core);
    expect([...new Set(sent)]).toEqual(['00999', '01999', '02999', '03999']);
    // What fails again and again at the beginning stops nothing at the end.
    for (let n = 0; n < 2000; n += 1) await item(n, 'OWN_FAULT');
    for (let n = 4000; n < 4500; n += 1) await item(n, 'OWN_FAULT');
    sent.length = 0;
    for (let hour = 0; hour < 6; hour += 1) {
      const before = sent.length;
      await sweepQuarantine(core);
      for (const id of sent.slice(before)) await w.registry.noteTry(id, w.clock.now());
    }
    expect(sent.filter((id) => id >= '04000')).toHaveLength(500);
  });

  test('from any other source is refused', async () => {
    const w = await quarantinedWorld();
    const forged = (await retryOf(w)).replaceAll('tenure.sweep', SOURCE);
    await takeDelivery(w.core, deliveryOf(w, forged));
    expect(w.registry.allFacts()).toEqual([]);
    expect(w.registry.allQuarantined()).toHaveLength(2);
  });
});

/** The handler over a registry that takes every fact but this one's. */
function handledWorld(bad: string, cannotHide = false) {
  const w = world();
  const { report, lines } = memoryReport();
  const queues = memoryQueues();
  const hide = cannotHide ? () => Promise.reject(new Error('throttled')) : queues.hide.bind(queues);
  const badFact = w.registry;
  const registry: Registry = {
    ...w.registry,
    async putFact(entity, fact) {
      const isBad = fact.ref === eventRef(KEY, PRODUCER, bad);
      if (isBad) throw Object.assign(new Error('c-MARKER'), { code: 'REGISTRY_DOWN' });
      return badFact.putFact(entity, fact);
    },
  };
  const core = { ...w.core, registry, queues: { ...queues, hide }, report };
  return { core, handler: ingestHandler(core), registry: w.registry, queues, lines };
}

function recordOf(id: string, deliveries: number, sentAt: number): SQSRecord {
  return {
    messageId: `m-${id}`,
    receiptHandle: `r-${id}`,
    body: event(id),
    attributes: { ApproximateReceiveCount: String(deliveries), SentTimestamp: String(sentAt) },
  } as SQSRecord;
}
