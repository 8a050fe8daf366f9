import { describe, expect, test } from 'vitest';
import { producerGate } from '../../../functions/ingest/producer-gate.ts';
import { takeDelivery } from '../../../functions/ingest/own-faults.ts';
import { ingestRules } from '../../../infra/constructs/ingest-rules.ts';
import { localBus } from '../../../local/event-bus.ts';
import { agenda } from '../../../local/virtual/agenda.ts';
import { virtualQueue } from '../../../local/virtual/virtual-queue.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { queueSettings } from '../../../shared/domain/configuration/queue-settings.ts';
import { configuration } from '../../support/api-world.ts';
import { matchesPattern } from '../../support/event-pattern.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const FLOOD = 50_000;
/** As many batches at a time as Lambda processes by default. */
const RECEIVERS = 20;
const FACTS = 40;

const rules = ingestRules(configuration.producers);

/** The group in which the rules of the bus deliver a message. */
function groupOf(body: string): string | undefined {
  const event = JSON.parse(body) as unknown;
  const [rule, ...more] = rules.filter(({ pattern }) => matchesPattern(pattern, event));
  if (rule === undefined || more.length > 0) throw new Error('not exactly one rule delivers the message');
  return rule.group;
}

function ended(source: string, id: string) {
  const type = 'contract.ended';
  const data = { entity: { type: 'contract', id: `c-${id}` }, occurred: '2026-02-28' };
  return { source, type, detail: { specversion: '1.0', id, source, type, data } };
}

/** A flood of `shop` waits in the queue, and ingest is busy with it; then `rival` and the sweep send something. */
async function flooded(groupIn: (body: string) => string | undefined, flood = FLOOD) {
  const memory = memoryPorts(configuration, START);
  const { report, lines } = memoryReport();
  const keys = memoryKeys(new Uint8Array(32).fill(7));
  const core = { ...memory, keys, queues: memoryQueues(), report };
  const events = agenda();
  const queue = virtualQueue({
    name: 'ingest',
    settings: queueSettings(configuration.timing).ingest,
    clock: memory.clock,
    agenda: events,
  });
  const bus = localBus(memory.clock, async (body) => queue.send(body, 0, groupIn(body)));
  const arrive = (): void => events.happen(memory.clock.now());
  const put = ({ source, type, detail }: ReturnType<typeof ended>) => bus.putEvent(source, type, detail);

  for (let n = 0; n < flood; n += 1) {
    await put(ended('shop.example', `flood-${n}`));
    arrive();
  }
  const gate = producerGate(core);
  /** One after the other, as one instance of the function does. */
  async function process(batch: ReturnType<typeof queue.receive>): Promise<void> {
    for (const message of batch) {
      const { body, deliveries, sentAt, id } = message;
      if ((await takeDelivery(core, { body, deliveries, sentAt, receipt: id }, gate)) === 'done')
        queue.delete(message);
    }
  }
  let inFlight = Array.from({ length: RECEIVERS }, () => queue.receive());
  for (let n = 0; n < FACTS; n += 1) await put(ended('rival.example', `fact-${n}`));
  await bus.sendHeartbeat();
  arrive();

  /** Receives until all of these have been delivered, the messages that were in flight then included. */
  async function receivesUntil(isDone: () => Promise<boolean>, most: number): Promise<number | undefined> {
    for (let receives = 0; receives <= most; receives += 1) {
      if (await isDone()) return receives;
      const [first = [], ...rest] = inFlight;
      await process(first);
      inFlight = [...rest, queue.receive()];
    }
    return undefined;
  }
  const accepted = (producer: string): number =>
    lines.filter(({ code, fields }) => code === 'ingest.accepted' && fields?.producer === producer).length;
  return { ...core, queue, accepted, receivesUntil };
}

describe('a flood of one producer', () => {
  test('delays no fact of another producer and no heartbeat by more than the batches in flight and their own', async () => {
    const w = await flooded(groupOf);
    const heartbeat = await w.receivesUntil(async () => (await w.registry.heartbeat()) !== undefined, 100);
    const facts = await w.receivesUntil(async () => w.accepted('rival') === FACTS, 100);
    // 20 batches of the flood were in flight; 40 facts and the heartbeat fill five more.
    const fewest = RECEIVERS + Math.ceil((FACTS + 1) / 10);
    expect({ heartbeat, facts: (heartbeat ?? 0) + (facts ?? Infinity) }).toEqual({
      heartbeat: fewest - 1,
      facts: fewest,
    });
    // The flood itself goes on meanwhile.
    expect(w.queue.visible()).toBeGreaterThan(FLOOD - 10 * (2 * RECEIVERS + 10));
    expect(await w.receivesUntil(async () => w.accepted('shop') > 400, 100)).toBeGreaterThan(0);
  });

  test('would have delayed them by the whole flood without message groups', async () => {
    const w = await flooded(() => undefined, 5000);
    expect(
      await w.receivesUntil(async () => (await w.registry.heartbeat()) !== undefined, 100),
    ).toBeUndefined();
    const waiting = w.queue.messages().findIndex(({ body }) => body.includes('tenure.heartbeat'));
    expect(waiting).toBeGreaterThan(5000 - 2000);
  });
});
