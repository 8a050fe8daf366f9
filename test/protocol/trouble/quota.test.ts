import { describe, expect, test } from 'vitest';
import { takeDelivery } from '../../../functions/ingest/own-faults.ts';
import { producerGate } from '../../../functions/ingest/producer-gate.ts';
import { localBus } from '../../../local/event-bus.ts';
import { agenda } from '../../../local/virtual/agenda.ts';
import { virtualQueue } from '../../../local/virtual/virtual-queue.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { API_SOURCE } from '../../../shared/contract/bus.ts';
import { queueSettings } from '../../../shared/domain/configuration/queue-settings.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { configuration as whole } from '../../support/api-world.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const START = Date.parse('2026-03-01T10:05:00Z');
const MINUTE = 60_000;
const QUOTA = 100;

const { shop, ...others } = whole.producers;
if (shop === undefined) throw new Error('the API world has other producers');
const configuration = { ...whole, producers: { ...others, shop: { ...shop, itemsPerHour: QUOTA } } };

/** A call of a port that is made, and then the process dies; or dies before it. */
type Death = (name: string) => 'before' | 'after' | undefined;

function ingesting(death: Death = () => undefined) {
  const memory = memoryPorts(configuration, START);
  const { report, lines } = memoryReport();
  const events = agenda();
  const queue = virtualQueue({
    name: 'ingest',
    settings: queueSettings(configuration.timing).ingest,
    clock: memory.clock,
    agenda: events,
  });
  async function dying<Answer>(name: string, make: () => Promise<Answer>): Promise<Answer> {
    const when = death(name);
    if (when === 'before') throw new Error(`died before ${name}`);
    const answer = await make();
    if (when === 'after') throw new Error(`died after ${name}`);
    return answer;
  }
  const queues: Queues = {
    ...memoryQueues(),
    hide: async (receipt, seconds) => queue.hide(receipt, seconds),
    replay: (body, { delaySeconds, group } = {}) =>
      dying('replay', async () => queue.send(body, delaySeconds, group)),
  };
  const registry: Registry = {
    ...memory.registry,
    takeQuota: (...asked) => dying('takeQuota', () => memory.registry.takeQuota(...asked)),
    noteBehind: (...asked) => dying('noteBehind', () => memory.registry.noteBehind(...asked)),
  };
  const core = { ...memory, registry, queues, report, keys: memoryKeys(new Uint8Array(32).fill(7)) };
  const bus = localBus(memory.clock, async (body) => queue.send(body));
  const gate = producerGate(core);

  /** Everything that can be delivered until then. */
  async function runUntil(instant: number): Promise<void> {
    for (;;) {
      events.happen(memory.clock.now());
      for (const message of queue.receive()) {
        const { body, deliveries, sentAt, id } = message;
        const delivery = { body, deliveries, sentAt, receipt: id };
        if ((await takeDelivery(core, delivery, gate).catch(() => 'again')) === 'done') queue.delete(message);
      }
      if (queue.visible() > 0) continue;
      const next = events.next();
      if (next === undefined || next > instant) break;
      memory.clock.set(Math.max(next, memory.clock.now()));
    }
    memory.clock.set(instant);
  }
  const accepted = (producer: string): number =>
    lines.filter(({ code, fields }) => code === 'ingest.accepted' && fields.producer === producer).length;
  return { ...core, memory: memory.registry, bus, queue, lines, runUntil, accepted };
}

type Ingesting = ReturnType<typeof ingesting>;

async function send(w: Ingesting, source: string, count: number, from = source): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const [id, type] = [`e-${n}`, 'contract.ended'];
    const data = { entity: { type: 'contract', id: `c-${n}` }, occurred: '2026-02-28' };
    await w.bus.putEvent(source, type, { specversion: '1.0', id, source: from, type, data });
  }
}

const at = (time: string): number => Date.parse(`2026-03-01T${time}:00Z`);

describe('what a producer sends to the bus beyond its quota', () => {
  test('comes later, a quota in each hour, and nothing of it is lost or counted as a failure', async () => {
    const w = ingesting();
    await send(w, 'shop.example', 250);
    await w.runUntil(at('10:59'));
    expect(w.accepted('shop')).toBe(QUOTA);
    // What waits is delayed, not in flight.
    expect(w.queue.messages().map(({ deliveries }) => deliveries)).toEqual(
      Array.from({ length: 150 }, () => 0),
    );
    await w.runUntil(at('11:59'));
    expect(w.accepted('shop')).toBe(2 * QUOTA);
    await w.runUntil(at('12:59'));
    expect(w.accepted('shop')).toBe(250);
    expect(w.memory.allFacts()).toHaveLength(250);
    expect([w.queue.messages(), w.queue.deadLetters(), w.memory.allQuarantined()]).toEqual([[], [], []]);
    expect(w.lines.filter(({ code }) => code === 'ingest.failed')).toEqual([]);
  });

  test('delays no other producer, and is reported once while it goes on', async () => {
    const w = ingesting();
    await send(w, 'shop.example', 150);
    await send(w, 'rival.example', 150);
    await w.runUntil(START);
    expect([w.accepted('shop'), w.accepted('rival')]).toEqual([QUOTA, 150]);
    await w.runUntil(at('10:59'));
    expect(w.lines.filter(({ code }) => code === 'ingest.behind')).toEqual([
      { code: 'ingest.behind', fields: { producer: 'shop' } },
    ]);
    expect([...(await w.registry.intake()).behind.keys()]).toEqual(['shop']);
  });

  test('keeps the producer behind without a gap until the last message is taken, and for half an hour after', async () => {
    const w = ingesting();
    await send(w, 'shop.example', 250);
    const until = async (): Promise<number> => (await w.registry.intake()).behind.get('shop') ?? 0;
    await w.runUntil(START);
    for (; w.queue.messages().length > 0; await w.runUntil(w.clock.now() + MINUTE))
      expect(await until()).toBeGreaterThan(w.clock.now());
    expect(w.clock.now()).toBeGreaterThan(at('12:00'));
    expect(await until()).toBeLessThanOrEqual(w.clock.now() + 30 * MINUTE);
  });

  test('is counted even if it is wrong: a flood of nonsense fills the quarantine no faster than the quota', async () => {
    const w = ingesting();
    await send(w, 'shop.example', 150, 'another.example');
    await w.bus.putEvent('shop.example', 'nonsense', {});
    await w.runUntil(at('10:59'));
    expect(w.memory.allQuarantined()).toHaveLength(QUOTA);
    await w.runUntil(at('11:59'));
    expect(w.memory.allQuarantined()).toHaveLength(151);
  });

  test.each([
    ['gives a name twice', '{"source":"shop.example","a":1,"a":2}'],
    ['has a forbidden name', '{"__proto__":{}}'],
    ['is nested too deep', `{"a":${'['.repeat(101)}${']'.repeat(101)}}`],
    ['has a number that is too large', '{"a":1e999}'],
  ])('is counted even if its JSON %s', async (_, detail) => {
    const w = ingesting();
    for (let n = 0; n < 150; n += 1) {
      const envelope = {
        id: `b-${n}`,
        source: 'shop.example',
        'detail-type': 'x',
        time: '2026-03-01T10:05:00Z',
      };
      w.queue.send(`${JSON.stringify(envelope).slice(0, -1)},"detail":${detail}}`);
    }
    await w.runUntil(at('10:59'));
    expect(w.memory.allQuarantined()).toHaveLength(QUOTA);
  });

  test('is not what the api has counted already', async () => {
    const w = ingesting();
    for (let n = 0; n < 150; n += 1) {
      const data = { entity: { type: 'contract', id: `c-${n}` }, occurred: '2026-02-28' };
      const event = {
        specversion: '1.0',
        id: `e-${n}`,
        source: 'shop.example',
        type: 'contract.ended',
        data,
      };
      await w.bus.putEvent(API_SOURCE, 'contract.ended', { ...event, tenureproducer: 'shop' });
    }
    await w.runUntil(START);
    expect(w.accepted('shop')).toBe(150);
  });

  test('is not what comes again from the archive: it was counted when it came first', async () => {
    const w = ingesting();
    const first = ingesting();
    await send(first, 'shop.example', 150);
    for (const { body } of first.queue.messages()) {
      const envelope = JSON.parse(body) as object;
      w.queue.send(JSON.stringify({ ...envelope, 'replay-name': 'restore-1' }));
    }
    await w.runUntil(START);
    expect(w.accepted('shop')).toBe(150);
    expect((await w.registry.intake()).behind.size).toBe(0);
    // It takes nothing from the hour either.
    await send(w, 'shop.example', QUOTA, 'another.example');
    await w.runUntil(START);
    expect(w.memory.allQuarantined()).toHaveLength(QUOTA);
  });

  test('is what names a replay in its detail, where a producer can write', async () => {
    const w = ingesting();
    for (let n = 0; n < 150; n += 1)
      await w.bus.putEvent('shop.example', 'x', { 'replay-name': 'restore-1' });
    await w.runUntil(at('10:59'));
    expect(w.memory.allQuarantined()).toHaveLength(QUOTA);
  });

  test('counts again only from the first delivery: a message that fails and comes again is not counted twice', async () => {
    let isDown = true;
    const w = ingesting();
    const putFact = w.registry.putFact.bind(w.registry);
    Object.assign(w.registry, {
      putFact: (...asked: Parameters<typeof putFact>) =>
        isDown ? Promise.reject(new Error('down')) : putFact(...asked),
    });
    await send(w, 'shop.example', QUOTA);
    await w.runUntil(START + 10 * MINUTE);
    isDown = false;
    await w.runUntil(at('10:59'));
    expect(w.accepted('shop')).toBe(QUOTA);
  });
});

describe('a producer whose messages wait in the queue for more than five minutes', () => {
  test('is behind, although its quota is not used up: the heartbeat may have overtaken them', async () => {
    const w = ingesting();
    await send(w, 'rival.example', 1);
    w.clock.set(START + 5 * MINUTE + 1);
    await w.runUntil(w.clock.now());
    expect(w.accepted('rival')).toBe(1);
    expect(await w.registry.intake()).toEqual({
      behind: new Map([['rival', w.clock.now() + 30 * MINUTE]]),
    });
  });
});

describe('an ingest that dies at the quota', () => {
  test.each(['takeQuota', 'noteBehind', 'replay'])('before or after %s loses no message', async (name) => {
    for (const when of ['before', 'after'] as const) {
      for (const turn of [1, 2, 3]) {
        let calls = 0;
        const w = ingesting((made) => (made === name && (calls += 1) === turn ? when : undefined));
        await send(w, 'shop.example', 130);
        await w.runUntil(at('12:59'));
        expect({ when, turn, facts: w.memory.allFacts().length }).toEqual({ when, turn, facts: 130 });
        expect(w.queue.messages()).toEqual([]);
        expect(calls).toBeGreaterThanOrEqual(name === 'noteBehind' ? 1 : turn);
      }
    }
  });
});
