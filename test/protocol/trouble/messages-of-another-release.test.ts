import { describe, expect, test } from 'vitest';
import { takeDelivery } from '../../../functions/ingest/own-faults.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { API_SOURCE } from '../../../shared/contract/bus.ts';
import { SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { ownFaultDelay, REFUSED_FROM } from '../../../shared/domain/configuration/queue-settings.ts';
import { envelope, type Sending } from '../../support/driver/envelopes.ts';
import { PRODUCER, SOURCE, world } from '../../support/driver/world.ts';
import { at } from '../../support/samples.ts';

const START = at('2026-03-01T10:00:00Z');
const HOUR = 3_600_000;
const sending: Sending = { source: SOURCE, id: 'e-1', arrived: START };
const happening = { entity: { type: 'contract', id: 'c-MARKER' }, occurred: '2026-02-28' };

/** What the api of a release publishes: it has identified the producer and accepted what was sent. */
function published(type: string, data: object): string {
  const body = JSON.parse(envelope(sending, type, data)) as { readonly detail: object };
  return JSON.stringify({
    ...body,
    source: API_SOURCE,
    detail: { ...body.detail, tenureproducer: PRODUCER },
  });
}

function ingestWorld(change: (configuration: Configuration) => Configuration = (same) => same) {
  const w = world();
  const queues = memoryQueues();
  const core = { ...w.core, queues, configuration: change(w.core.configuration) };
  const deliver = (body: string, deliveries: number) =>
    takeDelivery(core, { body, deliveries, sentAt: START, receipt: 'r' });
  return { ...w, core, queues, deliver };
}

/** As an `ingest` of the former release has it: it may not yet send the event. */
const former = (configuration: Configuration): Configuration => ({
  ...configuration,
  producers: Object.fromEntries(
    Object.entries(configuration.producers).map(([name, each]) => [name, { ...each, events: [] }]),
  ),
});

const OWN: readonly (readonly [string, string, (configuration: Configuration) => Configuration])[] = [
  ['a kind of message of its own', JSON.stringify({ kind: 'newer', walk: 'MARKER' }), (same) => same],
  [
    'a kind of event of its own',
    JSON.stringify({ ...JSON.parse(published('tenure.newer', {})), source: SWEEP_SOURCE }),
    (same) => same,
  ],
  ['an event with a member', published('contract.ended', { ...happening, newer: 'MARKER' }), (same) => same],
  ['an event that is granted since then', published('contract.ended', happening), former],
];

describe.each(OWN)('%s that the newer release sends', (_, body, change) => {
  test('waits for the newer ingest for an hour, and is then kept for an operator: neither lost nor endless', async () => {
    const { deliver, queues, registry, core } = ingestWorld(change);
    let seconds = 0;
    for (let delivery = 1; delivery < REFUSED_FROM; delivery += 1) {
      await expect(deliver(body, delivery)).rejects.toMatchObject({ code: 'MESSAGE_OF_ANOTHER_RELEASE' });
      seconds += ownFaultDelay(delivery);
      expect(queues.hidden.get('r') ?? core.configuration.timing.functionTimeout).toBeGreaterThan(0);
    }
    expect(seconds * 1000).toBeGreaterThanOrEqual(HOUR);
    expect(registry.allQuarantined()).toEqual([]);
    expect(await deliver(body, REFUSED_FROM)).toBe('done');
    expect(registry.allQuarantined()).toHaveLength(1);
    expect(registry.allFacts()).toEqual([]);
    expect(JSON.stringify(registry.allQuarantined())).not.toContain('MARKER');
  });
});

test('what the former ingest left waiting is taken by the newer one', async () => {
  const body = published('contract.ended', happening);
  const { deliver } = ingestWorld(former);
  await expect(deliver(body, 1)).rejects.toMatchObject({ code: 'MESSAGE_OF_ANOTHER_RELEASE' });
  const newer = ingestWorld();
  expect(await newer.deliver(body, 2)).toBe('done');
  expect(newer.registry.allFacts()).toHaveLength(1);
});

test('what a producer sends itself is refused at once', async () => {
  const { deliver, registry } = ingestWorld();
  expect(await deliver(envelope(sending, 'contract.ended', { ...happening, newer: 1 }), 1)).toBe('done');
  expect(registry.allQuarantined()).toMatchObject([{ code: 'BODY_INVALID' }]);
});

test('what only the registry can tell is refused at once, whoever accepted it', async () => {
  const { deliver, registry } = ingestWorld();
  expect(await deliver(published('contract.ended', happening), 1)).toBe('done');
  const other = published('contract.ended', { ...happening, occurred: '2026-02-27' });
  expect(await deliver(other, 1)).toBe('done');
  expect(registry.allQuarantined()).toMatchObject([{ code: 'EVENT_ID_REUSED' }]);
});
